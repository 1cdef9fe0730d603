internal import Catalog
internal import Core
internal import FHIR
internal import Foundation
internal import Warehouse

/// The work of one ingest: files are read one after the other; while several threads run the views over the next
/// blocks, the rows of those before are merged.
struct IngestRun {
    /// Rows of a batch: small, so that merging begins early and ends soon after reading does.
    private static let batchRows = 25_000
    /// Batches that may wait for those before them: few, because at the end of the input nothing is left to do beside them.
    private static let waitingBatches = 1

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
    private let merger: IngestMerger
    let units: MeasurementUnits
    private var staged: [String: [StagedRows]] = [:]
    private var stagedRows = 0
    /// Merges under way or waiting, in order.
    private var merging: [Task<[String: DatasetMerge.Outcome], any Error>] = []
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
        merger = IngestMerger(warehouse: warehouse, session: session, isRetry: isRetry)
        units = MeasurementUnits(warehouse.schema.catalog)
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

    func begin() async throws { try await merger.begin() }

    // MARK: - Reading

    /// One file; several threads run the views, one gathers what they gave.
    mutating func take(_ place: Int, progress: (Int) -> Void) async throws {
        let reader = try sources[place].reader()
        let runners = runners
        let width = max(2, ProcessInfo.processInfo.activeProcessorCount) + 1
        let fault = try await withThrowingTaskGroup(of: (Int, LineBlock, ViewRunner.BlockResult).self) {
            group in
            var done: [Int: (LineBlock, ViewRunner.BlockResult)] = [:]
            var (read, taken) = (0, 0)
            var end: ReadFault?
            var isAtEnd = false
            while true {
                while !isAtEnd, read - taken < width {
                    do throws(ReadFault) {
                        guard let block = try reader.next() else {
                            isAtEnd = true
                            break
                        }
                        let number = read
                        group.addTask { (number, block, ViewRunner.run(runners, over: block)) }
                        read += 1
                    } catch {
                        end = error
                        isAtEnd = true
                    }
                }
                guard taken < read else { return end }
                while done[taken] == nil, let (number, block, result) = try await group.next() {
                    done[number] = (block, result)
                }
                guard let (block, result) = done.removeValue(forKey: taken) else { return end }
                taken += 1
                try await gather(block, result, place)
                progress(reader.storedBytesRead)
            }
        }
        // What stands before the damage is taken in, and what it deletes: none of it is another file's.
        if !deletions.isEmpty { try await delete(place) }
        if let fault { throw fault }
    }

    private mutating func gather(
        _ block: LineBlock, _ result: ViewRunner.BlockResult, _ place: Int
    ) async throws {
        bytes += block.byteCount
        resources[place] += block.lines.count + block.faults.count
        try stage(block, result, place)
        deletions += block.deletions
        if stagedRows >= Self.batchRows { try await merge() }
    }

    /// Keeps what the views gave for the next merge.
    private mutating func stage(
        _ block: LineBlock, _ result: ViewRunner.BlockResult, _ place: Int
    ) throws {
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
            staged[name, default: []].append(rowsToMerge(table, rowSource, of: dataset, block, place))
            stagedRows += table.rowCount
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

    /// Begins to merge everything that is staged, after what was begun before.
    private mutating func merge() async throws {
        guard stagedRows > 0 else { return }
        while merging.count > Self.waitingBatches { try await settleFirst() }
        let (batch, merger, before) = (staged, merger, merging.last)
        // Before the views of later blocks: what the warehouse waits for must not wait for a thread.
        merging.append(
            Task(priority: .high) {
                if let before { _ = try await before.value }
                return try await merger.merge(batch)
            })
        staged = [:]
        stagedRows = 0
    }

    /// Waits for the merges that are under way.
    private mutating func settle() async throws {
        while !merging.isEmpty { try await settleFirst() }
    }

    private mutating func settleFirst() async throws {
        take(try await merging.removeFirst().value)
    }

    private mutating func take(_ outcomes: [String: DatasetMerge.Outcome]) {
        for (dataset, outcome) in outcomes {
            for (place, counts) in outcome.files {
                count(place, dataset) { file in
                    file.new += counts.new
                    file.replaced += counts.replaced
                    file.unchanged += counts.unchanged
                    file.superseded += counts.superseded
                    file.degraded += counts.degraded
                    for (reason, count) in counts.reasons { file.setAside(reason, count) }
                }
            }
        }
    }

    /// Applies the deletions of a file, after everything that it brings: a history has the newest first.
    private mutating func delete(_ place: Int) async throws {
        try await merge()
        try await settle()
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
            let outcome = try await merger.delete(Set(named), of: dataset)
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
        do {
            try await merge()
            try await settle()
            take(try await merger.mergeWaiting())
        } catch  where !isWhole {
            // The error that ended the run is told already; what was refused until here is still kept.
            staged = [:]
        }
        try await keepRefused()
        try keeper.finish(files: Set(sources.map(\.name)), isWhole: isWhole)
    }
}
