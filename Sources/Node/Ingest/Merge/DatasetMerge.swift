internal import Catalog
internal import Core
internal import Store
internal import Warehouse

/// Brings a batch of records of one dataset into its live table, by version.
///
/// Who a record is about, what is wrong with it and which of several versions counts is decided here, in memory,
/// against what the engine says of the records that it has already. Everything happens in the caller's
/// transaction: either all of a batch is in, or none.
struct DatasetMerge: Sendable {
    /// What became of the records of one file.
    struct Counts: Sendable {
        var new = 0
        var replaced = 0
        var unchanged = 0
        var superseded = 0
        /// Of those that are new, replaced or unchanged.
        var degraded = 0
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
    let bounds: MeasurementBounds
    /// Whether the input has ended: what waits for its patient waits no longer.
    var isLast = false
    /// Whether the records were set aside earlier: one replaces another only if it is told to be newer.
    var isRetry = false
    /// Whether records of the dataset wait for their patient: what is taken meanwhile may overtake them.
    var isWaitedFor = false

    private var live: String { "live.\(dataset.name)" }
    private var controller: String { SQLQuoting.literal(warehouse.controller.text) }
    private var isPatient: Bool { dataset.name == "patient" }
    private static let identity = "coalesce(parent_id, resource_id)"

    /// - Parameters:
    ///   - subjects: the people of the controller's patient ids; new ones are added.
    ///   - taken: where the dataset was empty when the run began, what the run has taken in.
    /// - Returns: with what was done, the batch as it was decided.
    func run(
        _ blocks: [StagedRows], _ subjects: inout SubjectIndex, _ taken: TakenIdentities?,
        in session: any EngineSession
    ) async throws -> (outcome: Outcome, batch: RecordBatch) {
        var batch = RecordBatch(blocks)
        batch.findUnwritable()
        var outcome = Outcome()
        let register = PersonRegister(warehouse: warehouse)
        var patients: [Int: PatientIdentity] = [:]
        if isPatient {
            patients = register.identify(&batch)
        } else {
            try await subjects.resolve(&batch, in: session)
            outcome.held = try await holdOrRefuse(&batch, session)
        }
        if dataset.name == "observation" {
            batch.setAside("out-of-bounds") { bounds.outside($0.table) }
            if schema.unknownUnits == .quarantine {
                batch.setAside(MeasurementUnits.reason, where: MeasurementUnits.marked)
            }
        }
        try await keepSetAside(batch, session)
        batch.dropRepeated()
        try await decide(&batch, taken, session)
        count(batch, &outcome)
        // Only a version that counts says who a patient is.
        if isPatient { try await register.tie(&batch, patients, &subjects, in: session) }
        try await bringIn(batch, session)
        return (outcome, batch)
    }

    // MARK: - What is wrong

    /// Records whose patient is unknown wait for the rest of the input, or are set aside if there is none.
    private func holdOrRefuse(_ batch: inout RecordBatch, _ session: any EngineSession) async throws -> Int {
        let unknown = batch.places(.open).filter { batch.records[$0].person == nil }
        guard !unknown.isEmpty else { return 0 }
        for place in unknown {
            if isLast { batch.setAside(place, "unknown-reference") } else { batch.set(.held, place) }
        }
        guard !isLast else { return 0 }
        let columns = SiteSchema.stagedColumns + schema.recorded(dataset)
        for (number, block) in batch.blocks.enumerated() {
            let rows = batch.rows(of: number) { $0.state == .held }
            guard !rows.isEmpty else { continue }
            try await session.load(
                QualifiedName(SiteSchema.held(dataset)), columns: columns, batch: block.picking(rows))
        }
        return unknown.count
    }

    private func keepSetAside(_ batch: RecordBatch, _ session: any EngineSession) async throws {
        guard !batch.reasons.isEmpty else { return }
        let rows = batch.reasons.map { place, reasons in
            [
                Value.integer(batch.records[place].sequence),
                .text(reasons.sorted().joined(separator: " ")), .text(dataset.name),
            ]
        }
        let columns: [(name: String, type: ColumnType)] = [
            ("seq", .bigint), ("reasons", .text), ("dataset", .text),
        ]
        try await session.load(
            QualifiedName("set_aside"), columns: columns, batch: Table(columns, rows: rows))
    }

    private func count(_ batch: RecordBatch, _ outcome: inout Outcome) {
        let marks = batch.blocks.map(\.degraded)
        for (place, record) in batch.records.enumerated() {
            let file = RecordSequence.file(record.sequence)
            if record.state.isTaken || record.state == .unchanged,
                marks[record.block]?.bytes(record.rows.lowerBound)?.isEmpty == false
            {
                outcome.files[file, default: Counts()].degraded += 1
            }
            switch record.state {
            case .new: outcome.files[file, default: Counts()].new += 1
            case .replaced: outcome.files[file, default: Counts()].replaced += 1
            case .unchanged: outcome.files[file, default: Counts()].unchanged += 1
            case .superseded: outcome.files[file, default: Counts()].superseded += 1
            case .setAside:
                let first = batch.reasons[place]?.min() ?? ""
                outcome.files[file, default: Counts()].reasons[first, default: 0] += 1
            case .held, .open: break
            }
        }
    }

    // MARK: - Versions

    /// What the live table has of a record.
    private struct Known {
        /// NULL where an earlier version of the program kept less of the record: whatever comes is another.
        let fingerprint: Int64?
        let updated: Int64?
        /// Number of the record that this run took while others waited.
        let taken: Int64?
    }

