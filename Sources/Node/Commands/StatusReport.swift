internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import Policy
internal import Store

/// Gathers what `concordat status` shows.
struct StatusReport: Sendable {
    let context: NodeContext
    let isServing: Bool

    func make() async throws -> NodeStatus {
        let configuration = context.configuration
        var warnings: [String] = []
        let publication = try context.publications.current()
        if configuration.roles.contains(.controller), publication == nil {
            warnings.append("nothing is published: ingest, then publish")
        }
        let staleness = try Staleness(context: context)
        if let publication {
            warnings += staleness.words(publication, at: Clock.now)
            warnings += RestrictedFrame(context: context, publication: publication).warnings
        }
        let waiting = try CareStore(store: context.store, vault: context.vault).waiting()
        if waiting.alerts > 0 {
            warnings.append("\(waiting.alerts) alerts wait for the privacy officer: 'concordat alert list'")
        }
        if waiting.reviews > 0 {
            warnings.append("\(waiting.reviews) accesses wait for review: 'concordat review list'")
        }
        let lists = try await optOutLists(&warnings)
        warnings += try await CohortSettlement(context: context).warnings()
        try await agreementWarnings(&warnings, publication)
        let policy = context.policy.note
        warnings += policy.warnings
        var status = NodeStatus(
            organisation: configuration.organisation.text, name: configuration.name,
            roles: configuration.roles.map(\.rawValue), synthetic: configuration.isSynthetic,
            serving: isServing, listen: "\(configuration.listenHost):\(configuration.listenPort)",
            warehouse: configuration.warehouse == "duckdb" ? "duckdb" : "postgresql",
            directory: directory(&warnings), agreements: try await agreementsInForce(),
            snapshot: publication?.note(at: Clock.now, staleness), optOutLists: lists,
            rows: publication?.rows ?? [:],
            logEntries: await context.audit.size, warnings: warnings)
        status.policy = policy
        status.nextPublication = staleness.next(after: publication).map(Clock.text)
        return status
    }

    private func directory(_ warnings: inout [String]) -> String {
        guard let directory = context.directory.current else {
            warnings.append("no directory: 'concordat federation join' takes one over")
            return "none"
        }
        let left = (directory.expiresAt.milliseconds - Clock.now) / 86_400_000
        if left < 30 {
            warnings.append("the directory expires in \(max(0, left)) days: ask a steward for the next")
        }
        return "version \(directory.version), \(directory.members.count) members"
    }

    private func agreementsInForce() async throws -> Int {
        let day = CivilDate(days: Int(Clock.days(Clock.now)))
        return try await context.agreements.list().count {
            $0.state(for: context.organisation, on: day) == .inForce
        }
    }

    private func agreementWarnings(_ warnings: inout [String], _ publication: Publication?) async throws {
        for (id, recipients) in try await context.notices.undelivered().sorted(by: { $0.key < $1.key }) {
            let names = recipients.map(\.text).sorted().joined(separator: ", ")
            warnings.append("notice about '\(id)' not delivered yet: \(names)")
        }
        let waiting = try await context.reviews.count(.waiting)
        if waiting > 0 { warnings.append("\(waiting) releases wait for a person: 'concordat release list'") }
        let measures = try context.measureApprovals.waiting()
        if measures > 0 {
            warnings.append("\(measures) measures wait for a person: 'concordat measure list'")
        }
        let day = CivilDate(days: Int(Clock.days(Clock.now)))
        for record in try await context.agreements.list() {
            let agreement = record.agreement
            if record.signers.isSuperset(of: agreement.parties), day <= agreement.validUntil,
                let overdue = record.overdueReview(on: day)
            {
                warnings.append("'\(agreement.id)' version \(agreement.version) is suspended: \(overdue)")
            }
            guard agreement.controllers.contains(context.organisation), let publication,
                let period = agreement.cadence?.snapshots,
                record.state(for: context.organisation, on: day) == .inForce
            else { continue }
            let age = (Clock.now - publication.publishedAt) / 86_400_000
            if age > Int64(period.days) {
                warnings.append("'\(agreement.id)' asks for data published every \(period.rawValue): publish")
            }
        }
    }

    private func optOutLists(_ warnings: inout [String]) async throws -> [OptOutNote] {
        guard context.warehouse != nil else { return [] }
        var notes: [OptOutNote] = []
        let now = Date()
        for scheme in OptOutScheme.listed {
            guard let entry = try await context.optOuts.current(scheme, of: context.organisation) else {
                continue
            }
            let age = Int(now.timeIntervalSince(entry.listedAt) / 86_400)
            notes.append(
                OptOutNote(
                    scheme: scheme.rawValue, version: String(entry.digest.prefix(12)),
                    listedAt: Clock.text(Int64(entry.listedAt.timeIntervalSince1970) * 1000),
                    ageDays: age))
            switch entry.freshness(at: now) {
            case .fresh: break
            case .staleSoon:
                warnings.append("the \(scheme.rawValue) list goes stale within two days: import a new one")
            case .stale:
                warnings.append("the \(scheme.rawValue) list is stale: questions that need it are refused")
            }
        }
        return notes
    }
}
