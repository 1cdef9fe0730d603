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
        let report = try await noting("fhir", of: holding) { try await ingest.run(paths) }
        return try await finish(report, [:], of: holding, progress: progress)
    }

    /// Writes a load down. One of another controller's data makes no publication of ours stale.
    func noting(
        _ source: String, of holding: Holding, _ body: @Sendable () async throws -> IngestReport
    ) async throws -> IngestReport {
        try await context.loading.pass {
            try await context.loads.noting(source, of: holding.isOwn ? nil : holding.warehouse.controller) {
                try await body()
            }
        }
    }

    /// Freezes data and opt-outs together; questions under way go on reading the publication before. One at a time:
    /// somebody's command and the node's own cadence may come together.
    func publish() async throws -> Publication {
        try await context.publishing.pass { try await publishNow() }
    }

    private func publishNow() async throws -> Publication {
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
