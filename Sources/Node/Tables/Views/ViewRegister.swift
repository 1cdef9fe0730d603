internal import Catalog
internal import Core
internal import Warehouse

/// The mappings whose rows are views: which there are, and what is done with them when data are published.
///
/// `governance.mapped_view` has them; `whole.DATASET` is `live.DATASET` and every view that gives rows of it.
struct ViewRegister: Sendable {
    let warehouse: SiteWarehouse

    private var schema: SiteSchema { warehouse.schema }

    /// What a PostgreSQL warehouse needs, before any view is there; running it again changes nothing.
    static func prepare(_ session: any EngineSession, _ schema: SiteSchema) async throws {
        guard schema.dialect == .postgresql else { return }
        try await session.transaction { session in
            try await session.execute(
                """
                CREATE SCHEMA IF NOT EXISTS whole;
                CREATE SCHEMA IF NOT EXISTS mapped;
                CREATE TABLE IF NOT EXISTS governance.mapped_view (mapping text PRIMARY KEY, source text NOT NULL,
                  datasets text NOT NULL)
                """)
            try await remake(session, schema)
        }
    }

    /// Makes `whole` anew: from what is live, and from the views that there are.
    private static func remake(_ session: any EngineSession, _ schema: SiteSchema) async throws {
        let found = try await session.query("SELECT mapping, datasets FROM governance.mapped_view ORDER BY 1")
        let held = try await session.query(
            """
            SELECT CAST(table_name AS text), CAST(column_name AS text) FROM information_schema.columns
            WHERE table_schema = 'mapped'
            """)
        var columns: [String: Set<String>] = [:]
        for row in held.rows { columns[row[0].text, default: []].insert(row[1].text) }
        var statements: [String] = []
        for dataset in schema.datasets {
            let all = SiteSchema.keyColumns + schema.recorded(dataset)
            var parts = [
                "SELECT \(all.map { SQLQuoting.identifier($0.name) }.joined(separator: ", ")) "
                    + "FROM live.\(SQLQuoting.identifier(dataset.name))"
            ]
            for row in found.rows where row[1].text.split(separator: " ").contains(dataset.name[...]) {
                let known = columns["\(row[0].text) \(dataset.name)"] ?? []
                let list = all.map { column in
                    // A column that the dataset has got since the view was made.
                    known.contains(column.name)
                        ? SQLQuoting.identifier(column.name) : "CAST(NULL AS \(schema.sql(column.type)))"
                }
                parts.append(
                    "SELECT \(list.joined(separator: ", ")) FROM \(MappedView.name(row[0].text, dataset.name))"
                )
            }
            let name = QualifiedName(schema: "whole", dataset.name).sql
            statements.append(
                "DROP VIEW IF EXISTS \(name); CREATE VIEW \(name) AS \(parts.joined(separator: " UNION ALL "))"
            )
        }
        try await session.execute(statements.joined(separator: ";\n"))
    }

    // MARK: - Registering

    /// Shows a table of the warehouse's own database as rows of datasets.
    /// - Throws: `NodeError` with the remedy; `MappingFault`.
    func register(_ mapping: TableMapping, file: String, table: QualifiedName) async throws -> IngestReport {
        try Self.check(mapping, schema)
        return try await IngestReport.of(warehouse) { session in
            let view = try await plan(mapping, file, table, session)
            let loaded = try await session.query(
                "SELECT count(*) AS n FROM live.source_row WHERE mapping = $1",
                parameters: [.text(mapping.name)])
            guard loaded.row(0)[0] == .integer(0) else {
                throw NodeError(
                    .input,
                    "rows of '\(mapping.name)' have been loaded: as a view they would be there twice; give the "
                        + "mapping another name, or load on")
            }
            let names = view.plan.datasets.map(\.name)
            let (definitions, schema) = (view.definitions, schema)
            return try await session.transaction { session in
                try await session.execute(MappingDialect.functions)
                try await Self.drop(mapping.name, session)
                try await session.execute(definitions)
                _ = try await session.query(
                    "INSERT INTO governance.mapped_view VALUES ($1, $2, $3) RETURNING 1",
                    parameters: [
                        .text(mapping.name), .text(table.sql), .text(names.joined(separator: " ")),
                    ])
                try await Self.remake(session, schema)
                var report = IngestReport()
                let conflicts = try await registerPeople(mapping.name, session)
                report.files = [
                    try await count(mapping.name, table.sql, names.joined(separator: " "), session)
                ]
                report.notes =
                    Self.notes(conflicts) + [
                        "\(mapping.name) is a view of \(table.sql): each publication reads it anew; what it sets aside is in "
                            + MappedView.name(mapping.name, "set aside")
                    ]
                return report
            }
        }
    }

