internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import Policy
internal import Store

/// What a controller does with its own data: ingest, opt-out lists, publication.
struct ControllerAdministration: Sendable {
    let context: NodeContext
    /// Whose data; nil for the node's own organisation.
    var controller: OrganisationCode?

    func ingest(_ paths: [String], progress: @escaping ProgressSink) async throws -> IngestReport {
        let holding = try context.holding(of: controller)
        let ingest = Ingest(
            warehouse: holding.warehouse, catalog: context.catalog, quarantine: holding.quarantine,
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
                    "unreadable-files": String(report.faults.count),
                    "controller": holding.warehouse.controller.text,
                ]))
        if holding.isOwn, try context.publications.current() == nil, report.people > 0, report.faults.isEmpty
        {
            progress("publishing", 0, 1, "")
            report.published = try await publish().note(at: Clock.now)
        }
        return report
    }

    /// Freezes data and opt-outs together; questions under way go on reading the publication before.
    func publish() async throws -> Publication {
        let warehouse = try context.controllersWarehouse()
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
        // What is dropped is first asked who was counted in its releases; what cannot be asked is kept.
        let kept = await CohortSettlement(context: context).settleBeforeDropping(upTo: id - 2)
        try await warehouse.dropPublications(before: id, keeping: kept)
        try await context.forgetCounted(at: Clock.now)
        return publication
    }
}
