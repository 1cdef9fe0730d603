internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import Policy
internal import Store

/// What a controller does with its own data: ingest, opt-out lists, publication.
struct ControllerAdministration: Sendable {
    let context: NodeContext

    private func warehouse() throws -> SiteWarehouse {
        guard let warehouse = context.warehouse else {
            throw NodeError(.configuration, "this node holds no data: its roles do not include 'controller'")
        }
        return warehouse
    }

    func ingest(_ paths: [String], progress: @escaping ProgressSink) async throws -> IngestReport {
        let warehouse = try warehouse()
        let ingest = Ingest(
            warehouse: warehouse, catalog: context.catalog,
            quarantine: QuarantineJournal(directory: context.home.layout.quarantineDirectory),
            progress: progress)
        var report = try await ingest.run(paths)
        let files = report.files
        func total(_ count: (IngestReport.File) -> Int) -> String {
            String(files.reduce(0) { $0 + count($1) })
        }
        _ = try await context.audit.append(
            AuditRecord(
                kind: .ingest, at: Clock.now,
                details: [
                    "files": String(Set(files.map(\.name)).count), "records": total(\.records),
                    "new": total(\.new), "replaced": total(\.replaced), "set-aside": total(\.setAside),
                ]))
        if try context.publications.current() == nil, report.people > 0 {
            progress("publishing", 0, 1, "")
            report.published = try await publish().note(at: Clock.now)
        }
        return report
    }

    /// Freezes data and opt-outs together; questions under way go on reading the publication before.
    func publish() async throws -> Publication {
        let warehouse = try warehouse()
        let id = (try context.publications.current()?.id ?? 0) + 1
        var lists: [OptOutRegister.Entry] = []
        for scheme in OptOutScheme.listed {
            if let entry = try await context.optOuts.current(scheme, of: context.organisation) {
                lists.append(entry)
            }
        }
        let publication = try await warehouse.publish(
            id, at: Clock.now, lists: lists, restricted: context.restrictedLists)
        _ = try await context.audit.append(
            AuditRecord(
                kind: .publish, at: Clock.now,
                details: ["snapshot": String(id), "datasets": String(publication.rows.count)]))
        try context.publications.record(publication)
        try await warehouse.dropPublications(before: id)
        return publication
    }

    func importOptOut(_ path: String, _ schemeName: String, listedAt: String?) async throws -> String {
        let warehouse = try warehouse()
        guard let scheme = OptOutScheme(rawValue: schemeName), scheme.isListed else {
            let known = OptOutScheme.listed.map(\.rawValue).joined(separator: ", ")
            throw NodeError(.input, "no list of that scheme is imported; write one of \(known)")
        }
        let listed = try day(listedAt)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw NodeError(.input, "cannot read '\(path)'")
        }
        var people: [String] = []
        let outcome = OptOutList.read(data) { people.append($0.digits) }
        guard outcome.faultCount == 0 else {
            let first = outcome.faults.first.map { "\($0)" } ?? ""
            throw NodeError(
                .input,
                "the list was not taken over: \(outcome.faultCount) faults, the first: \(first); ask for it again"
            )
        }
        try await warehouse.replaceAllowed(scheme, people)
        let entry = OptOutRegister.Entry(
            controller: context.organisation, scheme: scheme, listedAt: listed, importedAt: Date(),
            count: outcome.count, digest: Digest(of: Array(data)).description,
            usableDays: context.configuration.optOutMaximumAgeDays)
        try await context.optOuts.record(entry)
        _ = try await context.audit.append(
            AuditRecord(
                kind: .optOutList, at: Clock.now,
                details: ["scheme": scheme.rawValue, "digest": entry.digest]))
        let next =
            try context.publications.current() == nil
            ? "" : "; 'concordat publish' puts it in force"
        return "took over the \(scheme.rawValue) list: \(outcome.count) people may be counted\(next)"
    }

    private func day(_ text: String?) throws -> Date {
        guard let text else { return Date() }
        guard let days = Civil.parseDate(text) else {
            throw NodeError(.input, "--listed-at takes a day, YYYY-MM-DD")
        }
        let date = Date(timeIntervalSince1970: Double(days) * 86_400)
        guard date <= Date() else { throw NodeError(.input, "--listed-at is in the future") }
        return date
    }
}
