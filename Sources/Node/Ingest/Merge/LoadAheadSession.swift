internal import Core
internal import Warehouse

/// A session whose loads go on while the next rows are being decided on: it waits for a load when the next thing is asked
/// of it, and throws there what was wrong with it.
///
/// For one caller, in transactions: there an error of a load may come late (`EngineSession.load`), at the latest from
/// COMMIT. ROLLBACK takes a load that failed back with everything else.
actor LoadAheadSession: EngineSession {
    private let session: any EngineSession
    private var loading: Task<Void, any Error>?

    init(_ session: any EngineSession) { self.session = session }

    /// Waits for the load that is under way.
    private func settle() async throws {
        guard let loading else { return }
        self.loading = nil
        try await withTaskCancellationHandler {
            try await loading.value
        } onCancel: {
            loading.cancel()
        }
    }

    func load(
        _ table: QualifiedName, columns: [(name: String, type: ColumnType)], batch: Table
    ) async throws {
        try await settle()
        let session = session
        loading = Task { try await session.load(table, columns: columns, batch: batch) }
    }

    func execute(_ sql: String) async throws {
        if sql == "ROLLBACK" { try? await settle() } else { try await settle() }
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
    func end() async { try? await settle() }
}
