internal import Catalog
internal import Core
internal import FHIR
internal import Foundation
internal import Warehouse

/// The work of one ingest: files are read one after the other, staged in the session's own tables and merged
/// a batch a transaction.
///
/// Nothing is remembered of a run that was killed: the same input again gives what one clean run gives,
/// because merging what is there already changes nothing.
struct IngestRun {
    /// Rows that are staged before they are merged.
    private static let batchRows = 300_000

    let warehouse: SiteWarehouse
    let session: any EngineSession
    let runners: [ViewRunner]
    let sources: [IngestSource]
    let isRetry: Bool
    var keeper: any RecordKeeper

    /// Of each file, how many resources it has.
    private(set) var resources: [Int]
    private var bytes = 0
    private var passedOver: [String: Int] = [:]
    private var files: [FileKey: IngestReport.File] = [:]
    private var stagedRows = 0
    private var stagedDatasets: Set<String> = []
    private var hasHeld = false
    private var deletions: [LineBlock.Deletion] = []

    private struct FileKey: Hashable {
        let source: Int
        let dataset: String?
    }

    private var schema: SiteSchema { warehouse.schema }

    init(
        warehouse: SiteWarehouse, session: any EngineSession, runners: [ViewRunner],
        sources: [IngestSource], keeper: any RecordKeeper, isRetry: Bool
    ) {
        self.warehouse = warehouse
        self.session = session
        self.runners = runners
        self.sources = sources
        self.keeper = keeper
        self.isRetry = isRetry
        resources = Array(repeating: 0, count: sources.count)
    }

    /// What became of the records, file by file; last of each what is no record of a dataset.
    var report: IngestReport {
        var report = IngestReport()
        report.files = files.sorted {
            ($0.key.source, $0.key.dataset == nil ? 1 : 0, $0.key.dataset ?? "")
                < ($1.key.source, $1.key.dataset == nil ? 1 : 0, $1.key.dataset ?? "")
        }.map(\.value)
        report.passedOver = passedOver
        report.bytes = bytes
        return report
    }

    func begin() async throws { try await session.execute(schema.ingestDefinitions) }

    // MARK: - Reading

    /// One file; several threads run the views, one loads.
    mutating func take(_ place: Int, progress: (Int) -> Void) async throws {
        let reader = try sources[place].reader()
        let width = max(2, ProcessInfo.processInfo.activeProcessorCount)
        while true {
            let (blocks, fault) = Self.blocks(width, of: reader)
            if blocks.isEmpty, fault == nil { break }
            for (block, result) in try await Self.views(runners, over: blocks) {
                bytes += block.byteCount
                resources[place] += block.lines.count + block.faults.count
                try await stage(block, result, place)
                deletions += block.deletions
            }
            // What stands before the damage is taken in.
            if let fault { throw fault }
            if stagedRows >= Self.batchRows { try await merge() }
            progress(reader.storedBytesRead)
        }
        if !deletions.isEmpty { try await delete(place) }
    }

    private static func blocks(_ count: Int, of reader: SourceReader) -> ([LineBlock], ReadFault?) {
        var blocks: [LineBlock] = []
        do {
            while blocks.count < count, let block = try reader.next() { blocks.append(block) }
        } catch {
            return (blocks, error)
        }
        return (blocks, nil)
    }

    private static func views(
        _ runners: [ViewRunner], over blocks: [LineBlock]
    ) async throws -> [(LineBlock, ViewRunner.BlockResult)] {
        try await withThrowingTaskGroup(of: (Int, ViewRunner.BlockResult).self) { group in
            for (place, block) in blocks.enumerated() {
                group.addTask { (place, ViewRunner.run(runners, over: block)) }
            }
            var results: [Int: ViewRunner.BlockResult] = [:]
            for try await (place, result) in group { results[place] = result }
            return blocks.indices.compactMap { place in results[place].map { (blocks[place], $0) } }
        }
    }

    /// Puts what the views gave into the staging tables.
    private mutating func stage(
        _ block: LineBlock, _ result: ViewRunner.BlockResult, _ place: Int
    ) async throws {
        passedOver.merge(result.unread, uniquingKeysWith: +)
        for fault in result.faults { try setAside(fault, nil, block, place) }
        for (runner, rows) in zip(runners, result.views) where rows.resources > 0 || !rows.faults.isEmpty {
            guard let name = runner.view.name, let dataset = schema.kept(name) else { continue }
            count(place, name) { $0.records += rows.resources }
            for fault in rows.faults { try setAside(fault, name, block, place) }
            let (table, rowSource) =
                name == SiteSchema.consent.name
                ? try readConsents(rows, block, place) : (rows.table, rows.rowSource)
            guard table.rowCount > 0 else { continue }
            try await load(table, rowSource, of: dataset, block, place)
            stagedRows += table.rowCount
            stagedDatasets.insert(name)
        }
    }

