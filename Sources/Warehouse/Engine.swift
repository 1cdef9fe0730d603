package import Core

/// A database that holds a controller's tables, or the coordinator's merge tables.
///
/// Both adapters keep the contract that `Tests/WarehouseTests/Contract` states.
package protocol Engine: Sendable {
    /// Which SQL it reads.
    var dialect: EngineDialect { get }

    /// Opens a connection that the caller holds exclusively until `EngineSession.end`.
    /// - Throws: `EngineError`.
    func session() async throws -> any EngineSession

    /// Lets go of the database; sessions that are open stay usable until they end. Opens no more.
    func close() async
}

/// The SQL an engine reads; `Query` prints a typed plan in it.
package enum EngineDialect: String, Hashable, Sendable, CaseIterable {
    case duckdb
    case postgresql
}

/// One connection. Statements run one after the other, on a thread of the session's own.
///
/// Cancelling the task that waits for a statement interrupts it. All functions throw `EngineError`.
package protocol EngineSession: Sendable {
    /// Runs statements that return nothing of interest: DDL, DML, BEGIN, COMMIT. Several may be separated by
    /// `;`.
    func execute(_ sql: String) async throws

    /// Runs one statement and returns its whole result: for small results.
    /// - Parameter parameters: the values of `$1`, `$2`, …
    func query(_ sql: String, parameters: [Value]) async throws -> Table

    /// Runs one statement and hands its result over in batches, at least once (an empty result is one batch
    /// without rows). `body` runs on the session's thread; what it throws ends the statement and is rethrown.
    func stream(_ sql: String, parameters: [Value], _ body: @escaping @Sendable (Table) throws -> Void)
        async throws

    /// Appends rows to a table: `batch`'s columns, by position, go to the named columns of the table; the
    /// table's other columns take their defaults.
    ///
    /// A batch may be partly in after an error, unless it runs within `transaction`. There an engine may throw what
    /// is wrong with a row from a later call only, at the latest from COMMIT.
    /// - Parameter columns: the name and declared type of each, as in the table's definition.
    func load(_ table: QualifiedName, columns: [(name: String, type: ColumnType)], batch: Table) async throws

    /// Ends the statement that is running now, if any, with `EngineError.Code.cancelled`. May be called from
    /// any thread; does not wait and never touches a later statement.
    func interrupt()

    /// Closes the connection; an open transaction is rolled back. Further calls throw `.sessionEnded`.
    func end() async
}

extension EngineSession {
    /// Runs one statement without parameters and returns its whole result.
    package func query(_ sql: String) async throws -> Table {
        try await query(sql, parameters: [])
    }

    /// Runs `body` between BEGIN and COMMIT, or ROLLBACK if it throws.
    package func transaction<Result: Sendable>(
        _ body: @Sendable (any EngineSession) async throws -> Result
    ) async throws -> Result {
        try await execute("BEGIN")
        do {
            let result = try await body(self)
            try await execute("COMMIT")
            return result
        } catch {
            // In a task of its own: a cancelled task could not roll back.
            await Task { try? await execute("ROLLBACK") }.value
            throw error
        }
    }
}

extension Engine {
    /// Runs `body` with a session that is ended afterwards.
    package func withSession<Result: Sendable>(
        _ body: @Sendable (any EngineSession) async throws -> Result
    ) async throws -> Result {
        let session = try await session()
        do {
            let result = try await body(session)
            await session.end()
            return result
        } catch {
            await session.end()
            throw error
        }
    }
}

/// The name of a table, with its schema where it is not the default one.
package struct QualifiedName: Hashable, Sendable {
    package let schema: String?
    package let name: String

    package init(schema: String? = nil, _ name: String) {
        self.schema = schema
        self.name = name
    }

    /// Quoted for SQL, e.g. `"reference"."imd"`.
    package var sql: String {
        [schema, name].compactMap(\.self).map(SQLQuoting.identifier).joined(separator: ".")
    }
}
