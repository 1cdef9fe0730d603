internal import Core
internal import Warehouse

/// The people of a controller's patient ids, held for the length of a run.
struct SubjectIndex: Sendable {
    private let controller: String
    private let schema: SiteSchema
    private var people = TextIndex()

    init(_ warehouse: SiteWarehouse) {
        (controller, schema) = (warehouse.controller.sql, warehouse.schema)
    }

    /// Reads all ties anew.
    mutating func reload(in session: any EngineSession) async throws {
        let rows = try await session.query(
            "SELECT subject, person_id FROM live.subject WHERE controller = \(controller)")
        people = TextIndex(capacity: rows.rowCount)
        take(rows)
    }

    /// Reads the ties of the patients of table `staged_tie` anew.
    mutating func reloadTied(in session: any EngineSession) async throws {
        take(
            try await session.query(
                """
                SELECT subject, person_id FROM live.subject
                WHERE controller = \(controller) AND subject IN (SELECT subject FROM staged_tie)
                """))
    }

    private mutating func take(_ rows: Table) {
        guard case .int64(let numbers) = rows.columns[1].vector.storage else { return }
        for row in 0..<rows.rowCount {
            guard case .text(var subject) = rows.columns[0].vector[row] else { continue }
            subject.withUTF8 {
                if people.insert($0, Int32(numbers[row])) != nil { people.update($0, Int32(numbers[row])) }
            }
        }
    }

    func person(_ subject: UnsafeBufferPointer<UInt8>) -> Int32? { people.number(of: subject) }

    /// Tells each record whom it is about, if that is known: by the patient it refers to, or by a number alone.
    func resolve(_ batch: inout RecordBatch, in session: any EngineSession) async throws {
        var numbered: [String: [Int]] = [:]
        for place in batch.places(.open) {
            let record = batch.records[place]
            if let subject = batch.subject(record) {
                batch.set(person: person(subject), place)
            } else if let number = batch.blocks[record.block].number.bytes(record.rows.lowerBound) {
                numbered[String(decoding: number, as: UTF8.self), default: []].append(place)
            }
        }
        guard !numbered.isEmpty else { return }
        let wanted = numbered.keys.sorted()
        try await schema.fill(
            .wanted,
            [
                ColumnVector(type: .bigint, storage: .int64(wanted.map { _ in 0 })),
                ColumnVector(type: .text, storage: .text(wanted)),
            ], in: session)
        let found = try await session.query(
            """
            SELECT p.person, p.person_id FROM live.person p JOIN wanted w ON w.id = p.person
            WHERE EXISTS (SELECT 1 FROM live.subject s
              WHERE s.controller = \(controller) AND s.person_id = p.person_id)
            """)
        for row in found.rows {
            guard let person = row[1].whole else { continue }
            for place in numbered[row[0].text] ?? [] { batch.set(person: Int32(person), place) }
        }
    }
}
