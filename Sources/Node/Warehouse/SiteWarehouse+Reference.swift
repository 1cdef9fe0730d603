internal import Catalog
internal import Core
internal import Warehouse

extension SiteWarehouse {
    /// Makes the engine hold these tables, each as `KIND."NAME@VERSION"`. What it holds with the same digest is
    /// left alone; so are tables that the catalog no longer has, which older releases may still be settled with.
    static func hold(
        _ tables: [ReferenceTable], schema: SiteSchema, in session: any EngineSession
    ) async throws {
        var held: [String: String] = [:]
        for row in try await session.query("SELECT name, digest FROM governance.held_reference").rows {
            held[row[0].text] = row[1].text
        }
        for table in tables {
            let name = "\(table.kind.rawValue).\(table.key)"
            guard held[name] != table.digest else { continue }
            try await session.transaction { session in
                let literal = SQLQuoting.literal(name)
                try await session.execute("DELETE FROM governance.held_reference WHERE name = \(literal)")
                try await replaceRows(table, schema: schema, in: session)
                try await session.execute(
                    "INSERT INTO governance.held_reference VALUES (\(literal), \(SQLQuoting.literal(table.digest)))"
                )
            }
        }
    }

    /// Puts a reference table in the place of what was there, in a transaction.
    static func replace(
        _ table: ReferenceTable, schema: SiteSchema, in session: any EngineSession
    ) async throws {
        try await session.transaction { try await replaceRows(table, schema: schema, in: $0) }
    }

    private static func replaceRows(
        _ table: ReferenceTable, schema: SiteSchema, in session: any EngineSession
    ) async throws {
        let name = QualifiedName(schema: table.kind.rawValue, table.key)
        let columns = table.columns.map { ($0.name, $0.type) }
        try await session.execute("DROP TABLE IF EXISTS \(name.sql)")
        try await session.execute(schema.define(table.kind.rawValue, table.key, columns))
        try await session.load(name, columns: columns, batch: table.rows)
    }

    /// Takes tables that came while the node runs.
    func take(_ tables: [ReferenceTable]) async throws {
        let schema = schema
        try await engine.withSession { try await Self.hold(tables, schema: schema, in: $0) }
    }
}
