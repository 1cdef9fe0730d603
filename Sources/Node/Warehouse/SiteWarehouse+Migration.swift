internal import Catalog
internal import Core
internal import Warehouse

/// A step that brings the tables of an earlier version of the program into the form of a later one.
struct WarehouseMigration: Sendable {
    /// From 1, without gaps; a number once given never changes its meaning.
    let number: Int
    let title: String
    /// Changes nothing where the tables have the form already: a warehouse that was made by today's program, and was
    /// killed before that was written down, runs every step.
    let apply: @Sendable (any EngineSession, SiteSchema) async throws -> Void

    /// All of them, the same for both engines. They go forward only: a warehouse never returns to an older form.
    static let all = [
        WarehouseMigration(number: 1, title: "tables are as they were before steps were numbered") { _, _ in
        },
        WarehouseMigration(number: 2, title: "text sorts by its bytes, whatever the database says") {
            session, schema in
            guard schema.dialect == .postgresql else { return }
            let found = try await session.query(
                """
                SELECT table_schema, table_name, column_name FROM information_schema.columns
                WHERE table_schema IN ('live', 'governance') AND data_type = 'text'
                  AND collation_name IS DISTINCT FROM 'C' ORDER BY 1, 2, 3
                """)
            for row in found.rows {
                let table = QualifiedName(schema: row[0].text, row[1].text)
                try await session.execute(
                    "ALTER TABLE \(table.sql) ALTER COLUMN \(SQLQuoting.identifier(row[2].text)) "
                        + "TYPE TEXT COLLATE \"C\"")
            }
        },
        WarehouseMigration(number: 3, title: "what moved to another person is each controller's own") {
            session, schema in
            let found = try await session.query(
                """
                SELECT 1 FROM information_schema.columns WHERE table_schema = 'live' AND table_name = 'renumbered'
                  AND column_name = 'controller'
                """)
            guard found.rowCount == 0 else { return }
            // Whose move it was nobody wrote down: it is of every controller that knows the person. Of people whom none
            // knows any more it stays without.
            try await session.execute(
                """
                ALTER TABLE live.renumbered ADD COLUMN controller \(schema.columnSQL(.text));
                INSERT INTO live.renumbered (former_id, person_id, controller)
                SELECT DISTINCT r.former_id, r.person_id, j.controller FROM live.renumbered r
                JOIN live.subject j ON j.person_id = r.person_id;
                DELETE FROM live.renumbered WHERE controller IS NULL
                  AND person_id IN (SELECT person_id FROM live.subject)
                """)
        },
    ]

    /// The form that this program's tables have.
    static var latest: Int { all.map(\.number).max() ?? 0 }
}

extension SiteWarehouse {
    /// Makes the tables, or brings those of an earlier version into today's form: each step with its number in one
    /// transaction.
    /// - Throws: `NodeError` for tables of a newer program, before anything is changed.
    static func migrate(
        _ session: any EngineSession, schema: SiteSchema,
        migrations: [WarehouseMigration] = WarehouseMigration.all
    ) async throws {
        let known = try await tables(session)
        var applied = 0
        if known.contains("migration") {
            let found = try await session.query("SELECT coalesce(max(number), 0) AS n FROM live.migration")
            applied = Int(found.row(0)[0].number ?? 0)
        }
        let latest = migrations.map(\.number).max() ?? 0
        guard applied <= latest else {
            throw NodeError(
                .configuration,
                "the warehouse was brought to form \(applied) by a newer Concordat, and this one knows forms up to "
                    + "\(latest) only: run the newer program, or restore a backup from before its upgrade")
        }
        try await session.execute(schema.definitions)
        for migration in migrations.sorted(by: { $0.number < $1.number }) where migration.number > applied {
            try await session.transaction { session in
                // Tables that were made just now have the latest form.
                if known.contains("stamp") { try await migration.apply(session, schema) }
                try await session.execute(
                    "INSERT INTO live.migration VALUES (\(migration.number), "
                        + "\(SQLQuoting.literal(migration.title)), CURRENT_TIMESTAMP)")
            }
        }
    }

    private static func tables(_ session: any EngineSession) async throws -> Set<String> {
        Set(
            try await session.query(
                "SELECT CAST(table_name AS VARCHAR) AS name FROM information_schema.tables WHERE table_schema = 'live'"
            ).rows.map { $0[0].text })
    }
}