    /// New, unchanged, older than what is there, or in its place.
    private func decide(
        _ batch: inout RecordBatch, _ taken: TakenIdentities?, _ session: any EngineSession
    ) async throws {
        let open = batch.places(.open)
        var asked = open
        if let taken, taken.knowsAll {
            asked = open.filter { batch.identity(batch.records[$0]).map(taken.mayHave) ?? true }
        }
        let known = try await known(of: asked, batch, session)
        for place in open {
            let record = batch.records[place]
            guard let there = known[place] else {
                batch.set(.new, place)
                continue
            }
            if there.fingerprint == record.fingerprint {
                batch.set(.unchanged, place)
            } else {
                batch.set(isOlder(record, than: there) ? .superseded : .replaced, place)
            }
        }
    }

    private func isOlder(_ record: RecordBatch.Record, than known: Known) -> Bool {
        if isRetry { return !record.isNewer(than: known.updated) || known.updated == nil }
        if let taken = known.taken, taken > record.sequence { return !record.isNewer(than: known.updated) }
        guard let updated = record.updated, let other = known.updated else { return false }
        return updated < other
    }

    /// What is there of these records.
    private func known(
        of places: [Int], _ batch: RecordBatch, _ session: any EngineSession
    ) async throws -> [Int: Known] {
        guard !places.isEmpty else { return [:] }
        try await want(places, batch, session)
        let taken =
            isLast
            ? "(SELECT max(t.seq) FROM taken t WHERE t.dataset = '\(dataset.name)' AND t.id = w.id)" : "NULL"
        let rows = try await session.query(
            """
            SELECT DISTINCT w.place, l.fingerprint, l.last_updated, CAST(\(taken) AS BIGINT) AS taken
            FROM \(live) l JOIN wanted w ON w.id = coalesce(l.parent_id, l.resource_id)
            WHERE l.controller = \(controller)
            """)
        var known: [Int: Known] = [:]
        for row in 0..<rows.rowCount {
            func whole(_ column: Int) -> Int64? {
                switch rows.columns[column].vector[row] {
                case .integer(let value), .timestamp(let value): value
                default: nil
                }
            }
            guard let place = whole(0) else { continue }
            known[Int(place)] = Known(fingerprint: whole(1), updated: whole(2), taken: whole(3))
        }
        return known
    }

    /// Puts the identities of records into table `wanted`.
    private func want(
        _ places: [Int], _ batch: RecordBatch, _ session: any EngineSession
    ) async throws {
        var ids = PackedTexts.Builder()
        var kept: [Int64] = []
        for place in places {
            guard let identity = batch.identity(batch.records[place]) else { continue }
            ids.append(identity)
            kept.append(Int64(place))
        }
        try await schema.fill(
            .wanted,
            [
                ColumnVector(type: .bigint, storage: .int64(kept)),
                ColumnVector(type: .text, storage: .packed(ids.finish())),
            ], in: session)
    }

    private func bringIn(_ batch: RecordBatch, _ session: any EngineSession) async throws {
        let replaced = batch.places(.replaced)
        if !replaced.isEmpty {
            try await want(replaced, batch, session)
            try await session.execute(
                """
                DELETE FROM \(live) WHERE controller = \(controller) AND \(Self.identity) IN (SELECT id FROM wanted)
                """)
        }
        let own = schema.recorded(dataset)
        let columns = SiteSchema.keyColumns + own
        for (number, block) in batch.blocks.enumerated() {
            let rows = batch.rows(of: number) { $0.state.isTaken }
            guard !rows.isEmpty else { continue }
            let people = batch.people(of: number) { $0.state.isTaken }
            let batch = liveTable(block.picking(rows), people, columns)
            try await session.load(
                QualifiedName(schema: SiteSchema.live, dataset.name), columns: columns, batch: batch)
        }
        if isWaitedFor, !isLast { try await noteTaken(batch, session) }
    }

    private func liveTable(
        _ staged: Table, _ people: [Int64], _ columns: [(name: String, type: ColumnType)]
    ) -> Table {
        let controller = ColumnVector(
            type: .text,
            storage: .packed(PackedTexts(repeating: warehouse.controller.text, count: people.count)))
        let person = ColumnVector(type: .integer, storage: .int64(people))
        // Staged: seq, resource_id, parent_id, fingerprint, last_updated, subject, subject_number, own columns.
        let given = staged.columns.map(\.vector)
        let vectors = Array(given[1...4]) + [controller, given[5], person] + given[7...]
        return Table(
            columns: zip(columns, vectors).map { .init(name: $0.name, vector: $1) }, rowCount: people.count)
    }

    /// Remembers what was taken while other records of the dataset wait.
    private func noteTaken(_ batch: RecordBatch, _ session: any EngineSession) async throws {
        let taken = batch.places(.new) + batch.places(.replaced)
        guard !taken.isEmpty else { return }
        try await want(taken, batch, session)
        try await schema.fill(
            .wantedSequence,
            [
                ColumnVector(type: .bigint, storage: .int64(taken.map(Int64.init))),
                ColumnVector(type: .bigint, storage: .int64(taken.map { batch.records[$0].sequence })),
            ], in: session)
        try await session.execute(
            """
            INSERT INTO taken SELECT '\(dataset.name)', w.id, s.seq FROM wanted w
            JOIN wanted_sequence s ON s.place = w.place
            """)
    }
}
