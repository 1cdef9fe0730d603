internal import Catalog
internal import Core
internal import Warehouse

extension SiteWarehouse {
    /// Gives the live tables the columns that the datasets have and an earlier model did not: what the tables are
    /// beyond that is for a numbered `WarehouseMigration`.
    ///
    /// A row from before has no codings (NULL): of its episode nothing can be said, so it has no fingerprint
    /// any more either, and the same input again replaces it.
    static func upgrade(_ session: any EngineSession, schema: SiteSchema) async throws {
        let found = try await session.query(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'live'")
        var known: [String: Set<String>] = [:]
        for row in found.rows { known[row[0].text, default: []].insert(row[1].text) }
        for dataset in schema.datasets {
            let missing = schema.recorded(dataset).filter { known[dataset.name]?.contains($0.name) != true }
            guard !missing.isEmpty else { continue }
            let table = "live.\(SQLQuoting.identifier(dataset.name))"
            try await session.transaction { session in
                for column in missing {
                    try await session.execute(
                        "ALTER TABLE \(table) ADD COLUMN \(SQLQuoting.identifier(column.name)) "
                            + schema.columnSQL(column.type))
                }
                try await session.execute("UPDATE \(table) SET fingerprint = NULL")
                if missing.contains(where: { $0.name == "number_claims" }) {
                    try await session.execute(PatientRegister.formerClaims)
                }
            }
        }
    }
}
