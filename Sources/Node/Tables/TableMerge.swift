internal import Catalog
internal import Core
internal import Disclosure
internal import Warehouse

/// Brings the staged rows of a mapping into the live tables, in the caller's transaction; a whole partition in DuckDB by
/// `prepare` and `swap`.
///
/// The unit is a row of the source with everything that it gives: where it has changed, what it gave before goes
/// and what it gives now comes, in all datasets. `live.source_row` knows what of each row is there.
struct TableMerge: Sendable {
    /// Of the rows of one file.
    struct Counts: Sendable {
        var new = 0
        var replaced = 0
        var unchanged = 0
        var superseded = 0
        /// Of those that are new, replaced or unchanged.
        var degraded = 0
    }

    struct Outcome: Sendable {
        var files: [Int: Counts] = [:]
        /// Rows of the partition that are no more.
        var deleted = 0
        /// Ids of the source that have more than one NHS number.
        var conflicts = 0
        /// Of a retry: rows that the warehouse has in another form, and nothing says which is newer.
        var undecided: [Int64] = []
    }

    let warehouse: SiteWarehouse
    let staging: RowStaging
    /// The partition that is replaced; nil: rows are merged by their key and version.
    let partition: String?
    /// Rows that waited: what the warehouse has stays, unless they say that they are newer.
    var isRetry = false
    /// Whether a partition that has rows may be replaced by none.
    var allowsEmpty = true
    /// Of a partition, rows that are brought in at a time.
    var rowsAtOnce = 250_000
    /// Of a partition, subjects that are joined to its rows at a time.
    var subjectsAtOnce = 500_000

    var plan: MappingPlan { staging.plan }
    var schema: SiteSchema { staging.schema }
    var controller: String { warehouse.controller.sql }
    var mapping: String { SQLQuoting.literal(plan.mapping.name) }
    var ours: String { "controller = \(controller) AND mapping = \(mapping)" }

    /// What is kept of each row of a source: it ties the rows of all datasets to mapping, source and partition; and
    /// what it claims, if it bears an NHS number that is not verified.
    static func definitions(_ schema: SiteSchema) -> String {
        schema.define(
            SiteSchema.live, "source_row",
            [
                ("controller", .text), ("mapping", .text), ("unit", .text), ("part", .text),
                ("source", .text),
                ("fingerprint", .bigint), ("last_updated", .timestamp), ("subject", .text),
            ]) + NumberClaims.definition(schema)
    }

    // MARK: - What is worked with

    var create: String { staging.isDurable ? "CREATE TABLE" : "CREATE TEMPORARY TABLE" }
    var incoming: String { work("incoming") }
    private var repeated: String { work("incoming_old") }
    private var known: String { work("known_row") }
    var verdict: String { work("verdict") }
    var going: String { work("going") }

    /// Beside what is staged: DuckDB holds temporary tables in memory, also those that were dropped, as long as the
    /// transaction goes on.
    private func work(_ name: String) -> String {
        (staging.isDurable ? QualifiedName(schema: "intake", name) : QualifiedName(name)).sql
    }

    /// - Parameter sources: the files' names, by number.
    func run(_ sources: [String], in session: any EngineSession) async throws -> Outcome {
        var outcome = Outcome()
        let parts = try await parts(session)
        if parts > 1 {
            // Whose ids are whose is told by all rows together.
            outcome.conflicts = try await TablePeople(
                warehouse: warehouse, rows: staging.rowTable.sql
            ).register(in: session)
        }
        for part in 0..<parts {
            try await name(session, part, of: parts)
            try await dropRepeated(session, &outcome)
            try await decide(session, &outcome, part, of: parts)
            try await readUndecided(session, &outcome)
            try await countDegraded(session, &outcome)
            if parts == 1 {
                outcome.conflicts = try await TablePeople(
                    warehouse: warehouse, rows: incoming, verdict: verdict
                )
                .register(in: session)
            }
            try await remove(session, &outcome)
            try await insert(sources, session)
            try await dropWork(session)
        }
        return outcome
    }

    func dropWork(_ session: any EngineSession) async throws {
        try await session.execute(
            "DROP TABLE \(incoming); DROP TABLE \(verdict); DROP TABLE \(known); DROP TABLE \(going)")
    }

    /// In how many parts the rows are brought in, so that memory does not grow with them: by their names, so that
    /// what is compared is of one part.
    ///
    /// - Throws: `NodeError` where nothing would take the place of something: an extract that came out empty, or of
    ///   which nothing can be read, must not take everything away.
    func parts(_ session: any EngineSession) async throws -> Int {
        guard let partition else { return 1 }
        let found = try await session.query(
            """
            SELECT (SELECT count(*) FROM \(staging.rowTable.sql)) AS staged, (SELECT count(*) FROM live.source_row
              WHERE \(ours) AND part = \(SQLQuoting.literal(partition))) AS held
            """)
        let counts = found.row(0).compactMap(\.whole)
        if !allowsEmpty, counts.first == 0, let held = counts.last, held > 0 {
            throw NodeError(
                .input,
                "nothing was replaced: the input has no row that can be taken, and the warehouse has \(held); look at "
                    + "'concordat quarantine list', or say --allow-empty to take them away")
        }
        return Int(counts.max() ?? 0) / rowsAtOnce + 1
    }