    private static func check(_ mapping: TableMapping, _ schema: SiteSchema) throws {
        guard schema.dialect == .postgresql else {
            throw NodeError(
                .input,
                "--as-view needs a node whose warehouse is PostgreSQL, with the tables in the same database: "
                    + "without --as-view they are loaded")
        }
        guard mapping.name.utf8.count <= 36 else {
            throw NodeError(.input, "'\(mapping.name)' is too long a name for views: 36 bytes at most")
        }
        if let format = mapping.source.dates.first(where: { DateFormat($0) == nil }) {
            throw NodeError(
                .input,
                "'\(mapping.name)' reads dates as \(format): views know %Y %y %m %d %H %M %S %f; load it instead"
            )
        }
    }

    private func plan(
        _ mapping: TableMapping, _ file: String, _ table: QualifiedName, _ session: any EngineSession
    ) async throws -> MappedView {
        let found = try await session.query(PostgreSQLRowReader.columnsSQL, parameters: [.text(table.sql)])
        guard found.rowCount > 0 else {
            throw NodeError(
                .input,
                "the warehouse's database has no table or view \(table.sql), or its role may not see it: a view needs "
                    + "the tables in the same database")
        }
        var planner = MappingPlanner(
            mapping: mapping, schema: schema, columns: found.rows.map { $0[0].text }, file: file,
            dialect: .postgresql)
        return MappedView(
            plan: try planner.plan(), warehouse: warehouse, table: table, types: found.rows.map { $0[1].text }
        )
    }

    private static func drop(_ mapping: String, _ session: any EngineSession) async throws {
        // The cascade takes `whole` along where it reads them: it is made anew.
        try await session.execute(
            """
            DELETE FROM governance.mapped_view WHERE mapping = \(SQLQuoting.literal(mapping));
            DELETE FROM \(NumberClaims.table) WHERE mapping = \(SQLQuoting.literal(mapping));
            DROP VIEW IF EXISTS \(MappedView.name(mapping)) CASCADE
            """)
    }

    /// Takes the views of a mapping away; the next publication has none of their rows.
    func remove(_ mapping: String) async throws -> IngestReport {
        guard schema.dialect == .postgresql, try await names().contains(mapping) else {
            throw NodeError(.input, "'\(mapping)' is not shown as a view")
        }
        let schema = schema
        return try await IngestReport.of(warehouse) { session in
            try await session.transaction { session in
                try await Self.drop(mapping, session)
                try await Self.remake(session, schema)
            }
            var report = IngestReport()
            report.notes = ["\(mapping) is no longer shown: the next publication is without its rows"]
            return report
        }
    }

    /// Mappings that are views.
    func names() async throws -> [String] {
        guard schema.dialect == .postgresql else { return [] }
        return try await warehouse.engine.withSession { session in
            try await session.query("SELECT mapping FROM governance.mapped_view ORDER BY 1").rows.map {
                $0[0].text
            }
        }
    }

    // MARK: - People and counts

