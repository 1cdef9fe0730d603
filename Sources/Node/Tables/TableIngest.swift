internal import Catalog
internal import Core
internal import Foundation
internal import Store
internal import Synchronization
internal import Warehouse

/// Takes tables from outside into the warehouse by a mapping: reads, maps, finds the people, merges, and keeps what
/// cannot be taken in the quarantine.
///
/// INVARIANT: one at a time in a home: a partition waits in tables that the next run makes new.
struct TableIngest {
    private static let running = Mutex<Set<String>>([])

    let warehouse: SiteWarehouse
    let mapping: TableMapping
    /// As faults name the mapping.
    let file: String
    let quarantine: QuarantineJournal
    let progress: ProgressSink
    /// Rows take the place of all that the mapping has in this partition.
    let replacing: Replacement?
    /// Where the mapping lies, if it is none of the node's.
    var mappingPath: String?
    /// Whether the rows come from the quarantine: then what the warehouse has stays, unless they say that they are
    /// newer, and rows without a key may come alone.
    var isRetry = false
    /// Called when everything is staged and nothing has been brought in: tests break off here.
    var beforeCommit: @Sendable () async throws -> Void = {}
    /// Of a partition, rows that are brought in at a time: tests make it small.
    var rowsAtOnce = 250_000

    struct Replacement: Sendable {
        /// `month=2026-04`, as rows have it; empty where the mapping has no partitions.
        let partition: String
        /// Whether nothing may take the place of something.
        var allowsEmpty = false
    }

    func run(_ sources: [any TableSource]) async throws -> IngestReport {
        try check()
        let replaced = replacing.map {
            QuarantineKeeper.ReplacedPartition(mapping: mapping.name, partition: $0.partition)
        }
        return try await run(sources, keeper: try QuarantineKeeper(quarantine, replacing: replaced))
    }

    func run(_ sources: [any TableSource], keeper: any RecordKeeper) async throws -> IngestReport {
        let place = quarantine.directory
        guard Self.running.withLock({ $0.insert(place).inserted }) else {
            throw NodeError(
                .busy, "tables are being taken in at this home already: wait until that has ended")
        }
        defer { Self.running.withLock { _ = $0.remove(place) } }
        return try await IngestReport.of(warehouse) { session in
            var run = TableRun(ingest: self, sources: sources, keeper: keeper, session: session)
            try await run.work()
            return run.report
        }
    }

    private func check() throws {
        guard let replacing else {
            guard !mapping.key.isEmpty else {
                throw NodeError(
                    .input,
                    "rows of '\(mapping.name)' have no key to be known by: take in whole partitions with --replace"
                        + example)
            }
            return
        }
        let names = mapping.partition.map(\.name)
        let given = replacing.partition.split(separator: "/").map { $0.prefix { $0 != "=" } }.map(String.init)
        guard given == names, replacing.partition.isEmpty == names.isEmpty,
            replacing.partition.isEmpty
                || replacing.partition.split(separator: "/").allSatisfy({
                    $0.contains("=") && !$0.hasSuffix("=")
                })
        else {
            throw NodeError(
                .input,
                names.isEmpty
                    ? "'\(mapping.name)' has no partitions: --replace takes all of it, leave --partition out"
                    : "--replace takes a partition of '\(mapping.name)':\(example)")
        }
    }

    private var example: String {
        mapping.partition.isEmpty
            ? "" : " --partition " + mapping.partition.map { "\($0.name)=…" }.joined(separator: "/")
    }
}

/// The work of one ingest of tables.
struct TableRun {
    /// Values that are staged before they are merged, where no partition is replaced. DuckDB holds them in memory, what
    /// the merge makes of them and what its transaction writes: some 150 MB together for so many.
    private var batchValues: Int { ingest.warehouse.schema.dialect == .duckdb ? 1_200_000 : 3_000_000 }

    let ingest: TableIngest
    let sources: [any TableSource]
    var keeper: any RecordKeeper
    let session: any EngineSession

    private var files: [IngestReport.File] = []
    private var bytes = 0
    private var conflicts = 0
    private var deleted = 0

    init(
        ingest: TableIngest, sources: [any TableSource], keeper: any RecordKeeper, session: any EngineSession
    ) {
        (self.ingest, self.sources, self.keeper, self.session) = (ingest, sources, keeper, session)
    }

    var report: IngestReport {
        var report = IngestReport()
        report.files = files
        report.bytes = bytes
        if deleted > 0 {
            report.notes.append(
                "\(deleted) rows of \(ingest.mapping.name) that the partition had before are no more in it")
        }
        if conflicts > 0 {
            report.notes.append(
                "\(conflicts) local ids stand with more than one NHS number: each row went by its own number")
        }
        let undecoded = files.reduce(0) { $0 + ($1.reasons["invalid-encoding"] ?? 0) }
        if undecoded > 0 {
            report.notes.append(
                "\(undecoded) lines are not in \(ingest.mapping.source.encoding): for a file of Excel or an older system "
                    + "write 'encoding: windows-1252' under the mapping's source")
        }
        report.notes += keeper.notes
        return report
    }

