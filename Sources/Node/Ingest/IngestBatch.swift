internal import Catalog
internal import Core
internal import FHIR
internal import Warehouse

/// Records of one file on their way in: staged in the session's own tables, then merged in one transaction.
struct IngestBatch {
    let warehouse: SiteWarehouse
    let schema: SiteSchema
    let session: any EngineSession
    let runners: [ViewRunner]
    let file: String

    private(set) var stagedRows = 0
    private(set) var faults: [QuarantineJournal.Entry] = []
    private(set) var passedOver: [String: Int] = [:]
    private var perDataset: [String: IngestReport.File] = [:]
    /// Lines that are no resource at all.
    private var unreadable: [String: Int] = [:]

    init(
        warehouse: SiteWarehouse, schema: SiteSchema, session: any EngineSession, runners: [ViewRunner],
        file: String
    ) {
        self.warehouse = warehouse
        self.schema = schema
        self.session = session
        self.runners = runners
        self.file = file
    }

    /// One a dataset that the file had records of, and one for lines that are no resource.
    var reports: [IngestReport.File] {
        var all = perDataset.values.sorted { ($0.dataset ?? "") < ($1.dataset ?? "") }
        if !unreadable.isEmpty {
            var rest = IngestReport.File(name: file, dataset: nil)
            rest.setAside = unreadable.values.reduce(0, +)
            rest.records = rest.setAside
            rest.reasons = unreadable
            all.append(rest)
        }
        return all
    }

    func begin() async throws { try await session.execute(schema.stagingDefinitions) }

    /// Puts what the views gave into the staging tables.
    mutating func stage(_ block: LineBlock, _ result: ViewRunner.BlockResult) async throws {
        passedOver.merge(result.unread, uniquingKeysWith: +)
        for fault in result.faults {
            unreadable[fault.reason.rawValue, default: 0] += 1
            note(fault)
        }
        for (runner, rows) in zip(runners, result.views) where rows.resources > 0 || !rows.faults.isEmpty {
            guard let name = runner.view.name, let dataset = schema.catalog.datasets[name] else { continue }
            var report = perDataset[name] ?? IngestReport.File(name: file, dataset: name)
            report.records += rows.resources + rows.faults.count
            report.setAside += rows.faults.count
            for fault in rows.faults {
                report.reasons[fault.reason.rawValue, default: 0] += 1
                note(fault)
            }
            perDataset[name] = report
            try await load(rows, of: dataset, block)
        }
    }

    private mutating func note(_ fault: LineFault) {
        faults.append(
            .init(
                line: fault.line, byteOffset: fault.byteOffset, reason: fault.reason.rawValue,
                column: fault.column))
    }

    private mutating func load(_ rows: ViewRunner.Rows, of dataset: Dataset, _ block: LineBlock) async throws
    {
        guard rows.table.rowCount > 0 else { return }
        let lines = rows.rowSource.map { block.lines[$0] }
        func vector(_ name: String, _ type: ColumnType) -> ColumnVector {
            rows.table.column(name)?.vector
                ?? ColumnVector(
                    type: type, values: Array(repeating: .null, count: rows.table.rowCount))
        }
        var fingerprints: [Int64] = []
        fingerprints.reserveCapacity(lines.count)
        var last = -1
        for source in rows.rowSource {
            // Rows of one resource stand together: its line is hashed once.
            fingerprints.append(
                source == last ? fingerprints[fingerprints.count - 1] : block.fingerprint(block.lines[source])
            )
            last = source
        }
        let isPatient = dataset.name == "patient"
        let key: [ColumnVector] = [
            ColumnVector(type: .bigint, storage: .int64(lines.map { Int64($0.number) })),
            vector("resource_id", .text), vector("parent_id", .text),
            ColumnVector(type: .bigint, storage: .int64(fingerprints)), vector("last_updated", .timestamp),
            vector(isPatient ? "resource_id" : "person", .text),
            vector(isPatient ? "person" : "subject_nhs_number", .text),
        ]
        let own = schema.stored(dataset)
        let columns = SiteSchema.stagedColumns + own
        let vectors = key + own.map { vector($0.name, $0.type) }
        let table = Table(
            columns: zip(columns, vectors).map { Table.Column(name: $0.name, vector: $1) },
            rowCount: rows.table.rowCount)
        try await session.load(QualifiedName(SiteSchema.staged(dataset)), columns: columns, batch: table)
        stagedRows += table.rowCount
    }

    /// Merges everything that is staged, dataset by dataset, and empties the staging tables.
    mutating func merge() async throws {
        guard stagedRows > 0 else { return }
        for dataset in schema.datasets.sorted(by: {
            ($0.name == "patient" ? 0 : 1) < ($1.name == "patient" ? 0 : 1)
        }) {
            guard var report = perDataset[dataset.name] else { continue }
            let merge = DatasetMerge(warehouse: warehouse, schema: schema, dataset: dataset)
            let outcome = try await session.transaction { try await merge.run(in: $0) }
            report.new += outcome.new
            report.replaced += outcome.replaced
            report.unchanged += outcome.unchanged
            report.superseded += outcome.superseded
            report.setAside += outcome.faults.count
            for fault in outcome.faults { report.reasons[fault.reason, default: 0] += 1 }
            faults += outcome.faults
            perDataset[dataset.name] = report
        }
        stagedRows = 0
    }
}
