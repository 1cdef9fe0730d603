internal import Core
internal import Warehouse

/// The rows of a statement over an ODBC source such as SQL Server: one statement, read only.
final class ODBCRowReader: RowReader {
    private let session: ODBCSession
    let place: String

    /// Connects and has the statement described.
    /// - Throws: `ODBCError`; nothing of it is a secret or a value.
    init(connection: String, _ statement: ODBCSession.Statement) async throws {
        place =
            switch statement {
            case .table(let parts): "odbc table \(parts.joined(separator: "."))"
            case .query: "odbc query"
            }
        session = try await ODBCSession.open(ODBCConnectionText(connection), statement)
    }

    func columns() async throws -> [String] {
        let names = try await session.columns()
        guard !names.contains("") else {
            throw NodeError(.input, "a column of the --query has no name: give it one by AS")
        }
        return names
    }

    func read(_ body: @escaping @Sendable (Table) throws -> Void) async throws {
        try await session.read(body)
    }

    func close() async { await session.close() }

    /// What is asked of the source: the query that was given, else the table that was given, else the mapping's.
    static func statement(
        _ mapping: TableMapping, table: String?, query: String?
    ) throws -> ODBCSession.Statement {
        if let query { return .query(query) }
        return .table(try DatabaseTableSource.tableParts(mapping, given: table, most: 3))
    }
}
