internal import Catalog
internal import Core
internal import Disclosure
internal import Warehouse

/// Gives every staged patient a person: by NHS number, or by a local key where there is none.
struct PersonRegister: Sendable {
    let warehouse: SiteWarehouse

    private var controller: String { SQLQuoting.literal(warehouse.controller.text) }

    /// Who each patient of the batch is, by place; numbers that cannot be are faults.
    func identify(_ batch: inout RecordBatch) -> [Int: String] {
        var people: [Int: String] = [:]
        for place in batch.records.indices {
            let record = batch.records[place]
            guard let identity = batch.identity(record) else { continue }
            let number = batch.blocks[record.block].number.bytes(record.rows.lowerBound)
            let subject = String(decoding: identity, as: UTF8.self)
            switch person(subject: subject, number: number.map { String(decoding: $0, as: UTF8.self) }) {
            case .success(let person): people[place] = person
            case .failure(let fault): batch.setAside(place, fault.reason)
            }
        }
        return people
    }

    /// Registers new people and ties the controller's patient ids to them, for the versions that count. What was
    /// recorded of a patient follows when the number is corrected.
    func tie(
        _ batch: inout RecordBatch, _ people: [Int: String], _ subjects: inout SubjectIndex,
        in session: any EngineSession
    ) async throws {
        let taken = batch.records.indices.filter { batch.records[$0].state.isTaken }
        guard !taken.isEmpty else { return }
        let ties = taken.compactMap { place -> [Value]? in
            guard let identity = batch.identity(batch.records[place]), let person = people[place] else {
                return nil
            }
            return [.text(String(decoding: identity, as: UTF8.self)), .text(person)]
        }
        try await session.execute("DELETE FROM staged_tie")
        try await load("staged_tie", [("subject", .text), ("person", .text)], ties, session)
        try await tieStaged(in: session)
        try await subjects.reloadTied(in: session)
        for place in taken {
            guard let identity = batch.identity(batch.records[place]) else { continue }
            batch.set(person: subjects.person(identity), place)
        }
    }

    /// What a source says of its ids: of several numbers of one id the greatest, so that it is always the same.
    private static let ties = "SELECT subject, max(person) AS person FROM staged_tie GROUP BY subject"

    /// Registers the people of table `staged_tie` (subject, person), and ties the subjects to them.
    func tieStaged(in session: any EngineSession) async throws {
        try await addPeople(session)
        try await session.execute(
            """
            CREATE TEMPORARY TABLE moved AS SELECT t.subject, p.person_id
            FROM (\(Self.ties)) t JOIN live.person p ON p.person = t.person
            JOIN live.subject j ON j.controller = \(controller) AND j.subject = t.subject
            WHERE j.person_id <> p.person_id
            """)
        if try await session.query("SELECT count(*) FROM moved").row(0)[0] != .integer(0) {
            try await moveRecords(session)
        }
        try await session.execute(
            """
            INSERT INTO live.subject (controller, subject, person_id)
            SELECT \(controller), t.subject, p.person_id
            FROM (\(Self.ties)) t JOIN live.person p ON p.person = t.person
            WHERE NOT EXISTS (SELECT 1 FROM live.subject j
              WHERE j.controller = \(controller) AND j.subject = t.subject);
            DROP TABLE moved
            """)
    }

    private func moveRecords(_ session: any EngineSession) async throws {
        // Under which numbers a person was counted before.
        try await session.execute(
            """
            INSERT INTO live.renumbered (former_id, person_id)
            SELECT DISTINCT j.person_id, m.person_id FROM moved m
            JOIN live.subject j ON j.controller = \(controller) AND j.subject = m.subject
            """)
        for name in ["subject"] + warehouse.schema.kept.map(\.name) {
            let table = SQLQuoting.identifier(name)
            try await session.execute(
                """
                UPDATE live.\(table) SET person_id =
                  (SELECT m.person_id FROM moved m WHERE m.subject = \(table).subject)
                WHERE controller = \(controller) AND subject IN (SELECT subject FROM moved)
                """)
        }
    }

    private struct Fault: Error { let reason: String }

    /// INVARIANT: on a synthetic node only numbers of the 999 range are ever accepted.
    private func person(subject: String, number: String?) -> Result<String, Fault> {
        guard let number else { return .success(warehouse.localKey.person(warehouse.controller, subject)) }
        guard let number = NHSNumber(number) else { return .failure(Fault(reason: "invalid-nhs-number")) }
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
