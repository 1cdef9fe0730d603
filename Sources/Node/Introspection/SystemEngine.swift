internal import Core
internal import Query
internal import Warehouse

/// A DuckDB in memory that holds `pg_catalog` and `information_schema` as tables, and nothing else.
struct SystemEngine: Sendable {
    let schema: SystemSchema
    private let engine: any Engine

    /// - Parameter library: where `libduckdb.so` is; empty where configuration does not say.
    /// - Throws: `EngineError` if DuckDB cannot be loaded.
    init(_ contents: SystemContents, library: String) async throws {
        var settings = DuckDBSettings()
        settings.memoryLimitMegabytes = 256
        settings.threads = 1
        if !library.isEmpty { settings.library = library }
        let duckdb = try await DuckDBEngine(path: nil, settings: settings)
        try await duckdb.lockDown()
        engine = duckdb
        schema = contents.schema
        try await duckdb.withSession { try await Self.fill($0, contents) }
    }

    func close() async { await engine.close() }

    /// - Throws: `EngineError`.
    func query(_ sql: String) async throws -> Table {
        try await engine.withSession { try await $0.query(sql) }
    }

    /// Adds rows to a table, e.g. of a person who is seen for the first time.
    /// - Parameter tables: by `schema.name`.
    func add(_ tables: [String: SystemRows]) async throws {
        try await engine.withSession { session in
            for (name, rows) in tables {
                guard let relation = schema.relations[name] else { continue }
                try await Self.insert(rows, into: relation, schema, session)
            }
        }
    }

    private static func fill(_ session: any EngineSession, _ contents: SystemContents) async throws {
        let schema = contents.schema
        var statements = [
            "CREATE SCHEMA pgc", "CREATE TABLE pgc.visible (oid BIGINT)",
            "CREATE TABLE pgc.type_names (oid BIGINT, name VARCHAR)",
        ]
        for relation in schema.relations.values where relation.isSystem {
            let columns = relation.columns.map {
                "\(SQLQuoting.identifier($0.name)) \(schema.physical($0.type))"
            }
            guard !columns.isEmpty else { continue }
            statements.append("CREATE TABLE \(relation.sql) (\(columns.joined(separator: ", ")))")
        }
        try await session.execute(statements.joined(separator: ";\n"))
        try await insert(
            contents.visible, "pgc.visible", [("oid", "CAST(oid AS BIGINT)")], session)
        try await insert(
            contents.typeNames, "pgc.type_names", [("oid", "CAST(oid AS BIGINT)"), ("name", "name")], session)
        for (name, rows) in contents.rows {
            guard let relation = schema.relations[name] else { continue }
            try await insert(rows, into: relation, schema, session)
        }
        try await session.execute(SystemMacros.statements.joined(separator: ";\n"))
        try await session.execute(InformationSchema.statements.joined(separator: ";\n"))
    }

    private static func insert(
        _ rows: SystemRows, into relation: SystemSchema.Relation, _ schema: SystemSchema,
        _ session: any EngineSession
    ) async throws {
        let known = Dictionary(relation.columns.map { ($0.name, $0.type) }) { first, _ in first }
        let columns = rows.columns.compactMap { name in
            known[name].map { (name, reading(name, $0, schema)) }
        }
        try await insert(rows, relation.sql, columns, session)
    }

    /// PostgreSQL's text of a value as the engine's value.
    private static func reading(_ name: String, _ type: SystemType, _ schema: SystemSchema) -> String {
        let column = SQLQuoting.identifier(name)
        let physical = schema.physical(type)
        guard let element = schema.element(of: type) else {
            return physical == "VARCHAR" ? column : "CAST(\(column) AS \(physical))"
        }
        let separator = type == .int2vector || type == .oidvector ? " " : ","
        let items = "string_split(replace(trim(\(column), '{}'), '\"', ''), '\(separator)')"
        return "CASE WHEN \(column) IS NULL THEN NULL WHEN trim(\(column), '{}') = '' THEN [] "
            + "ELSE CAST(\(items) AS \(schema.physical(element))[]) END"
    }

    private static func insert(
        _ rows: SystemRows, _ table: String, _ columns: [(name: String, sql: String)],
        _ session: any EngineSession
    ) async throws {
        guard !rows.rows.isEmpty else { return }
        let heads = rows.columns.map { (name: $0, type: ColumnType.text) }
        let definition = heads.map { "\(SQLQuoting.identifier($0.name)) VARCHAR" }.joined(separator: ", ")
        try await session.execute("CREATE OR REPLACE TEMPORARY TABLE incoming (\(definition))")
        let batch = Table(heads, rows: rows.rows.map { $0.map { $0.map(Value.text) ?? .null } })
        try await session.load(QualifiedName("incoming"), columns: heads, batch: batch)
        let names = columns.map { SQLQuoting.identifier($0.name) }.joined(separator: ", ")
        try await session.execute(
            "INSERT INTO \(table) (\(names)) SELECT \(columns.map(\.sql).joined(separator: ", ")) FROM incoming"
        )
    }
}
