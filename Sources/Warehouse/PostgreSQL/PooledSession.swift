import Core
import Synchronization

/// A session that a pool lent out: `end` gives its connection back, reset, and no call gets through after that.
final class PooledSession: EngineSession {
    private let session: BlockingSession
    private let pool: PostgreSQLPool
    private let isEnded = Mutex(false)

    init(_ session: BlockingSession, of pool: PostgreSQLPool) {
        self.session = session
        self.pool = pool
    }

    /// Let go of without `end`: the connection closes, and its place in the pool is free.
    deinit {
        if !isEnded.withLock({ $0 }) { pool.lose() }
    }

    private var lent: BlockingSession {
        get throws {
            guard !isEnded.withLock({ $0 }) else { throw EngineError.sessionEnded }
            return session
        }
    }

    func execute(_ sql: String) async throws { try await lent.execute(sql) }

    func query(_ sql: String, parameters: [Value]) async throws -> Table {
        try await lent.query(sql, parameters: parameters)
    }

    func stream(
        _ sql: String, parameters: [Value], _ body: @escaping @Sendable (Table) throws -> Void
    ) async throws { try await lent.stream(sql, parameters: parameters, body) }

    func load(
        _ table: QualifiedName, columns: [(name: String, type: ColumnType)], batch: Table
    ) async throws { try await lent.load(table, columns: columns, batch: batch) }

    func interrupt() {
        // With the lock held: the connection cannot be lent to another meanwhile.
        isEnded.withLock { if !$0 { session.interrupt() } }
    }

    func end() async {
        let wasEnded = isEnded.withLock { isEnded in
            defer { isEnded = true }
            return isEnded
        }
        if !wasEnded { await pool.giveBack(session) }
    }
}
