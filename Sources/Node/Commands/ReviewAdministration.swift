internal import Audit
internal import Core
internal import Disclosure
internal import Exchange
internal import Foundation

/// Lets a person look at releases that wait, and let them go or not.
struct ReviewAdministration: Sendable {
    let context: NodeContext

    func perform(_ command: ReviewCommand) async throws -> NodeReply {
        switch command {
        case .list: return try await list()
        case .show(let id, let json): return .document(try await show(id, json: json))
        case .approve(let id): return .done(try await approve(id))
        case .decline(let id, let reason): return .done(try await decline(id, reason))
        }
    }

    private func list() async throws -> NodeReply {
        .listing(
            columns: ["id", "agreement", "version", "requester", "purpose", "asked", "state", "reason"],
            rows: try await context.reviews.list().map { entry in
                [
                    String(entry.id), entry.agreement, String(entry.version), entry.requester, entry.purpose,
                    Clock.text(entry.askedAt), entry.state.rawValue, entry.reason ?? "",
                ]
            })
    }

    private struct Shown: Encodable {
        let id: Int64
        let agreement: String
        let version: Int
        let requester: String
        let purpose: String
        let asked: String
        let state: String
        let sql: [String]
        /// Each in English; null where it cannot be read any more.
        let words: [String?]
        let conditions: [String]
        let policies: [String]
        let publication: String
        /// Whether people would go to the linker, sealed: then these numbers are this site's, and do not leave as they are.
        let isLinked: Bool
        let tables: [PreviewTable]
    }

    private func show(_ id: Int64, json: Bool) async throws -> String {
        let entry = try await entry(id)
        let held = try context.reviews.held(entry)
        try await log("review-shown", entry, held)
        guard !json else {
            return try ScriptJSON.encode(
                Shown(
                    id: id, agreement: entry.agreement, version: entry.version, requester: entry.requester,
                    purpose: entry.purpose, asked: Clock.text(entry.askedAt), state: entry.state.rawValue,
                    sql: held.sql, words: held.sql.map(context.inWords), conditions: held.obligations,
                    policies: held.policies,
                    publication: held.snapshot, isLinked: held.releases.isEmpty,
                    tables: held.tables))
        }
        var lines = [
            "Release \(id), \(entry.state.rawValue): asked \(Clock.text(entry.askedAt)) by \(entry.requester) "
                + "for \(entry.purpose) under \(entry.agreement) version \(entry.version)",
            "permitted by \(held.policies.joined(separator: ", ")), over publication \(held.snapshot)",
        ]
        lines += held.obligations.map { "condition: \($0)" }
        if held.releases.isEmpty {
            lines.append(
                "people would go to the linker, sealed and under pseudonyms: these are this site's numbers")
        }
        for (sql, table) in zip(held.sql, held.tables) {
            lines += ["", sql, "what would leave:"] + table.lines.map { "  \($0)" }
            lines.append(
                "withheld: \(table.cellsWithheld) of \(table.cells) groups, "
                    + "\(table.valuesWithheld) of \(table.values) numbers")
        }
        return lines.joined(separator: "\n")
    }

    /// The same question gets it when it is asked again; over a newer publication it is answered anew.
    private func approve(_ id: Int64) async throws -> String {
        let entry = try await entry(id)
        guard try await context.permitsNow(entry.agreement) else {
            throw NodeError(
                .agreement, "'\(entry.agreement)' is not in force here: nothing can be released under it")
        }
        let held = try context.reviews.held(entry)
        guard try await context.reviews.decide(id, .approved, reason: nil, at: Clock.now) else {
            throw NodeError(.input, "release \(id) is \(entry.state.rawValue) already")
        }
        if !held.releases.isEmpty {
            try await context.ledger.record(
                held.releases,
                for: ReleaseLedger.Key(
                    controller: context.organisation.text, agreement: entry.agreement,
                    snapshot: held.snapshot, digest: held.digest), query: held.query, at: Date(),
                counted: held.counted)
        }
        try await log("review-approved", entry, held)
        return "release \(id) is approved: it leaves when \(entry.requester) asks the question again"
    }

    private func decline(_ id: Int64, _ reason: String) async throws -> String {
        let entry = try await entry(id)
        guard try await context.reviews.decide(id, .declined, reason: reason, at: Clock.now) else {
            throw NodeError(.input, "release \(id) is \(entry.state.rawValue) already")
        }
        try await log("review-declined", entry, try context.reviews.held(entry))
        return "release \(id) is declined: \(entry.requester) is told so, without the reason"
    }

    private func entry(_ id: Int64) async throws -> ReviewStore.Entry {
        guard let entry = try await context.reviews.entry(id) else {
            throw NodeError(.input, "no release \(id) waits here; see 'concordat release list'")
        }
        return entry
    }

    private func log(_ act: String, _ entry: ReviewStore.Entry, _ held: ReviewStore.Held) async throws {
        _ = try await context.audit.append(
            AuditRecord(
                kind: .administration, at: Clock.now,
                details: [
                    "act": act, "release": String(entry.id), "query": held.query,
                    "agreement": entry.agreement, "version": String(entry.version),
                ]))
    }
}