    /// Before rows are frozen: registers the people of every view, and says what the views set aside.
    func refresh(_ session: any EngineSession) async throws -> [String] {
        guard schema.dialect == .postgresql else { return [] }
        let all = try await session.query(
            "SELECT mapping, source, datasets FROM governance.mapped_view ORDER BY 1")
        var notes: [String] = []
        for row in all.rows {
            let conflicts = try await registerPeople(row[0].text, session)
            let file = try await count(row[0].text, row[1].text, row[2].text, session)
            let reasons = file.reasons.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            notes.append(
                "view \(file.name): \(file.new) of \(file.records) rows, \(file.superseded) superseded, "
                    + "\(file.passedOver) passed over, \(file.setAside) set aside"
                    + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))"))
            notes += Self.notes(conflicts)
            if try await !claims(row[0].text, session) {
                notes.append(
                    "view \(row[1].text) was made before NHS numbers that are not verified were kept: opt-outs and "
                        + "objections under such a number do not reach its rows until it is shown again with "
                        + "'concordat ingest --as-view'")
            }
        }
        return notes
    }

    /// What each view sets aside now: source, datasets, reasons, rows.
    func setAside() async throws -> [[String]] {
        var all: [[String]] = []
        for name in try await names() {
            let found = try await warehouse.engine.withSession { session in
                try await session.query(
                    """
                    SELECT v.source, v.datasets, s.reasons, s.n FROM governance.mapped_view v CROSS JOIN
                      (SELECT reasons, CAST(count(*) AS text) AS n FROM \(MappedView.name(name, "set aside"))
                       GROUP BY reasons) s WHERE v.mapping = $1 ORDER BY 3
                    """, parameters: [.text(name)])
            }
            all += found.rows.map { ["view \($0[0].text)", $0[1].text, $0[2].text, $0[3].text] }
        }
        return all
    }

    private static func notes(_ conflicts: Int) -> [String] {
        conflicts == 0
            ? []
            : ["\(conflicts) local ids stand with more than one NHS number: each row went by its own number"]
    }

    /// Whether a view says what numbers its rows claim; one that an earlier program made does not.
    private func claims(_ mapping: String, _ session: any EngineSession) async throws -> Bool {
        let found = try await session.query(
            """
            SELECT 1 FROM information_schema.columns WHERE table_schema = 'mapped' AND table_name = $1
              AND column_name = 'claim'
            """, parameters: [.text(mapping + " taken")])
        return found.rowCount > 0
    }

    private func registerPeople(_ mapping: String, _ session: any EngineSession) async throws -> Int {
        let claims = try await self.claims(mapping, session) ? "claim" : "CAST(NULL AS text)"
        try await session.execute(
            """
            DROP TABLE IF EXISTS viewed;
            CREATE TEMPORARY TABLE viewed AS SELECT row_number() OVER () AS seq, number, subject, local_subject,
              \(claims) AS claim
            FROM \(MappedView.name(mapping, "taken")) WHERE place = 1;
            ANALYZE viewed
            """)
        let conflicts = try await TablePeople(warehouse: warehouse, rows: "viewed")
            .register(in: session)
        try await NumberClaims.replace(of: mapping, warehouse.controller, from: "viewed", in: session)
        try await session.execute("DROP TABLE viewed")
        return conflicts
    }

    private func count(
        _ mapping: String, _ source: String, _ datasets: String, _ session: any EngineSession
    ) async throws -> IngestReport.File {
        let found = try await session.query(
            """
            SELECT CASE WHEN NOT is_kept THEN '' WHEN reasons IS NOT NULL THEN 'r ' || split_part(reasons, ' ', 1)
              WHEN NOT gives THEN '' ELSE 't' END AS what, count(*) AS n
            FROM \(MappedView.name(mapping)) GROUP BY 1
            """)
        let place = try await session.query(
            "SELECT count(*) AS n FROM \(MappedView.name(mapping, "taken")) WHERE place > 1")
        var file = IngestReport.File(name: source, dataset: datasets)
        file.superseded = Int(place.row(0)[0].number ?? 0)
        for row in found.rows {
            let (what, count) = (row[0].text, Int(row[1].number ?? 0))
            file.records += count
            switch what {
            case "": file.passedOver += count
            case "t": file.new += count - file.superseded
            default: file.setAside(String(what.dropFirst(2)), count)
            }
        }
        return file
    }
}
