internal import Catalog
internal import Core
internal import Warehouse

/// Merges the batches of one run, one after the other, while the next is being read.
///
/// Patients first. Nothing is remembered of a run that was killed: the same input again gives what one clean run
/// gives, because merging what is there already changes nothing.
actor IngestMerger {
    /// Records of one page of those that waited.
    private static let pageRecords = 100_000

    private let warehouse: SiteWarehouse
    private let schema: SiteSchema
    private let session: any EngineSession
    private let isRetry: Bool
    private let bounds: MeasurementBounds
    private var subjects: SubjectIndex
    /// Of each dataset that was empty when the run began, what it has taken in.
    private var taken: [String: TakenIdentities] = [:]
    /// Datasets of which records wait for their patient.
    private var waiting: Set<String> = []

    init(warehouse: SiteWarehouse, session: any EngineSession, isRetry: Bool) {
        self.warehouse = warehouse
        self.session = session
        self.isRetry = isRetry
        schema = warehouse.schema
        bounds = MeasurementBounds(schema.catalog.bounds)
        subjects = SubjectIndex(controller: warehouse.controller)
    }

    func begin() async throws {
        try await session.execute(schema.ingestDefinitions)
        try await reloadSubjects()
        for dataset in schema.kept {
            let found = try await session.query("SELECT 1 FROM live.\(dataset.name) LIMIT 1")
            if found.rowCount == 0 { taken[dataset.name] = TakenIdentities() }
        }
    }

    private func reloadSubjects() async throws {
        var index = subjects
        try await index.reload(in: session)
        subjects = index
    }

    /// Merges the rows of a batch, by dataset.
    func merge(_ batch: [String: [StagedRows]]) async throws -> [String: DatasetMerge.Outcome] {
        var outcomes: [String: DatasetMerge.Outcome] = [:]
        for dataset in patientsFirst {
            guard let blocks = batch[dataset.name] else { continue }
            outcomes[dataset.name] = try await merge(blocks, dataset, isLast: false)
        }
        return outcomes
    }

    /// No more input comes: what waits for its patient is tried once more.
    func mergeWaiting() async throws -> [String: DatasetMerge.Outcome] {
        var outcomes: [String: DatasetMerge.Outcome] = [:]
        for dataset in patientsFirst where waiting.contains(dataset.name) {
            var outcome = DatasetMerge.Outcome()
            var last: Int64 = -1
            while let page = try await page(of: dataset, after: last) {
                outcome.add(try await merge([page], dataset, isLast: true))
                last = page.sequence.last ?? last
            }
            try await session.execute("DELETE FROM \(SiteSchema.held(dataset))")
            outcomes[dataset.name] = outcome
        }
        waiting = []
        return outcomes
    }

    /// Takes resources of one dataset out of the warehouse.
    func delete(_ ids: Set<String>, of dataset: Dataset) async throws -> DeletionMerge.Outcome {
        let merge = DeletionMerge(warehouse: warehouse, dataset: dataset, ids: ids)
        let outcome = try await session.transaction { try await merge.run(in: $0) }
        if dataset.name == "patient" { try await reloadSubjects() }
        return outcome
    }

    private var patientsFirst: [Dataset] {
        schema.kept.sorted { ($0.name == "patient" ? 0 : 1) < ($1.name == "patient" ? 0 : 1) }
    }

    private func merge(
        _ blocks: [StagedRows], _ dataset: Dataset, isLast: Bool
    ) async throws -> DatasetMerge.Outcome {
        let merge = DatasetMerge(
            warehouse: warehouse, schema: schema, dataset: dataset, bounds: bounds, isLast: isLast,
            isRetry: isRetry, isWaitedFor: waiting.contains(dataset.name))
        let (before, known) = (subjects, taken[dataset.name])
        let (result, after) = try await session.transaction { session in
            var subjects = before
            return (try await merge.run(blocks, &subjects, known, in: session), subjects)
        }
        subjects = after
        note(result.batch, of: dataset)
        let outcome = result.outcome
        if outcome.held > 0 { waiting.insert(dataset.name) }
        return outcome
    }

    private func note(_ batch: RecordBatch, of dataset: Dataset) {
        guard taken[dataset.name]?.knowsAll == true else { return }
        for record in batch.records where record.state == .new {
            if let identity = batch.identity(record) { taken[dataset.name]?.insert(identity) }
        }
    }

    /// The next records that waited, whole, in the order of reading.
    private func page(of dataset: Dataset, after last: Int64) async throws -> StagedRows? {
        let held = SiteSchema.held(dataset)
        let columns = (SiteSchema.stagedColumns + schema.recorded(dataset)).map(\.name)
            .map(SQLQuoting.identifier).joined(separator: ", ")
        let rows = try await session.query(
            """
            SELECT \(columns) FROM \(held) WHERE seq > \(last) AND seq <= (SELECT max(seq) FROM (
              SELECT seq FROM \(held) WHERE seq > \(last) ORDER BY seq LIMIT \(Self.pageRecords)) p)
            ORDER BY seq
            """)
        return rows.rowCount == 0 ? nil : StagedRows(rows)
    }
}

extension DatasetMerge.Outcome {
    mutating func add(_ other: Self) {
        held += other.held
        for (file, counts) in other.files {
            files[file, default: .init()].new += counts.new
            files[file, default: .init()].replaced += counts.replaced
            files[file, default: .init()].unchanged += counts.unchanged
            files[file, default: .init()].superseded += counts.superseded
            files[file, default: .init()].degraded += counts.degraded
            files[file, default: .init()].reasons.merge(counts.reasons, uniquingKeysWith: +)
        }
    }
}
