internal import Catalog
internal import Core
internal import Warehouse

/// Merges the batches of one run, one after the other, while the next is being read; many batches are one
/// transaction.
///
/// Patients first. Nothing is remembered of a run that was killed: the same input again gives what one clean run
/// gives, because merging what is there already changes nothing.
actor IngestMerger {
    /// Records of one page of those that waited.
    private static let pageRecords = 100_000
    /// Rows of a transaction, or a batch more. For DuckDB a row group, which it writes when they are committed;
    /// PostgreSQL writes as it goes, and each commit waits for the disk.
    private var transactionRows: Int { schema.dialect == .duckdb ? 122_880 : 983_040 }

    private let warehouse: SiteWarehouse
    private let schema: SiteSchema
    private let session: LoadAheadSession
    private let isRetry: Bool
    private let bounds: MeasurementBounds
    private var subjects: SubjectIndex
    /// Of each dataset that was empty when the run began, what it has taken in.
    private var taken: [String: TakenIdentities] = [:]
    /// Datasets of which records wait for their patient.
    private var waiting: Set<String> = []
    /// Rows merged since the transaction that is open began; nil where none is.
    private var openRows: Int?
    /// What ended the run: what is remembered here may be of rows that were rolled back.
    private var failure: (any Error)?

    init(warehouse: SiteWarehouse, session: any EngineSession, isRetry: Bool) {
        self.warehouse = warehouse
        self.session = LoadAheadSession(session)
        self.isRetry = isRetry
        schema = warehouse.schema
        bounds = MeasurementBounds(schema.catalog.bounds)
        subjects = SubjectIndex(warehouse)
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

    /// Merges the rows of a batch, by dataset. They are durable once `commit` has returned.
    func merge(_ batch: [String: [StagedRows]]) async throws -> [String: DatasetMerge.Outcome] {
        var outcomes: [String: DatasetMerge.Outcome] = [:]
        for dataset in patientsFirst {
            guard let blocks = batch[dataset.name] else { continue }
            outcomes[dataset.name] = try await merge(blocks, dataset, isLast: false)
        }
        if let openRows, openRows >= transactionRows { try await commit() }
        return outcomes
    }

    /// Makes durable what was merged until here.
    func commit() async throws {
        guard openRows != nil else { return }
        try await orRollBack { try await self.session.execute("COMMIT") }
        openRows = nil
    }

    /// Runs part of the open transaction. An error ends it and the run: nothing more can be merged.
    private func orRollBack<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        if let failure { throw failure }
        do { return try await body() } catch {
            failure = error
            openRows = nil
            // In a task of its own: a cancelled task could not roll back.
            let session = session
            await Task { try? await session.execute("ROLLBACK") }.value
            throw error
        }
    }

    /// No more input comes: what waits for its patient is tried once more.
    func mergeWaiting() async throws -> [String: DatasetMerge.Outcome] {
        var outcomes: [String: DatasetMerge.Outcome] = [:]
        try await commit()
        for dataset in patientsFirst where waiting.contains(dataset.name) {
            var outcome = DatasetMerge.Outcome()
            var last: Int64 = -1
            while let page = try await page(of: dataset, after: last) {
                outcome.add(try await merge([page], dataset, isLast: true))
                try await commit()
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
        try await commit()
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
        let isFirst = openRows == nil
        let (result, after) = try await orRollBack {
            if isFirst { try await self.session.execute("BEGIN") }
            var subjects = before
            return (try await merge.run(blocks, &subjects, known, in: self.session), subjects)
        }
        openRows = (openRows ?? 0) + blocks.reduce(0) { $0 + $1.rowCount }
        subjects = after
        note(result.batch, of: dataset)
        let outcome = result.outcome
        if outcome.held > 0 { waiting.insert(dataset.name) }
        return outcome
    }

    private func note(_ batch: RecordBatch, of dataset: Dataset) {
        guard let taken = taken[dataset.name], taken.knowsAll else { return }
        for record in batch.records where record.state == .new {
            if let identity = batch.identity(record) { taken.insert(identity) }
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
