internal import Catalog
internal import Core
internal import Warehouse

/// Puts a whole partition in the place of another in DuckDB, without a transaction that holds all of it in memory.
///
/// What a transaction of DuckDB inserts with many statements stays in memory until it ends (nothing is spilled to disk);
/// what one statement inserts is written to the file as it goes. So everything is worked out first, part by part and
/// each part on its own, in tables of `intake`, and people whom nobody knew are registered; then one transaction takes
/// the old rows out, and puts each dataset's rows in with one statement, or a few where there are many subjects. No
/// record of `live` changes before that: a process that is killed leaves `intake`, which the next run makes new, and
/// perhaps people without records. What grows with the rows is what the transaction keeps of those that it takes out:
/// some 12 MB a million in each table.
extension TableMerge {
    private func made(_ name: String) -> String { QualifiedName(schema: "intake", "made_" + name).sql }
    private var leaving: String { made("leaving") }
    private var rows: String { made("source_row") }
    /// What the rows say of subjects that are tied to somebody else.
    private var ties: String { made("tie") }

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
        for part in 0..<parts {
            let people = TablePeople(warehouse: warehouse, rows: rows, part: part, parts: parts)
            outcome.conflicts += try await session.transaction {
                try await people.registerNew(leaving: ties, in: $0)
            }
        }
        return (outcome, parts)
    }

    /// Brings in what was worked out, in the caller's transaction.
    func swap(_ parts: Int, in session: any EngineSession) async throws {
        try await session.execute(
            """
            \(schema.renewed(.stagedTie))
            INSERT INTO staged_tie SELECT subject, person FROM \(ties)
            """)
        try await PersonRegister(warehouse: warehouse).tieStaged(in: session)
        for part in 0..<parts {
            let units = "SELECT unit FROM \(leaving) WHERE part = \(part)"
            let some = try await session.query("\(units) LIMIT 1")
            if some.rowCount > 0 { try await delete(units, session) }
        }
        let subjects = try await session.query(
            "SELECT count(*) AS n FROM live.subject WHERE controller = \(controller)")
        let pieces = Int(subjects.row(0)[0].number ?? 0) / subjectsAtOnce + 1
        for dataset in plan.datasets {
            for piece in 0..<pieces { try await insert(dataset, piece, of: pieces, session) }
        }
        try await session.execute(
            """
            INSERT INTO live.source_row (controller, mapping, unit, part, source, fingerprint, last_updated, subject)
            SELECT \(controller), \(mapping), unit, part, source, fingerprint, last_updated, subject FROM \(rows);
            INSERT INTO \(NumberClaims.table) (controller, mapping, unit, subject, person)
            SELECT \(controller), \(mapping), unit, subject, claim FROM \(rows) WHERE claim IS NOT NULL
            """)
    }

    private func insert(
        _ dataset: Dataset, _ piece: Int, of pieces: Int, _ session: any EngineSession
    ) async throws {
        let names = columns(dataset)
        let (into, own) = (names.joined(separator: ", "), names.map { "m.\($0)" }.joined(separator: ", "))
        try await session.execute(
            """
            INSERT INTO live.\(SQLQuoting.identifier(dataset.name)) (\(into), controller, person_id)
            SELECT \(own), \(controller), j.person_id FROM \(made(dataset.name)) m
            JOIN (SELECT subject, person_id FROM live.subject
              WHERE controller = \(controller) AND \(schema.isOf(piece, of: pieces, text: "subject"))) j
              ON j.subject = m.subject
            WHERE \(schema.isOf(piece, of: pieces, text: "m.subject"))
            """)
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
            CREATE TABLE \(ties) (subject \(text), person \(text));
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
