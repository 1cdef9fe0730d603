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
        if let publication {
            warnings += RestrictedFrame(context: context, publication: publication).warnings
        }
        let lists = try await optOutLists(&warnings)
        let policy = context.policy.note
        warnings += policy.warnings
        var status = NodeStatus(
            organisation: configuration.organisation.text, name: configuration.name,
            roles: configuration.roles.map(\.rawValue), synthetic: configuration.isSynthetic,
            serving: isServing, listen: "\(configuration.listenHost):\(configuration.listenPort)",
            warehouse: configuration.warehouse == "duckdb" ? "duckdb" : "postgresql",
            directory: directory(&warnings), agreements: try await agreementsInForce(),
            snapshot: publication?.note(at: Clock.now), optOutLists: lists, rows: publication?.rows ?? [:],
            logEntries: await context.audit.size, warnings: warnings)
        status.policy = policy
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
