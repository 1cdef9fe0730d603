internal import Catalog
internal import Core
internal import Warehouse

/// Brings the staged records of one dataset into its live table, by version.
///
/// Everything happens in the caller's transaction: either all of a batch is in, or none.
struct DatasetMerge: Sendable {
    struct Outcome: Sendable {
        var new = 0
        var replaced = 0
        var unchanged = 0
        var superseded = 0
        var faults: [QuarantineJournal.Entry] = []
    }

    let warehouse: SiteWarehouse
    let schema: SiteSchema
    let dataset: Dataset

    private var staged: String { SiteSchema.staged(dataset) }
    private var controller: String { SQLQuoting.literal(warehouse.controller.text) }

    /// The number of a record that names its patient by number only. In one expression: of a condition on the
    /// left side of an outer join DuckDB makes a nested loop.
    private static let ownNumber = "CASE WHEN s.subject IS NULL THEN s.subject_number END"

    func run(in session: any EngineSession) async throws -> Outcome {
        try await session.execute("DELETE FROM staged_fault")
        try await session.execute(
            "INSERT INTO staged_fault SELECT DISTINCT seq, 'no-id' FROM \(staged) WHERE resource_id IS NULL")
        let register = PersonRegister(warehouse: warehouse)
        let isPatient = dataset.name == "patient"
        if isPatient {
            try await register.check(staged, in: session)
        } else {
            try await findUnknownReferences(session)
        }
        if dataset.name == "observation" { try await findOutOfBounds(session) }
        var outcome = Outcome()
        outcome.faults = try await faults(session)
        try await session.execute("DELETE FROM \(staged) WHERE seq IN (SELECT seq FROM staged_fault)")
        outcome.superseded = try await dropRepeated(session)
        try await decide(session, &outcome)
        // Only a version that counts says who a patient is.
        if isPatient { try await register.tie(in: session) }
        try await bringIn(session, replaces: outcome.replaced > 0)
        try await session.execute("DELETE FROM \(staged)")
        return outcome
    }

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

    private func faults(_ session: any EngineSession) async throws -> [QuarantineJournal.Entry] {
        let rows = try await session.query(
            "SELECT seq, min(reason) AS reason FROM staged_fault GROUP BY seq ORDER BY seq")
        return rows.rows.map {
            .init(line: Int($0[0].number ?? 0), byteOffset: nil, reason: $0[1].text, column: nil)
        }
    }

    /// Of several versions of one resource in the batch the newest stays: by time, then by place.
    private func dropRepeated(_ session: any EngineSession) async throws -> Int {
        let repeated = """
            SELECT coalesce(parent_id, resource_id) AS id FROM \(staged) GROUP BY 1 HAVING min(seq) <> max(seq)
            """
        let found = try await session.query("SELECT count(*) AS n FROM (\(repeated)) r")
        guard found.row(0)[0] != .integer(0) else { return 0 }
        try await session.execute(
            """
            CREATE TEMPORARY TABLE staged_old AS SELECT seq FROM (
              SELECT seq, dense_rank() OVER (PARTITION BY coalesce(parent_id, resource_id)
                ORDER BY last_updated DESC NULLS LAST, seq DESC) AS place FROM \(staged)
              WHERE coalesce(parent_id, resource_id) IN (\(repeated))) ranked WHERE place > 1
            """)
        let dropped = try await session.query("SELECT count(DISTINCT seq) AS n FROM staged_old")
        try await session.execute(
            "DELETE FROM \(staged) WHERE seq IN (SELECT seq FROM staged_old); DROP TABLE staged_old")
        return Int(dropped.row(0)[0].number ?? 0)
    }

    /// New, unchanged, older than what is there, or in its place: table `verdict`.
    private func decide(_ session: any EngineSession, _ outcome: inout Outcome) async throws {
        try await session.execute(
            """
            CREATE TEMPORARY TABLE verdict AS
            SELECT i.seq, i.id, CASE WHEN l.id IS NULL THEN 'new' WHEN l.fingerprint = i.fingerprint THEN 'unchanged'
              WHEN i.last_updated < l.last_updated THEN 'superseded' ELSE 'replaced' END AS verdict
            FROM (SELECT DISTINCT seq, coalesce(parent_id, resource_id) AS id, fingerprint, last_updated
                  FROM \(staged)) i
            LEFT JOIN (SELECT DISTINCT coalesce(parent_id, resource_id) AS id, fingerprint, last_updated
                       FROM live.\(dataset.name) WHERE controller = \(controller) AND coalesce(parent_id, resource_id)
                         IN (SELECT coalesce(parent_id, resource_id) FROM \(staged))) l ON l.id = i.id
            """)
        let counts = try await session.query("SELECT verdict, count(*) AS n FROM verdict GROUP BY verdict")
        for row in counts.rows {
            let count = Int(row[1].number ?? 0)
            switch row[0].text {
            case "new": outcome.new += count
            case "unchanged": outcome.unchanged += count
            case "superseded": outcome.superseded += count
            default: outcome.replaced += count
            }
        }
    }

    private func bringIn(_ session: any EngineSession, replaces: Bool) async throws {
        let live = "live.\(dataset.name)"
        if replaces {
            try await session.execute(
                """
                DELETE FROM \(live) WHERE controller = \(controller) AND coalesce(parent_id, resource_id) IN
                  (SELECT id FROM verdict WHERE verdict = 'replaced')
                """)
        }
        try await insert(session, into: live)
        try await session.execute("DROP TABLE verdict")
    }

    private func insert(_ session: any EngineSession, into live: String) async throws {
        let own = schema.stored(dataset).map { SQLQuoting.identifier($0.name) }.joined(separator: ", ")
        let own2 = schema.stored(dataset).map { "s." + SQLQuoting.identifier($0.name) }.joined(
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