    /// The part of a row, by what names it: its key, or what it holds.
    func isOf(_ part: Int, of parts: Int, key: String) -> String {
        schema.isOf(
            part, of: parts, text: plan.key.isEmpty ? "CAST(fingerprint AS \(schema.sql(.text)))" : key)
    }

    /// Gives every row its name: the key, or what it holds and how many of the same came before.
    func name(_ session: any EngineSession, _ part: Int, of parts: Int) async throws {
        let lead = SQLQuoting.literal(plan.mapping.name + "/")
        let unit =
            plan.key.isEmpty
            ? "\(lead) || part || '/' || fingerprint || '-' || row_number() OVER "
                + "(PARTITION BY part, fingerprint ORDER BY seq)"
            : "\(lead) || row_key"
        try await session.execute(
            """
            \(create) \(incoming) AS SELECT seq, \(unit) AS unit, fingerprint, last_updated, number,
              subject, local_subject, part, codings, claim FROM \(staging.rowTable.sql)
              WHERE \(isOf(part, of: parts, key: "\(lead) || row_key"))
            """)
        try await analyse([incoming, "live.source_row", "live.subject", "live.person"], session)
    }

    /// PostgreSQL knows nothing of a table that was filled a moment ago, and joins it row by row.
    private func analyse(_ names: [String], _ session: any EngineSession) async throws {
        guard schema.dialect == .postgresql else { return }
        try await session.execute(names.map { "ANALYZE \($0)" }.joined(separator: "; "))
    }

    /// Of several rows of one key the newest stays: by version, then by place.
    func dropRepeated(_ session: any EngineSession, _ outcome: inout Outcome) async throws {
        guard !plan.key.isEmpty else { return }
        try await session.execute(
            """
            \(create) \(repeated) AS SELECT seq FROM (
              SELECT seq, row_number() OVER (PARTITION BY unit ORDER BY last_updated DESC NULLS LAST, seq DESC) AS place
              FROM \(incoming) WHERE unit IN (SELECT unit FROM \(incoming) GROUP BY unit HAVING count(*) > 1)) r
            WHERE place > 1
            """)
        let dropped = try await session.query(
            "SELECT \(RecordSequence.fileSQL) AS file, count(*) AS n FROM \(repeated) GROUP BY 1")
        for row in dropped.rows {
            outcome.files[Int(row[0].number ?? 0), default: Counts()].superseded += Int(row[1].number ?? 0)
        }
        if dropped.rowCount > 0 {
            try await session.execute("DELETE FROM \(incoming) WHERE seq IN (SELECT seq FROM \(repeated))")
        }
        try await session.execute("DROP TABLE \(repeated)")
    }

    /// Without versions what comes now counts; a row that says that it is older never does.
    func decide(
        _ session: any EngineSession, _ outcome: inout Outcome, _ part: Int, of parts: Int
    ) async throws {
        let held =
            "SELECT unit, part, fingerprint, last_updated FROM live.source_row WHERE \(ours) "
            + "AND \(isOf(part, of: parts, key: "unit"))"
        // Without versions what comes now counts, but a row that waited does not come now.
        let otherwise =
            isRetry
            ? "WHEN i.last_updated > l.last_updated THEN 'replaced' "
                + "WHEN i.last_updated <= l.last_updated THEN 'superseded' ELSE 'undecided' END"
            : "WHEN i.last_updated < l.last_updated THEN 'superseded' ELSE 'replaced' END"
        let partition = partition.map { " UNION \(held) AND part = \(SQLQuoting.literal($0))" } ?? ""
        try await session.execute(
            """
            \(create) \(known) AS \(held) AND unit IN (SELECT unit FROM \(incoming))\(partition);
            \(create) \(verdict) AS
            SELECT i.seq, i.unit, CASE WHEN l.unit IS NULL THEN 'new'
              WHEN l.fingerprint = i.fingerprint AND l.part = i.part
                AND l.last_updated IS NOT DISTINCT FROM i.last_updated THEN 'unchanged'
              \(otherwise) AS verdict
            FROM \(incoming) i LEFT JOIN \(known) l ON l.unit = i.unit
            """)
        try await analyse([known, verdict], session)
        let counts = try await session.query(
            "SELECT \(RecordSequence.fileSQL) AS file, verdict, count(*) AS n FROM \(verdict) GROUP BY 1, 2")
        for row in counts.rows {
            let (file, count) = (Int(row[0].number ?? 0), Int(row[2].number ?? 0))
            switch row[1].text {
            case "new": outcome.files[file, default: Counts()].new += count
            case "unchanged": outcome.files[file, default: Counts()].unchanged += count
            case "superseded": outcome.files[file, default: Counts()].superseded += count
            case "undecided": break
            default: outcome.files[file, default: Counts()].replaced += count
            }
        }
    }

