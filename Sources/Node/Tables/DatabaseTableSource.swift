internal import Core
internal import Warehouse

/// Reads the rows of a table of another database as text, in batches.
protocol RowReader: Sendable {
    /// For the quarantine: where the table lies, without the way in.
    var place: String { get }
    func columns() async throws -> [String]
    /// - Parameter body: is called on a thread of the reader's own.
    func read(_ body: @escaping @Sendable (Table) throws -> Void) async throws
    func close() async
}

/// A table of another database: its rows go through a DuckDB instance in memory, which may read no file at all.
final class DatabaseTableSource: TableSource {
    let name: String
    let size = 0
    let hasHeader = false
    private let reader: any RowReader
    private let mapper: TableReader
    private var session: any EngineSession { mapper.session }

    var path: String { reader.place }

    init(name: String, reader: any RowReader, settings: DuckDBSettings) async throws {
        self.name = name
        self.reader = reader
        mapper = try await TableReader(of: [], settings)
    }

    func columns() async throws -> [String] { try await reader.columns() }

    func stream(
        _ statement: @Sendable (String) -> String, _ body: @escaping @Sendable (Table) throws -> Void
    ) async throws {
        let columns = try await columns().indices.map { (name: "r\($0)", type: ColumnType.text) }
        let list = columns.map { "\($0.name) VARCHAR" }.joined(separator: ", ")
        let sql = statement("incoming_rows")
        let channel = RowChannel(depth: 2)
        let reading = Task { [reader] in
            defer { channel.finish() }
            try await reader.read { try channel.send($0) }
        }
        do {
            for await batch in channel.batches {
                // A new table each time: what was deleted would keep its room.
                try await session.execute("CREATE OR REPLACE TABLE incoming_rows (\(list))")
                try await session.load(QualifiedName("incoming_rows"), columns: columns, batch: batch)
                try await session.stream(sql, parameters: [], body)
                channel.release()
            }
            try await reading.value
        } catch {
            channel.close()
            _ = await reading.result
            throw error
        }
    }

    func unreadable(_ body: (UnreadableLine) throws -> Void) async throws {}

    func close() async {
        await mapper.close()
        await reader.close()
    }

    /// `schema.table`, or `table`.
    static func tableName(_ mapping: TableMapping, given: String? = nil) throws -> QualifiedName {
        let parts = try tableParts(mapping, given: given, most: 2)
        return QualifiedName(schema: parts.count == 2 ? parts[0] : nil, parts[parts.count - 1])
    }

    /// The table that was given, else the mapping's, in the parts of its name.
    static func tableParts(_ mapping: TableMapping, given: String?, most: Int) throws -> [String] {
        guard let text = given ?? mapping.source.table?.text else {
            throw NodeError(
                .input,
                "mapping '\(mapping.name)' names no table: give --table schema.table, or add "
                    + "'source: {table: schema.table}' to it")
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard (1...most).contains(parts.count), !parts.contains("") else {
            throw NodeError(.input, "'\(text)' is no table: write schema.table")
        }
        return parts
    }
}

/// A table of a PostgreSQL server, in one statement: one state of it, read only.
final class PostgreSQLRowReader: RowReader {
    private let engine: PostgreSQLEngine
    private let table: QualifiedName

    var place: String { "postgresql table \(table.sql)" }

    init(connectionString: String, table: QualifiedName) {
        engine = PostgreSQLEngine(connectionString: connectionString)
        self.table = table
    }

    func close() async { await engine.close() }

    /// Name and type of each column of the table `$1`.
    static let columnsSQL = """
        SELECT CAST(attname AS text), CAST(CAST(atttypid AS regtype) AS text) FROM pg_attribute
        WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
        """

    private func types() async throws -> [(name: String, type: String)] {
        let table = table.sql
        let found: Table
        do {
            found = try await engine.withSession {
                try await $0.query(
                    Self.columnsSQL, parameters: [.text(table)])
            }
        } catch let error as EngineError where error.code == .connection {
            throw NodeError(
                .input, "cannot connect to the source: check --source, the server and its certificate")
        }
        guard found.rowCount > 0 else {
            throw NodeError(.input, "the source has no table or view \(table), or it may not be seen")
        }
        return found.rows.map { ($0[0].text, $0[1].text) }
    }

    func columns() async throws -> [String] { try await types().map(\.name) }

    func read(_ body: @escaping @Sendable (Table) throws -> Void) async throws {
        let list = try await types().map { name, type in
            let column = SQLQuoting.identifier(name)
            // The session is in UTC: times with a zone become UTC, as everywhere.
            return type == "timestamp with time zone"
                ? "CAST(CAST(\(column) AS timestamp) AS text)" : "CAST(\(column) AS text)"
        }
        let sql = "SELECT \(list.joined(separator: ", ")) FROM \(table.sql)"
        try await engine.withSession { session in
            try await session.execute("SET default_transaction_read_only = on")
            try await session.stream(sql, parameters: [], body)
        }
    }
}
