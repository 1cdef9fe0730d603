internal import Catalog
internal import Core
internal import FHIR
internal import Foundation
internal import Warehouse

/// Takes files of FHIR NDJSON into the warehouse: reads, runs the views, sets aside what cannot be taken,
/// merges by version. Patients first, so that everything else finds its person.
struct Ingest {
    /// Rows that are staged before they are merged in one transaction.
    private static let batchRows = 300_000

    let warehouse: SiteWarehouse
    let catalog: Catalog
    let quarantine: QuarantineJournal
    let progress: ProgressSink

    func run(_ paths: [String]) async throws -> IngestReport {
        let started = ContinuousClock.now
        let files = try InputFiles.find(paths)
        let runners = try catalog.views.sorted { $0.key < $1.key }.map { try ViewRunner(view: $0.value) }
        let total = files.reduce(0) { $0 + $1.size }
        var report = IngestReport()
        let session = try await warehouse.engine.session()
        do {
            var done = 0
            for file in files {
                let before = done
                try await take(file, runners, session, &report) {
                    progress("ingesting", before + $0, total, file.name)
                }
                done += file.size
            }
            report.people = Int(
                try await session.query("SELECT count(DISTINCT person_id) AS n FROM live.subject").row(0)[0]
                    .number ?? 0)
        } catch {
            await session.end()
            throw error
        }
        await session.end()
        report.seconds = (ContinuousClock.now - started) / .seconds(1)
        return report
    }

    /// One file, in batches; several threads run the views, one loads.
    private func take(
        _ file: InputFiles.File, _ runners: [ViewRunner], _ session: any EngineSession,
        _ report: inout IngestReport, progress: (Int) -> Void
    ) async throws {
        var reader = try NDJSONReader(path: file.path)
        var batch = IngestBatch(
            warehouse: warehouse, schema: warehouse.schema, session: session, runners: runners,
            file: file.name)
        try await batch.begin()
        let width = max(2, ProcessInfo.processInfo.activeProcessorCount)
        while true {
            var blocks: [LineBlock] = []
            while blocks.count < width, let block = try reader.next() { blocks.append(block) }
            guard !blocks.isEmpty else { break }
            for (block, result) in try await Self.views(runners, over: blocks) {
                report.bytes += block.byteCount
                try await batch.stage(block, result)
            }
            if batch.stagedRows >= Self.batchRows { try await batch.merge() }
            progress(reader.storedBytesRead)
        }
        try await batch.merge()
        try quarantine.record(batch.faults, file: file.name)
        report.files += batch.reports
        report.passedOver.merge(batch.passedOver, uniquingKeysWith: +)
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
}

/// The files that the paths of a command name.
enum InputFiles {
    struct File: Sendable {
        let path: String
        let name: String
        let size: Int
    }

    /// Files that hold patients first, each group by name.
    /// - Throws: `NodeError` naming a path that is not there, or a folder without NDJSON.
    static func find(_ paths: [String]) throws -> [File] {
        var files: [File] = []
        for path in paths {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw NodeError(
                    .input,
                    "there is no '\(path)': name files or folders of FHIR NDJSON (.ndjson, .ndjson.gz)")
            }
            guard isFolder.boolValue else {
                files.append(try file(path))
                continue
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: path).filter(isNDJSON).sorted()
            guard !names.isEmpty else {
                throw NodeError(.input, "no .ndjson or .ndjson.gz file in '\(path)'")
            }
            files += try names.map { try file(path + "/" + $0) }
        }
        let order = try files.map { (try holdsPatients($0.path) ? 0 : 1, $0) }
        return order.sorted { ($0.0, $0.1.path) < ($1.0, $1.1.path) }.map(\.1)
    }

    private static func isNDJSON(_ name: String) -> Bool {
        name.hasSuffix(".ndjson") || name.hasSuffix(".ndjson.gz")
    }

    private static func file(_ path: String) throws -> File {
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        return File(path: path, name: String(path.split(separator: "/").last ?? ""), size: size ?? 0)
    }

    /// By the type of the file's first resource.
    private static func holdsPatients(_ path: String) throws -> Bool {
        var reader = try NDJSONReader(path: path, blockSize: 1 << 16)
        guard let block = try reader.next(), let line = block.lines.first else { return false }
        return String(decoding: block.copy(line).prefix(400), as: UTF8.self).contains(#""Patient""#)
    }
}
