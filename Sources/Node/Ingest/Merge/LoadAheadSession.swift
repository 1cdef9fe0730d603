internal import Core
internal import Warehouse

/// A session whose loads go on while the next rows are being decided on: it waits for them when something else is asked
/// of it, and throws there what was wrong with one.
///
/// For one caller, in transactions: there an error of a load may come late (`EngineSession.load`), at the latest from
/// COMMIT. ROLLBACK takes a load that failed back with everything else.
actor LoadAheadSession: EngineSession {
    /// Loads that may be under way: about those of a batch, so that the warehouse has work while the next is decided on.
    private static let depth = 6

    private let session: any EngineSession
    /// In order; each begins when the one before it has ended.
    private var loading: [Task<Void, any Error>] = []

    init(_ session: any EngineSession) { self.session = session }

    /// Waits until so many loads are under way at most.
    private func settle(to rest: Int = 0) async throws {
        while loading.count > rest {
            let first = loading.removeFirst()
            try await withTaskCancellationHandler {
                try await first.value
            } onCancel: {
                first.cancel()
            }
        }
    }

    /// Waits for all that are under way, however they end.
    private func abandon() async {
        for load in loading { _ = await load.result }
        loading = []
    }

    func load(
        _ table: QualifiedName, columns: [(name: String, type: ColumnType)], batch: Table
    ) async throws {
        try await settle(to: Self.depth - 1)
        let (session, before) = (session, loading.last)
        loading.append(
            Task {
                try await before?.value
                try await session.load(table, columns: columns, batch: batch)
            })
    }

    func execute(_ sql: String) async throws {
        if sql == "ROLLBACK" { await abandon() } else { try await settle() }
        try await session.execute(sql)
    }

    func query(_ sql: String, parameters: [Value]) async throws -> Table {
        try await settle()
        return try await session.query(sql, parameters: parameters)
    }

    func stream(
        _ sql: String, parameters: [Value], _ body: @escaping @Sendable (Table) throws -> Void
    ) async throws {
        try await settle()
        try await session.stream(sql, parameters: parameters, body)
    }

    nonisolated func interrupt() { session.interrupt() }

    /// Whoever lent the session ends it.
    func end() async { await abandon() }
}