    private mutating func setAside(
        _ fault: LineFault, _ dataset: String?, _ block: LineBlock, _ place: Int
    ) throws {
        count(place, dataset) {
            $0.records += 1
            $0.setAside(fault.reason.rawValue)
        }
        try keeper.setAside(SetAsideRecord(fault, dataset: dataset, in: block), of: sources[place])
    }

    mutating func count(
        _ place: Int, _ dataset: String?, _ change: (inout IngestReport.File) -> Void
    ) {
        let empty = IngestReport.File(name: sources[place].name, dataset: dataset)
        change(&files[FileKey(source: place, dataset: dataset), default: empty])
    }

    // MARK: - Merging

    /// Merges everything that is staged, dataset by dataset, patients first, and empties the staging tables.
    ///
    /// - Parameter isLast: no more input comes: what waits for its patient is tried once more.
    mutating func merge(isLast: Bool = false) async throws {
        guard stagedRows > 0 || isLast && hasHeld else { return }
        let patientsFirst = schema.kept.sorted {
            ($0.name == "patient" ? 0 : 1) < ($1.name == "patient" ? 0 : 1)
        }
        for dataset in patientsFirst {
            let isWaited = isLast && hasHeld && dataset.name != "patient"
            guard isWaited || stagedDatasets.contains(dataset.name) else { continue }
            let merge = DatasetMerge(
                warehouse: warehouse, schema: schema, dataset: dataset,
                isLast: isLast && dataset.name != "patient", isRetry: isRetry)
            let outcome = try await session.transaction { try await merge.run(in: $0) }
            hasHeld = hasHeld || outcome.held > 0
            for (place, counts) in outcome.files {
                count(place, dataset.name) { file in
                    file.new += counts.new
                    file.replaced += counts.replaced
                    file.unchanged += counts.unchanged
                    file.superseded += counts.superseded
                    for (reason, count) in counts.reasons { file.setAside(reason, count) }
                }
            }
        }
        stagedRows = 0
        stagedDatasets = []
    }

    /// Applies the deletions of a file, after everything that it brings: a history has the newest first.
    private mutating func delete(_ place: Int) async throws {
        try await merge()
        var datasets = Dictionary(
            schema.catalog.views.map { ($0.value.resource, $0.key) }, uniquingKeysWith: min)
        datasets["Consent"] = SiteSchema.consent.name
        var ids: [String: [String]] = [:]
        for deletion in deletions {
            let type = deletion.reference.prefix { $0 != "?" && $0 != "/" }
            guard let found = ResourceDeletion(reference: deletion.reference) else {
                let dataset = datasets[String(type)]
                count(place, dataset) {
                    $0.records += 1
                    $0.setAside(SetAsideRecord.conditionalDelete)
                }
                try keeper.setAside(
                    SetAsideRecord(conditional: deletion, dataset: dataset), of: sources[place])
                continue
            }
            if let dataset = datasets[found.type] {
                ids[dataset, default: []].append(found.id)
            } else {
                passedOver[found.type, default: 0] += 1
            }
        }
        deletions = []
        for dataset in schema.kept {
            guard let named = ids[dataset.name] else { continue }
            let merge = DeletionMerge(warehouse: warehouse, dataset: dataset, ids: Set(named))
            let outcome = try await session.transaction { try await merge.run(in: $0) }
            count(place, dataset.name) { file in
                file.records += named.count
                file.deleted += outcome.deleted
                file.unchanged += named.count - outcome.deleted
            }
            for (other, waiting) in outcome.superseded {
                count(other, dataset.name) { $0.superseded += waiting }
            }
        }
    }

    /// Brings in what is left and gives what was set aside its place in the quarantine.
    ///
    /// - Parameter isWhole: false after an error: what can be saved is.
    mutating func end(isWhole: Bool) async throws {
        try await merge(isLast: true)
        try await keepRefused()
        try keeper.finish(files: Set(sources.map(\.name)), isWhole: isWhole)
    }
}