    /// Plans every source before the first is read, then takes one after the other.
    mutating func work() async throws {
        var plans: [MappingPlan] = []
        for source in sources {
            var planner = MappingPlanner(
                mapping: ingest.mapping, schema: ingest.warehouse.schema, columns: try await source.columns(),
                file: ingest.file)
            plans.append(try planner.plan())
            files.append(
                IngestReport.File(
                    name: source.name,
                    dataset: plans.last?.datasets.map(\.name).joined(separator: " ")))
        }
        guard let first = plans.first else { throw NodeError(.input, "name at least one file") }
        let staging = RowStaging(
            plan: first, schema: ingest.warehouse.schema,
            isDurable: ingest.replacing != nil && ingest.warehouse.schema.dialect == .duckdb)
        try await staging.begin(session)
        do {
            for (place, plan) in plans.enumerated() { try await take(place, plan, staging) }
            try await ingest.beforeCommit()
            if ingest.replacing != nil { try await merge(staging) }
        } catch {
            // What was set aside until here has its place, too; the first error is the one to tell.
            try? keeper.finish(files: [], isWhole: false)
            await Task { [session] in try? await staging.end(session) }.value
            throw error
        }
        try await staging.end(session)
        try keeper.finish(files: Set(sources.map(\.name)), isWhole: true)
    }

    private mutating func take(_ place: Int, _ plan: MappingPlan, _ first: RowStaging) async throws {
        let source = sources[place]
        let staging = RowStaging(plan: plan, schema: first.schema, isDurable: first.isDurable)
        let demand = MappingPlan.Demand(
            isSynthetic: ingest.warehouse.isSynthetic, partition: ingest.replacing?.partition,
            needsKey: !plan.key.isEmpty, printsAll: !keeper.watched.isEmpty)
        let channel = RowChannel(depth: 3)
        let reading = Task {
            defer { channel.finish() }
            try await source.stream({ plan.select(from: $0, demand) }, { try channel.send($0) })
        }
        var (row, staged) = (0, 0)
        do {
            for await batch in channel.batches {
                staged += try await self.stage(batch, at: row, place, staging)
                row += batch.rowCount
                if ingest.replacing == nil, staged >= batchValues {
                    try await merge(staging)
                    staged = 0
                }
                ingest.progress("ingesting", row, 0, "rows")
                channel.release()
            }
            try await reading.value
        } catch {
            channel.close()
            _ = await reading.result
            throw error
        }
        try await keepUnreadable(place)
        bytes += source.size
        if ingest.replacing == nil { try await merge(staging) }
    }

    /// - Returns: how many values were staged.
    private mutating func stage(
        _ batch: Table, at row: Int, _ place: Int, _ staging: RowStaging
    ) async throws -> Int {
        guard batch.rowCount > 0 else { return 0 }
        let first = RecordSequence.number(file: place, offset: row)
        let sorted = try await staging.stage(batch, first: first, session)
        files[place].records += batch.rowCount
        files[place].passedOver += sorted.passedOver
        let prints = batch.columns[MappingPlan.Place.recordPrint].vector
        if !keeper.watched.isEmpty {
            let refused = Set(sorted.setAside)
            for index in 0..<batch.rowCount where !refused.contains(index) {
                if let print = prints[index].whole, keeper.watched.contains(print) { keeper.saw(print) }
            }
        }
        for index in sorted.setAside {
            let reasons = Set(
                batch.columns[MappingPlan.Place.reasons].vector[index].text.split(separator: " ")
            )
            .sorted().map(String.init)
            files[place].setAside(reasons.first ?? "")
            try setAside(
                row: row + index + 1 + (sources[place].hasHeader ? 1 : 0), at: row + index, place, reasons,
                batch.columns[MappingPlan.Place.raw].vector[index].text, prints[index].whole ?? 0)
        }
        return sorted.values
    }

    private mutating func setAside(
        row: Int, at offset: Int, _ place: Int, _ reasons: [String], _ text: String, _ print: Int64
    ) throws {
        let source = sources[place]
        var record = SetAsideRecord(
            row: row, place: offset, of: files[place].dataset ?? "", mapping: ingest.mapping.name,
            reasons: reasons, bytes: Array(text.utf8), fingerprint: print)
        record.mappingPath = ingest.mappingPath
        record.partition = ingest.replacing?.partition
        try keeper.setAside(
            record,
            of: IngestSource(path: source.path, name: source.name, size: source.size))
    }

    private mutating func keepUnreadable(_ place: Int) async throws {
        var lines: [UnreadableLine] = []
        try await sources[place].unreadable { lines.append($0) }
        for line in lines {
            files[place].records += 1
            files[place].setAside(line.reason)
            // Before all rows: no row has a place below 0.
            try setAside(row: line.line, at: -line.line, place, [line.reason], line.text, 0)
        }
    }

    private mutating func merge(_ staging: RowStaging) async throws {
        let merge = TableMerge(
            warehouse: ingest.warehouse, staging: staging, partition: ingest.replacing?.partition,
            isRetry: ingest.isRetry, allowsEmpty: ingest.replacing?.allowsEmpty ?? true,
            rowsAtOnce: ingest.rowsAtOnce, subjectsAtOnce: 2 * ingest.rowsAtOnce)
        let names = sources.map(\.name)
        let outcome: TableMerge.Outcome
        if staging.isDurable {
            let prepared = try await merge.prepare(names, in: session)
            outcome = prepared.outcome
            try await session.transaction { try await merge.swap(prepared.parts, in: $0) }
        } else {
            outcome = try await session.transaction { session in
                let outcome = try await merge.run(names, in: session)
                try await staging.clear(session)
                return outcome
            }
        }
        for (place, counts) in outcome.files {
            files[place].new += counts.new
            files[place].replaced += counts.replaced
            files[place].unchanged += counts.unchanged
            files[place].superseded += counts.superseded
            files[place].degraded += counts.degraded
        }
        for number in outcome.undecided {
            let (place, row) = (RecordSequence.file(number), RecordSequence.offset(number))
            files[place].setAside(TableRetryKeeper.undecided)
            try setAside(row: row, at: row, place, [TableRetryKeeper.undecided], "", 0)
        }
        deleted += outcome.deleted
        conflicts += outcome.conflicts
    }
}
