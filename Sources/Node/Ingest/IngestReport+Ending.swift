internal import Audit
internal import Core
internal import Warehouse

extension IngestReport {
    /// Runs an ingest in a session of its own and adds what every report ends with: how many people the
    /// warehouse has, and how long it took.
    static func of(
        _ warehouse: SiteWarehouse, _ body: (any EngineSession) async throws -> IngestReport
    ) async throws -> IngestReport {
        let started = ContinuousClock.now
        let session = try await warehouse.engine.session()
        do {
            var report = try await body(session)
            let people = try await session.query(
                "SELECT count(DISTINCT person_id) AS n FROM live.subject WHERE "
                    + warehouse.controller.ownership())
            report.people = Int(people.row(0)[0].number ?? 0)
            await session.end()
            report.seconds = (ContinuousClock.now - started) / .seconds(1)
            return report
        } catch {
            await session.end()
            throw error
        }
    }

    /// A count over all files, for the log.
    func total(_ count: (File) -> Int) -> String { String(files.reduce(0) { $0 + count($1) }) }

    /// One report of what was done in two parts.
    mutating func add(_ other: IngestReport) {
        files += other.files
        passedOver.merge(other.passedOver, uniquingKeysWith: +)
        bytes += other.bytes
        seconds += other.seconds
        people = max(people, other.people)
        notes += other.notes
        faults += other.faults
    }
}

extension ControllerAdministration {
    /// Notes an ingest in the log, and publishes if nothing has been published yet.
    func finish(
        _ report: IngestReport, _ details: [String: String], of holding: Holding, progress: ProgressSink
    ) async throws -> IngestReport {
        var report = report
        let counts = [
            "files": String(Set(report.files.map(\.name)).count), "records": report.total(\.records),
            "new": report.total(\.new), "replaced": report.total(\.replaced),
            "set-aside": report.total(\.setAside), "unreadable-files": String(report.faults.count),
            "controller": holding.warehouse.controller.text,
        ]
        _ = try await context.audit.append(
            AuditRecord(kind: .ingest, at: Clock.now, details: counts.merging(details) { $1 }))
        if holding.isOwn, try context.publications.current() == nil, report.people > 0, report.faults.isEmpty
        {
            progress("publishing", 0, 1, "")
            report.published = try await publish().note(at: Clock.now)
        }
        return report
    }
}
