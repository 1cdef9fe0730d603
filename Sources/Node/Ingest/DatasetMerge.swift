internal import Catalog
internal import Core
internal import Warehouse

/// Brings the staged records of one dataset into its live table, by version.
///
/// Everything happens in the caller's transaction: either all of a batch is in, or none.
struct DatasetMerge: Sendable {
    /// What became of the records of one file.
    struct Counts: Sendable {
        var new = 0
        var replaced = 0
        var unchanged = 0
        var superseded = 0
        /// First reason -> records.
        var reasons: [String: Int] = [:]
    }

    struct Outcome: Sendable {
        /// By the file's number.
        var files: [Int: Counts] = [:]
        /// Records that wait for their patient.
        var held = 0
    }

    let warehouse: SiteWarehouse
    let schema: SiteSchema
    let dataset: Dataset
    /// Whether the input has ended: what waits for its patient waits no longer.
    var isLast = false
    /// Whether the records were set aside earlier: one replaces another only if it is told to be newer.
    var isRetry = false

    private var staged: String { SiteSchema.staged(dataset) }
    private var held: String { SiteSchema.held(dataset) }
    private var controller: String { SQLQuoting.literal(warehouse.controller.text) }
    private static let resource = "coalesce(parent_id, resource_id)"

    /// The number of a record that names its patient by number only. In one expression: of a condition on the
    /// left side of an outer join DuckDB makes a nested loop.
    private static let ownNumber = "CASE WHEN s.subject IS NULL THEN s.subject_number END"

    func run(in session: any EngineSession) async throws -> Outcome {
        var outcome = Outcome()
        try await session.execute("DELETE FROM staged_fault")
        let register = PersonRegister(warehouse: warehouse)
        let isPatient = dataset.name == "patient"
        if isLast {
            try await session.execute("INSERT INTO \(staged) SELECT * FROM \(held); DELETE FROM \(held)")
        }
        if isPatient {
            try await register.check(staged, in: session)
        } else {
            try await findUnknownReferences(session)
            if !isLast { outcome.held = try await hold(session) }
        }
        try await session.execute(
            "INSERT INTO staged_fault SELECT DISTINCT seq, 'no-id' FROM \(staged) WHERE resource_id IS NULL")
        if dataset.name == "observation" { try await findOutOfBounds(session) }
        try await setAside(session, &outcome)
        try await dropRepeated(session, &outcome)
        if !isLast, !isPatient { try await dropOvertaken(session, &outcome) }
        let replaces = try await decide(session, &outcome)
        // Only a version that counts says who a patient is.
        if isPatient { try await register.tie(in: session) }
        try await bringIn(session, replaces: replaces)
        try await session.execute("DELETE FROM \(staged)")
        return outcome
    }

    // MARK: - What is wrong

    private func findUnknownReferences(_ session: any EngineSession) async throws {
        try await session.execute(
            """
            INSERT INTO staged_fault SELECT DISTINCT s.seq, 'unknown-reference' FROM \(staged) s
            LEFT JOIN live.subject j ON j.controller = \(controller) AND j.subject = s.subject
            LEFT JOIN live.person p ON p.person = \(Self.ownNumber)
            WHERE j.person_id IS NULL AND p.person_id IS NULL
            """)
    }

    private func findOutOfBounds(_ session: any EngineSession) async throws {
        try await session.execute(
            """
            INSERT INTO staged_fault SELECT DISTINCT s.seq, 'out-of-bounds' FROM \(staged) s
            JOIN governance.bound b ON b.code_system = s.code_system AND b.code = s.code AND b.unit = s.value_unit
            WHERE s.value_quantity < b.lower_end OR s.value_quantity > b.upper_end
            """)
    }

    /// Puts those whose patient is unknown where they wait for the rest of the input.
    private func hold(_ session: any EngineSession) async throws -> Int {
        let found = try await session.query("SELECT count(*) AS n FROM staged_fault")
        let count = Int(found.row(0)[0].number ?? 0)
        guard count > 0 else { return 0 }
        try await session.execute(
            """
            INSERT INTO \(held) SELECT * FROM \(staged) WHERE seq IN (SELECT seq FROM staged_fault);
            DELETE FROM \(staged) WHERE seq IN (SELECT seq FROM staged_fault);
            DELETE FROM staged_fault
            """)
        return count
    }

    private func setAside(_ session: any EngineSession, _ outcome: inout Outcome) async throws {
        let counts = try await session.query(
            """
            SELECT \(RecordSequence.fileSQL) AS file, reason, count(*) AS n
            FROM (SELECT seq, min(reason) AS reason FROM staged_fault GROUP BY seq) f GROUP BY 1, 2
            """)
        guard counts.rowCount > 0 else { return }
        for row in counts.rows {
            outcome.files[Int(row[0].number ?? 0), default: Counts()].reasons[row[1].text] =
                Int(row[2].number ?? 0)
        }
        try await session.execute(
            """
            INSERT INTO set_aside SELECT seq, string_agg(reason, ' ' ORDER BY reason), '\(dataset.name)'
            FROM (SELECT DISTINCT seq, reason FROM staged_fault) f GROUP BY seq;
            DELETE FROM \(staged) WHERE seq IN (SELECT seq FROM staged_fault)
            """)
    }

    // MARK: - Versions

