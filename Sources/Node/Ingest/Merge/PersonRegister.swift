internal import Catalog
internal import Core
internal import Disclosure
internal import Warehouse

/// Ties the patients of one controller to people: by NHS number, or by a local key where there is none that counts.
///
/// INVARIANT: in every state that is committed, who a patient is follows from `live.patient` alone
/// (`IdentityResolution`), and every record is of the person of its subject.
struct PersonRegister: Sendable {
    let warehouse: SiteWarehouse

    private var controller: String { SQLQuoting.literal(warehouse.controller.text) }

    /// What each patient of the batch says of who it is, by place; numbers that cannot be are faults.
    func identify(_ batch: inout RecordBatch) -> [Int: PatientIdentity] {
        let columns = batch.blocks.map { PatientColumns($0.table) }
        var patients: [Int: PatientIdentity] = [:]
        for place in batch.records.indices {
            let record = batch.records[place]
            guard let identity = batch.identity(record) else { continue }
            let patient = columns[record.block].identity(
                of: String(decoding: identity, as: UTF8.self), record.rows.lowerBound)
            if let reason = fault(patient) {
                batch.setAside(place, reason)
            } else {
                patients[place] = patient
            }
        }
        return patients
    }

    /// INVARIANT: on a synthetic node only numbers of the 999 range are ever accepted.
    private func fault(_ patient: PatientIdentity) -> String? {
        for claim in patient.claims {
            guard let number = NHSNumber(claim.written) else { return "invalid-nhs-number" }
            guard !warehouse.isSynthetic || number.isSynthetic else { return "not-a-synthetic-nhs-number" }
        }
        return patient.demographics.isBorn(by: Int(Clock.days(Clock.now)) + 1) ? nil : "birth-in-future"
    }

    /// Registers new people and ties the controller's patient ids to them, for the versions that count. Whoever is
    /// somebody else because of them is tied anew as well, and what was recorded of them follows.
    func tie(
        _ batch: inout RecordBatch, _ patients: [Int: PatientIdentity], _ subjects: inout SubjectIndex,
        in session: any EngineSession
    ) async throws {
        let taken = batch.records.indices.filter { batch.records[$0].state.isTaken }
        guard !taken.isEmpty else { return }
        let replaced = batch.places(.replaced).compactMap { patients[$0]?.id }
        let ties = try await PatientRegister(warehouse).ties(
            arriving: taken.compactMap { patients[$0] }, replacing: Set(replaced), leaving: [], in: session)
        try await stage(ties, session)
        try await tieStaged(in: session)
        try await subjects.reloadTied(in: session)
        for place in taken {
            guard let identity = batch.identity(batch.records[place]) else { continue }
            batch.set(person: subjects.person(identity), place)
        }
    }

    /// Takes the ties of patients who are about to be deleted, and ties anew who is somebody else without them.
    func untie(_ ids: Set<String>, in session: any EngineSession) async throws {
        let ties = try await PatientRegister(warehouse).ties(
            arriving: [], replacing: [], leaving: ids, in: session)
        try await stage(ties, session)
        try await tieStaged(in: session)
        let gone = "controller = \(controller) AND subject IN (SELECT id FROM deletion)"
        try await session.execute(
            """
            DELETE FROM live.untied WHERE \(gone);
            INSERT INTO live.untied (controller, subject, person_id)
            SELECT controller, subject, person_id FROM live.subject WHERE \(gone);
            DELETE FROM live.subject WHERE \(gone)
            """)
    }

    private func stage(
        _ ties: [String: IdentityResolution.Person], _ session: any EngineSession
    ) async throws {
        let sorted = ties.sorted { $0.key < $1.key }
        let people = sorted.map { tie in
            switch tie.value {
            case .number(let number): number
            case .local(let id): warehouse.localKey.person(warehouse.controller, id)
            }
        }
        try await warehouse.schema.fill(
            .stagedTie,
            [
                ColumnVector(type: .text, storage: .text(sorted.map(\.key))),
                ColumnVector(type: .text, storage: .text(people)),
            ], in: session)
    }

    /// What a source says of its ids: of several numbers of one id the greatest, so that it is always the same.
    private static let ties = "SELECT subject, max(person) AS person FROM staged_tie GROUP BY subject"

    private static let known =
        "SELECT controller, subject, person_id FROM live.subject UNION ALL "
        + "SELECT controller, subject, person_id FROM live.untied"

    /// Registers the people of table `staged_tie` whom nobody knew, and ties the subjects to them that were of nobody:
    /// nothing changes for any record that is there. All other ties are left in a table.
    /// - Parameter others: a table with `subject` and `person`.
    func tieNew(leaving others: String, in session: any EngineSession) async throws {
        try await addPeople(session)
        try await session.execute(
            """
            INSERT INTO \(others) (subject, person)
            SELECT t.subject, t.person FROM (\(Self.ties)) t JOIN live.person p ON p.person = t.person
            JOIN (\(Self.known)) j ON j.controller = \(controller) AND j.subject = t.subject
            WHERE j.person_id <> p.person_id OR NOT EXISTS (SELECT 1 FROM live.subject s
              WHERE s.controller = j.controller AND s.subject = j.subject);
            INSERT INTO live.subject (controller, subject, person_id)
            SELECT \(controller), t.subject, p.person_id
            FROM (\(Self.ties)) t JOIN live.person p ON p.person = t.person
            WHERE NOT EXISTS (SELECT 1 FROM (\(Self.known)) j
              WHERE j.controller = \(controller) AND j.subject = t.subject)
            """)
    }

    /// Registers the people of table `staged_tie` (subject, person), and ties the subjects to them.
    func tieStaged(in session: any EngineSession) async throws {
        try await addPeople(session)
        try await session.execute(
            """
            CREATE TEMPORARY TABLE moved AS SELECT t.subject, p.person_id, j.person_id AS former_id
            FROM (\(Self.ties)) t JOIN live.person p ON p.person = t.person
            JOIN (\(Self.known)) j ON j.controller = \(controller) AND j.subject = t.subject
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
            DELETE FROM live.untied WHERE controller = \(controller)
              AND subject IN (SELECT subject FROM staged_tie);
            DROP TABLE moved
            """)
    }

    private func moveRecords(_ session: any EngineSession) async throws {
        // Under which numbers a person was counted before.
        try await session.execute(
            """
            INSERT INTO live.renumbered (former_id, person_id, controller)
            SELECT DISTINCT m.former_id, m.person_id, \(controller) FROM moved m WHERE NOT EXISTS (
              SELECT 1 FROM live.renumbered r WHERE r.former_id = m.former_id AND r.person_id = m.person_id
                AND r.controller = \(controller))
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
}
