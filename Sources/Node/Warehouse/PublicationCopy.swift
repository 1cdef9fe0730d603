internal import Core
internal import Warehouse

/// Copies schemas of a PostgreSQL warehouse into a DuckDB file, a batch of rows at a time.
struct PublicationCopy: Sendable {
    let record: any Engine
    let target: any Engine

    private struct TableShape: Sendable {
        let name: QualifiedName
        var columns: [(name: String, type: String)]
    }

    /// Schemas of tables about nobody.
    private static let references = ["reference", "codelist", "terminology"]

    /// Tells the reference tables that stand in the warehouse apart from others: they are only ever made anew.
    static func references(in record: any EngineSession) async throws -> String {
        let schemas = references.map(SQLQuoting.literal).joined(separator: ", ")
        let found = try await record.query(
            """
            SELECT coalesce(md5(string_agg(format('%s.%s %s', n.nspname, c.relname, c.relfilenode), ','
              ORDER BY n.nspname, c.relname)), '') AS digest
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname IN (\(schemas)) AND c.relkind = 'r'
            """)
        return found.row(0)[0].text
    }

    /// A whole copy of one publication, as its tables stand there, in their order.
    func make(_ publication: String) async throws {
        try await copy([publication] + Self.references, "")
        try await target.withSession { try await $0.execute("CHECKPOINT") }
    }

    /// Takes the reference tables over anew if they are not these; questions under way see those of before.
    func refreshReferences(_ references: String) async throws {
        let found = try await target.withSession { try await $0.query("SELECT digest FROM made_with") }
        guard found.rows.first?[0].text != references else { return }
        let drop = Self.references.map { "DROP SCHEMA IF EXISTS \($0) CASCADE;" }.joined()
        try await copy(Self.references, drop)
    }

    /// In one transaction on either side: one state is read, and all of it is there or nothing.
    private func copy(_ schemas: [String], _ first: String) async throws {
        let create = first + schemas.map { "CREATE SCHEMA \($0);" }.joined()
        try await record.withSession { reader in
            try await reader.transaction { reader in
                // A scan begins at the first row, so that rows keep the order they were frozen in.
                try await reader.execute("SET LOCAL synchronize_seqscans = off")
                let references = try await Self.references(in: reader)
                let tables = try await shapes(schemas, reader)
                try await target.withSession { writer in
                    try await writer.transaction { writer in
                        try await writer.execute(create)
                        for table in tables { try await copy(table, reader, writer) }
                        try await writer.execute(
                            "CREATE OR REPLACE TABLE made_with AS SELECT "
                                + "\(SQLQuoting.literal(references)) AS digest")
                    }
                }
            }
        }
    }

    private func shapes(_ schemas: [String], _ reader: any EngineSession) async throws -> [TableShape] {
        let list = schemas.map(SQLQuoting.literal).joined(separator: ", ")
        let found = try await reader.query(
            """
            SELECT CAST(table_schema AS text) AS s, CAST(table_name AS text) AS t, CAST(column_name AS text) AS c,
              CAST(data_type AS text) AS d
            FROM information_schema.columns WHERE table_schema IN (\(list))
            ORDER BY table_schema, table_name, ordinal_position
            """)
        var tables: [TableShape] = []
        for row in found.rows {
            let name = QualifiedName(schema: row[0].text, row[1].text)
            if tables.last?.name != name { tables.append(TableShape(name: name, columns: [])) }
            tables[tables.count - 1].columns.append((row[2].text, try Self.type(row[3].text)))
        }
        return tables
    }

    /// PostgreSQL's name of a type -> DuckDB's.
    private static func type(_ name: String) throws -> String {
        switch name {
        case "boolean", "smallint", "integer", "bigint", "double precision", "date": return name
        case "timestamp without time zone": return "timestamp"
        case "text", "character varying": return "varchar"
        case "real": return "float"
        default:
            throw NodeError(
                .configuration,
                "a table of the publication has a column of type '\(name)', which no columnar copy holds: "
                    + "set warehouseSnapshot to false")
        }
    }

    private func copy(
        _ table: TableShape, _ reader: any EngineSession, _ writer: any EngineSession
    ) async throws {
        let names = table.columns.map { SQLQuoting.identifier($0.name) }
        let definition = zip(names, table.columns).map { "\($0) \($1.type)" }.joined(separator: ", ")
        try await writer.execute("CREATE TABLE \(table.name.sql) (\(definition))")
        let channel = RowChannel(depth: 4)
        let sql = "SELECT \(names.joined(separator: ", ")) FROM \(table.name.sql)"
        let reading = Task {
            defer { channel.finish() }
            try await reader.stream(sql, parameters: []) { try channel.send($0) }
        }
        do {
            for await batch in channel.batches {
                let columns = batch.columns.map { ($0.name, $0.vector.type) }
                try await writer.load(table.name, columns: columns, batch: batch)
                channel.release()
            }
        } catch {
            channel.close()
            _ = await reading.result
            throw error
        }
        try await reading.value
    }
}

extension SiteWarehouse {
    /// What questions about a publication are run on: its columnar copy where it has one.
    nonisolated func questions(about publication: Int) async throws -> any Engine {
        try await snapshots?.engine(publication, record: engine) ?? engine
    }

    /// The SQL that questions about a publication are written in.
    nonisolated func dialect(of publication: Int) -> EngineDialect {
        snapshots?.has(publication) == true ? .duckdb : engine.dialect
    }
}