    /// Counts the rows that are in and not held whole.
    func countDegraded(_ session: any EngineSession, _ outcome: inout Outcome) async throws {
        let marked = plan.marks(of: schema).map { dataset in
            "SELECT s.seq FROM \(staging.table(dataset.name).sql) s WHERE s.degraded <> ''"
        }
        guard !marked.isEmpty else { return }
        let found = try await session.query(
            """
            SELECT \(RecordSequence.fileSQL) AS file, count(*) AS n FROM \(verdict)
            WHERE verdict IN ('new', 'replaced', 'unchanged') AND seq IN (\(marked.joined(separator: " UNION ")))
            GROUP BY 1
            """)
        for row in found.rows {
            outcome.files[Int(row[0].number ?? 0), default: Counts()].degraded += Int(row[1].number ?? 0)
        }
    }

    private func readUndecided(_ session: any EngineSession, _ outcome: inout Outcome) async throws {
        guard isRetry else { return }
        let found = try await session.query("SELECT seq FROM \(verdict) WHERE verdict = 'undecided'")
        outcome.undecided += found.rows.compactMap { $0[0].whole }
    }

    /// Takes out what the rows that have changed gave before, and the partition's rows that are no more.
    private func remove(_ session: any EngineSession, _ outcome: inout Outcome) async throws {
        guard try await findGoing(session, &outcome) else { return }
        try await analyse([going] + plan.datasets.map { "live.\($0.name)" }, session)
        try await delete("SELECT unit FROM \(going)", session)
    }

    /// - Returns: whether anything goes.
    func findGoing(_ session: any EngineSession, _ outcome: inout Outcome) async throws -> Bool {
        let gone =
            partition.map {
                " UNION ALL SELECT k.unit, true FROM \(known) k LEFT JOIN \(incoming) i ON i.unit = k.unit "
                    + "WHERE i.unit IS NULL AND k.part = \(SQLQuoting.literal($0))"
            } ?? ""
        try await session.execute(
            """
            \(create) \(going) AS
            SELECT unit, false AS is_gone FROM \(verdict) WHERE verdict = 'replaced'\(gone)
            """)
        let counts = try await session.query(
            "SELECT count(*) AS n, count(*) FILTER (WHERE is_gone) AS gone FROM \(going)")
        outcome.deleted += Int(counts.row(0)[1].number ?? 0)
        return counts.row(0)[0] != .integer(0)
    }

    /// Takes everything out that these rows of the source gave.
    func delete(_ units: String, _ session: any EngineSession) async throws {
        for dataset in plan.datasets {
            try await session.execute(
                """
                DELETE FROM live.\(SQLQuoting.identifier(dataset.name))
                WHERE controller = \(controller) AND parent_id IN (\(units))
                """)
        }
        try await session.execute(
            """
            DELETE FROM live.source_row WHERE \(ours) AND unit IN (\(units));
            DELETE FROM \(NumberClaims.table) WHERE \(ours) AND unit IN (\(units))
            """)
    }

    /// The name of the file that a row is of.
    static func source(of alias: String, _ sources: [String]) -> String {
        let names = sources.enumerated().map { "WHEN \($0) THEN \(SQLQuoting.literal($1))" }
        return "CASE \(alias).\(RecordSequence.fileSQL) \(names.joined(separator: " ")) END"
    }

    private func insert(_ sources: [String], _ session: any EngineSession) async throws {
        try await analyse(["live.subject"] + plan.datasets.map { staging.table($0.name).sql }, session)
        for dataset in plan.datasets {
            let columns = schema.recorded(dataset).map(\.name)
            let into = columns.map(SQLQuoting.identifier).joined(separator: ", ")
            let values = columns.map { $0 == "codings" ? "i.codings" : "s." + SQLQuoting.identifier($0) }
                .joined(separator: ", ")
            try await session.execute(
                """
                INSERT INTO live.\(SQLQuoting.identifier(dataset.name)) (resource_id, parent_id, fingerprint,
                  last_updated, controller, subject, person_id, \(into))
                SELECT i.unit || '#' || s.ordinal, i.unit, i.fingerprint, i.last_updated, \(controller), i.subject,
                  j.person_id, \(values)
                FROM \(staging.table(dataset.name).sql) s
                JOIN \(incoming) i ON i.seq = s.seq
                JOIN \(verdict) v ON v.seq = s.seq AND v.verdict IN ('new', 'replaced')
                JOIN live.subject j ON j.controller = \(controller) AND j.subject = i.subject
                """)
        }
        try await session.execute(
            """
            INSERT INTO live.source_row (controller, mapping, unit, part, source, fingerprint, last_updated, subject)
            SELECT \(controller), \(mapping), i.unit, i.part, \(Self.source(of: "i", sources)),
              i.fingerprint, i.last_updated, i.subject
            FROM \(incoming) i JOIN \(verdict) v ON v.seq = i.seq AND v.verdict IN ('new', 'replaced');
            INSERT INTO \(NumberClaims.table) (controller, mapping, unit, subject, person)
            SELECT \(controller), \(mapping), i.unit, i.subject, i.claim
            FROM \(incoming) i JOIN \(verdict) v ON v.seq = i.seq AND v.verdict IN ('new', 'replaced')
            WHERE i.claim IS NOT NULL
            """)
    }
}
