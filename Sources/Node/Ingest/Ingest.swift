internal import Catalog
internal import Core
internal import FHIR
internal import Foundation
internal import Warehouse

/// Takes files of FHIR R4 in JSON into the warehouse: reads, runs the views, merges by version, and keeps
/// what cannot be taken in the quarantine. Patients first; what comes before its patient waits until the end.
struct Ingest {
    let warehouse: SiteWarehouse
    let catalog: Catalog
    let quarantine: QuarantineJournal
    let progress: ProgressSink

    func run(_ paths: [String]) async throws -> IngestReport {
        let input = try InputFiles(paths)
        var (report, resources) = try await take(
            input.files, keeper: try QuarantineKeeper(quarantine), isRetry: false)
        report.notes = input.notes + report.notes
        report.faults = input.faults + report.faults
        for export in input.exports {
            report.notes += export.notes(resources: export.files.reduce(0) { $0 + resources[$1] })
        }
        return report
    }

    /// Tries the records of the quarantine again: those that are taken in now leave it.
    func retry() async throws -> IngestReport {
        let input = try RetryInput(quarantine)
        defer { input.close() }
        let keeper = RetryKeeper(quarantine, input)
        return try await take(input.sources, keeper: keeper, isRetry: true).report
    }

    /// - Returns: with the report, how many resources each file has.
    private func take(
        _ sources: [IngestSource], keeper: any RecordKeeper, isRetry: Bool
    ) async throws -> (report: IngestReport, resources: [Int]) {
        var resources: [Int] = []
        let report = try await IngestReport.of(warehouse) { session in
            let (run, faults) = try await run(sources, keeper, isRetry, session)
            resources = run.resources
            var report = run.report
            report.faults = faults
            if report.files.contains(where: { $0.dataset == "patient" }) {
                report.notes += try await IdentityCensus(warehouse: warehouse).notes(in: session)
            }
            return report
        }
        return (report, resources)
    }

    /// - Returns: with what was done, the files that are damaged.
    private func run(
        _ sources: [IngestSource], _ keeper: any RecordKeeper, _ isRetry: Bool, _ session: any EngineSession
    ) async throws -> (run: IngestRun, faults: [String]) {
        let views = catalog.views.sorted { $0.key < $1.key }.map(\.value) + [try SiteSchema.consentView]
        let runners = try views.map { try ViewRunner(view: $0) }
        let total = sources.reduce(0) { $0 + $1.size }
        var run = IngestRun(
            warehouse: warehouse, session: session, runners: runners, sources: sources, keeper: keeper,
            isRetry: isRetry)
        var faults: [String] = []
        do {
            try await run.begin()
            var done = 0
            for (place, source) in sources.enumerated() {
                let before = done
                do {
                    try await run.take(place) {
                        progress(isRetry ? "retrying" : "ingesting", before + $0, total, "bytes")
                    }
                } catch let fault as ReadFault {
                    // A file that is damaged keeps no other one out.
                    faults.append("\(fault)")
                }
                done += source.size
            }
            try await run.end(isWhole: true)
        } catch {
            // What was set aside until here has its place, too; the first error is the one to tell.
            try? await run.end(isWhole: false)
            throw error
        }
        return (run, faults)
    }
}
