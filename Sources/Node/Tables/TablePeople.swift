internal import Catalog
internal import Core
internal import Warehouse

/// Finds the person of every incoming row: by NHS number; where there is none by the source's own id, which is
/// tied to a number if the same source says one of it, and has a local key otherwise.
struct TablePeople: Sendable {
    let warehouse: SiteWarehouse
    /// A table with `seq`, `number`, `subject` and `local_subject`.
    let rows: String
    /// A table with `seq` and `verdict`: only rows that are new or replaced count; nil: all do.
    var verdict: String?
    /// Of the rows those of one part: all rows that name an id of the source are of the same.
    var part = 0
    var parts = 1

    private var counted: String {
        let ofPart = warehouse.schema.isOf(part, of: parts, text: "coalesce(r.local_subject, r.subject)")
        return verdict.map {
            "r.seq IN (SELECT v.seq FROM \($0) v WHERE v.verdict IN ('new', 'replaced')) AND \(ofPart)"
        } ?? ofPart
    }

    private var controller: String { warehouse.controller.sql }

    /// Registers new people and ties.
    /// - Returns: how many local ids have more than one number in these rows: the rows keep their own numbers.
    func register(in session: any EngineSession) async throws -> Int {
        let conflicts = try await stage(session)
        try await PersonRegister(warehouse: warehouse).tieStaged(in: session)
        return conflicts
    }

    /// Registers whom nobody knew, and leaves in a table (`subject`, `person`) what says something else of a subject
    /// that is known: no record that is there changes its person.
    func registerNew(leaving others: String, in session: any EngineSession) async throws -> Int {
        let conflicts = try await stage(session)
        try await PersonRegister(warehouse: warehouse).tieNew(leaving: others, in: session)
        return conflicts
    }

    private func stage(_ session: any EngineSession) async throws -> Int {
        try await session.execute(
            """
            \(warehouse.schema.renewed(.stagedTie))
            CREATE TEMPORARY TABLE local_tie AS SELECT local_subject, min(number) AS number, count(DISTINCT number) AS numbers
            FROM \(rows) r WHERE local_subject IS NOT NULL AND \(counted) GROUP BY local_subject;
            INSERT INTO staged_tie SELECT DISTINCT subject, number FROM \(rows) r
            WHERE number IS NOT NULL AND \(counted);
            INSERT INTO staged_tie SELECT local_subject, number FROM local_tie WHERE numbers = 1
            """)
        try await addLocals(session)
        let conflicts = try await session.query("SELECT count(*) AS n FROM local_tie WHERE numbers > 1")
        try await session.execute("DROP TABLE local_tie")
        return Int(conflicts.row(0)[0].number ?? 0)
    }

    /// Rows whose id nobody has tied to a number, neither now nor before.
    private func addLocals(_ session: any EngineSession) async throws {
        let found = try await session.query(
            """
            SELECT DISTINCT r.subject FROM \(rows) r
            LEFT JOIN live.subject j ON j.controller = \(controller) AND j.subject = r.subject
            WHERE r.number IS NULL AND j.person_id IS NULL
              AND NOT EXISTS (SELECT 1 FROM local_tie t WHERE t.local_subject = r.subject AND t.numbers = 1)
              AND \(counted)
            """)
        guard found.rowCount > 0 else { return }
        let people = found.columns[0].vector.values.map {
            warehouse.localKey.person(warehouse.controller, $0.text)
        }
        try await WorkingTable.stagedTie.append(
            [found.columns[0].vector, ColumnVector(type: .text, storage: .text(people))], in: session)
    }
}
