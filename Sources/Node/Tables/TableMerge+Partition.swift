internal import Catalog
internal import Core
internal import Warehouse

/// Puts a whole partition in the place of another in DuckDB, without a transaction that holds all of it in memory.
///
/// What a transaction of DuckDB inserts with many statements stays in memory until it ends (nothing is spilled to disk);
/// what one statement inserts is written to the file as it goes. So everything is worked out first, part by part and
/// each part on its own, in tables of `intake`; then one transaction takes the old rows out, and puts each dataset's
/// rows in with one statement. Nothing of `live` changes before that: a process that is killed leaves `intake`, which
/// the next run makes new.
extension TableMerge {
    private func made(_ name: String) -> String { QualifiedName(schema: "intake", "made_" + name).sql }
    private var leaving: String { made("leaving") }
    private var rows: String { made("source_row") }

    /// Works out what goes and what comes. Not in a transaction.
    /// - Parameter sources: the files' names, by number.
    /// - Returns: with the counts, in how many parts the old rows are taken out.
    func prepare(
        _ sources: [String], in session: any EngineSession
    ) async throws -> (outcome: Outcome, parts: Int) {
        var outcome = Outcome()
        let parts = try await parts(session)
        try await session.execute(definitions)
        for part in 0..<parts {
            try await name(session, part, of: parts)
            try await dropRepeated(session, &outcome)
            try await decide(session, &outcome, part, of: parts)
            try await countDegraded(session, &outcome)
            if try await findGoing(session, &outcome) {
                try await session.execute("INSERT INTO \(leaving) SELECT unit, \(part) FROM \(going)")
            }
            try await keep(sources, session)
            try await dropWork(session)
        }
        // What was staged is needed no more: nor is the room that its pages have.
        let staged = [staging.rowTable] + plan.datasets.map { staging.table($0.name) }
        try await session.execute(staged.map { "DROP TABLE \($0.sql)" }.joined(separator: "; "))
        return (outcome, parts)
    }

    /// Brings in what was worked out, in the caller's transaction.
    /// - Returns: how many local ids have more than one number.
    func swap(_ parts: Int, in session: any EngineSession) async throws -> Int {
        let conflicts = try await TablePeople(warehouse: warehouse, rows: rows).register(in: session)
        for part in 0..<parts {
            let units = "SELECT unit FROM \(leaving) WHERE part = \(part)"
            let some = try await session.query("\(units) LIMIT 1")
            if some.rowCount > 0 { try await delete(units, session) }
        }
        let person = "JOIN live.subject j ON j.controller = \(controller) AND j.subject = m.subject"
        for dataset in plan.datasets {
            let names = columns(dataset)
            let (into, own) = (names.joined(separator: ", "), names.map { "m.\($0)" }.joined(separator: ", "))
            try await session.execute(
                """
                INSERT INTO live.\(SQLQuoting.identifier(dataset.name)) (\(into), controller, person_id)
                SELECT \(own), \(controller), j.person_id FROM \(made(dataset.name)) m \(person)
                """)
        }
        try await session.execute(
            """
            INSERT INTO live.source_row (controller, mapping, unit, part, source, fingerprint, last_updated, subject)
            SELECT \(controller), \(mapping), unit, part, source, fingerprint, last_updated, subject FROM \(rows);
            INSERT INTO \(NumberClaims.table) (controller, mapping, unit, subject, person)
            SELECT \(controller), \(mapping), unit, subject, claim FROM \(rows) WHERE claim IS NOT NULL
            """)
        return conflicts
    }

    /// Of the rows of a dataset, what is known before their people are.
    private func columns(_ dataset: Dataset) -> [String] {
        SiteSchema.keyColumns.map(\.name).filter { $0 != "controller" && $0 != "person_id" }
            + schema.recorded(dataset).map { SQLQuoting.identifier($0.name) }
    }

    private var definitions: String {
        let text = schema.sql(.text)
        let datasets = plan.datasets.map { dataset in
            "CREATE TABLE \(made(dataset.name)) AS SELECT \(columns(dataset).joined(separator: ", ")) "
                + "FROM live.\(SQLQuoting.identifier(dataset.name)) LIMIT 0;"
        }
        return datasets.joined(separator: "\n")
            + """
            CREATE TABLE \(leaving) (unit \(text), part INTEGER);
            CREATE TABLE \(rows) (seq BIGINT, unit \(text), part \(text), source \(text), fingerprint BIGINT,
              last_updated TIMESTAMP, number \(text), subject \(text), local_subject \(text), claim \(text))
            """
    }

    /// Keeps what comes of the part that was decided last.
    private func keep(_ sources: [String], _ session: any EngineSession) async throws {
        let taken = "JOIN \(verdict) v ON v.seq = i.seq AND v.verdict IN ('new', 'replaced')"
        for dataset in plan.datasets {
            let own = schema.recorded(dataset).map(\.name).map {
                $0 == "codings" ? "i.codings" : "s." + SQLQuoting.identifier($0)
            }
            try await session.execute(
                """
                INSERT INTO \(made(dataset.name)) (\(columns(dataset).joined(separator: ", ")))
                SELECT i.unit || '#' || s.ordinal, i.unit, i.fingerprint, i.last_updated, i.subject,
                  \(own.joined(separator: ", "))
                FROM \(staging.table(dataset.name).sql) s JOIN \(incoming) i ON i.seq = s.seq \(taken)
                """)
        }
        try await session.execute(
            """
            INSERT INTO \(rows) SELECT i.seq, i.unit, i.part, \(Self.source(of: "i", sources)), i.fingerprint,
              i.last_updated, i.number, i.subject, i.local_subject, i.claim FROM \(incoming) i \(taken)
            """)
    }
}
