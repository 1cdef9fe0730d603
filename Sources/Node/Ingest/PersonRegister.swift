internal import Core
internal import Disclosure
internal import Warehouse

/// Gives every staged patient a person: by NHS number, or by a local key where there is none.
struct PersonRegister: Sendable {
    let warehouse: SiteWarehouse

    /// Registers new people and ties the controller's patient ids to them; numbers that cannot be are faults.
    func register(_ staged: String, in session: any EngineSession) async throws {
        let controller = SQLQuoting.literal(warehouse.controller.text)
        let rows = try await session.query(
            "SELECT seq, resource_id, subject_number FROM \(staged) WHERE resource_id IS NOT NULL")
        let (sequence, subjects, numbers) = (
            rows.columns[0].vector, rows.columns[1].vector, rows.columns[2].vector
        )
        var faults: [[Value]] = []
        var ties: [[Value]] = []
        for row in 0..<rows.rowCount {
            switch person(subject: subjects[row].text, number: numbers[row]) {
            case .success(let person): ties.append([.text(subjects[row].text), .text(person)])
            case .failure(let fault): faults.append([sequence[row], .text(fault.reason)])
            }
        }
        try await load("staged_fault", [("seq", .bigint), ("reason", .text)], faults, session)
        try await session.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS staged_tie (subject VARCHAR, person VARCHAR); DELETE FROM staged_tie"
        )
        try await load("staged_tie", [("subject", .text), ("person", .text)], ties, session)
        try await addPeople(session)
        try await session.execute(
            """
            DELETE FROM live.subject WHERE controller = \(controller) AND subject IN (SELECT subject FROM staged_tie);
            INSERT INTO live.subject (controller, subject, person_id)
            SELECT DISTINCT \(controller), t.subject, p.person_id
            FROM (SELECT subject, max(person) AS person FROM staged_tie GROUP BY subject) t
            JOIN live.person p ON p.person = t.person
            """)
    }

    private struct Fault: Error { let reason: String }

    /// INVARIANT: on a synthetic node only numbers of the 999 range are ever accepted.
    private func person(subject: String, number: Value) -> Result<String, Fault> {
        guard case .text(let text) = number else {
            return .success(warehouse.localKey.person(warehouse.controller, subject))
        }
        guard let number = NHSNumber(text) else { return .failure(Fault(reason: "invalid-nhs-number")) }
        guard !warehouse.isSynthetic || number.isSynthetic else {
            return .failure(Fault(reason: "not-a-synthetic-nhs-number"))
        }
        return .success(number.digits)
    }

    private func addPeople(_ session: any EngineSession) async throws {
        let new = try await session.query(
            """
            SELECT DISTINCT t.person FROM staged_tie t LEFT JOIN live.person p ON p.person = t.person
            WHERE p.person_id IS NULL ORDER BY 1
            """)
        guard new.rowCount > 0, case .text(let people) = new.columns[0].vector.storage else { return }
        let last = try await session.query("SELECT coalesce(max(person_id), 0) AS n FROM live.person")
        let start = Int64(last.row(0)[0].number ?? 0)
        let keys = warehouse.recordKey.keys(of: people)
        let table = Table(
            columns: [
                .init(
                    name: "person_id",
                    vector: ColumnVector(
                        type: .integer, storage: .int64(people.indices.map { start + 1 + Int64($0) }))),
                .init(name: "person", vector: ColumnVector(type: .text, storage: .text(people))),
                .init(
                    name: "record_key",
                    vector: ColumnVector(type: .integer, storage: .int64(keys.map(Int64.init)))),
            ], rowCount: people.count)
        try await session.load(
            QualifiedName(schema: "live", "person"),
            columns: [("person_id", .integer), ("person", .text), ("record_key", .integer)], batch: table)
    }

    private func load(
        _ name: String, _ columns: [(name: String, type: ColumnType)], _ rows: [[Value]],
        _ session: any EngineSession
    ) async throws {
        guard !rows.isEmpty else { return }
        try await session.load(QualifiedName(name), columns: columns, batch: Table(columns, rows: rows))
    }
}