    /// Of several versions of one resource in the batch the newest stays: by time, then by place.
    private func dropRepeated(_ session: any EngineSession, _ outcome: inout Outcome) async throws {
        let repeated = "SELECT \(Self.resource) AS id FROM \(staged) GROUP BY 1 HAVING min(seq) <> max(seq)"
        let found = try await session.query("SELECT count(*) AS n FROM (\(repeated)) r")
        guard found.row(0)[0] != .integer(0) else { return }
        try await session.execute(
            """
            CREATE TEMPORARY TABLE staged_old AS SELECT DISTINCT seq FROM (
              SELECT seq, dense_rank() OVER (PARTITION BY \(Self.resource)
                ORDER BY last_updated DESC NULLS LAST, seq DESC) AS place FROM \(staged)
              WHERE \(Self.resource) IN (\(repeated))) ranked WHERE place > 1
            """)
        try await dropOld(from: staged, session, &outcome)
    }

    /// Of what waits for its patient, the versions that a later one has overtaken.
    private func dropOvertaken(_ session: any EngineSession, _ outcome: inout Outcome) async throws {
        let waiting = try await session.query("SELECT count(*) AS n FROM \(held)")
        guard waiting.row(0)[0] != .integer(0) else { return }
        try await session.execute(
            """
            CREATE TEMPORARY TABLE staged_old AS SELECT DISTINCT h.seq FROM \(held) h JOIN \(staged) s
              ON coalesce(s.parent_id, s.resource_id) = coalesce(h.parent_id, h.resource_id)
            WHERE s.last_updated > h.last_updated OR (s.last_updated IS NOT NULL AND h.last_updated IS NULL)
              OR (s.last_updated IS NOT DISTINCT FROM h.last_updated AND s.seq > h.seq)
            """)
        try await dropOld(from: held, session, &outcome)
    }

    private func dropOld(
        from table: String, _ session: any EngineSession, _ outcome: inout Outcome
    ) async throws {
        let dropped = try await session.query(
            "SELECT \(RecordSequence.fileSQL) AS file, count(*) AS n FROM staged_old GROUP BY 1")
        for row in dropped.rows {
            outcome.files[Int(row[0].number ?? 0), default: Counts()].superseded += Int(row[1].number ?? 0)
        }
        try await session.execute(
            "DELETE FROM \(table) WHERE seq IN (SELECT seq FROM staged_old); DROP TABLE staged_old")
    }

    /// New, unchanged, older than what is there, or in its place: table `verdict`.
    /// - Returns: whether anything is to be replaced.
    private func decide(_ session: any EngineSession, _ outcome: inout Outcome) async throws -> Bool {
        let isOlder =
            isRetry
            ? "i.last_updated IS NULL OR l.last_updated IS NULL OR i.last_updated <= l.last_updated"
            : "i.last_updated < l.last_updated"
        try await session.execute(
            """
            CREATE TEMPORARY TABLE verdict AS
            SELECT i.seq, i.id, CASE WHEN l.id IS NULL THEN 'new' WHEN l.fingerprint = i.fingerprint THEN 'unchanged'
              WHEN \(isOlder) THEN 'superseded' ELSE 'replaced' END AS verdict
            FROM (SELECT DISTINCT seq, \(Self.resource) AS id, fingerprint, last_updated FROM \(staged)) i
            LEFT JOIN (SELECT DISTINCT \(Self.resource) AS id, fingerprint, last_updated
                       FROM live.\(dataset.name) WHERE controller = \(controller) AND \(Self.resource)
                         IN (SELECT \(Self.resource) FROM \(staged))) l ON l.id = i.id
            """)
        let counts = try await session.query(
            "SELECT \(RecordSequence.fileSQL) AS file, verdict, count(*) AS n FROM verdict GROUP BY 1, 2")
        var replaces = false
        for row in counts.rows {
            let (file, count) = (Int(row[0].number ?? 0), Int(row[2].number ?? 0))
            switch row[1].text {
            case "new": outcome.files[file, default: Counts()].new += count
            case "unchanged": outcome.files[file, default: Counts()].unchanged += count
            case "superseded": outcome.files[file, default: Counts()].superseded += count
            default:
                outcome.files[file, default: Counts()].replaced += count
                replaces = true
            }
        }
        return replaces
    }

    private func bringIn(_ session: any EngineSession, replaces: Bool) async throws {
        let live = "live.\(dataset.name)"
        if replaces {
            try await session.execute(
                """
                DELETE FROM \(live) WHERE controller = \(controller) AND \(Self.resource) IN
                  (SELECT id FROM verdict WHERE verdict = 'replaced')
                """)
        }
        try await insert(session, into: live)
        try await session.execute("DROP TABLE verdict")
    }

    private func insert(_ session: any EngineSession, into live: String) async throws {
        let own = schema.recorded(dataset).map { SQLQuoting.identifier($0.name) }.joined(separator: ", ")
        let own2 = schema.recorded(dataset).map { "s." + SQLQuoting.identifier($0.name) }.joined(
            separator: ", ")
        try await session.execute(
            """
            INSERT INTO \(live) (resource_id, parent_id, fingerprint, last_updated, controller, subject, person_id,
              \(own))
            SELECT s.resource_id, s.parent_id, s.fingerprint, s.last_updated, \(controller), s.subject,
              coalesce(j.person_id, p.person_id), \(own2)
            FROM \(staged) s JOIN verdict v ON v.seq = s.seq AND v.verdict IN ('new', 'replaced')
            LEFT JOIN live.subject j ON j.controller = \(controller) AND j.subject = s.subject
            LEFT JOIN live.person p ON p.person = \(Self.ownNumber)
            """)
    }
}
