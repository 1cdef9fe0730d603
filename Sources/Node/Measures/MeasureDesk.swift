internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import Query

/// What requesters put before this controller: looked at and approved once, for all periods.
struct MeasureDesk: Sendable {
    let context: NodeContext

    /// As `MeasureAdministration` lists its own.
    func lines(at today: CivilDate) throws -> [[String]] {
        try context.measureApprovals.all().map { entry in
            let measure = entry.proposal.measure
            let ended = measure.every.ends(from: measure.from, before: today).count
            return [
                "\(entry.id)", entry.name, entry.requester, "\(entry.agreement) version \(entry.version)",
                measure.every.rawValue, "\(measure.every.end(of: measure.from))", entry.state.rawValue,
                "\(ended)", measure.sql,
            ]
        }
    }

    private struct Shown: Encodable {
        let id: Int64
        let name: String
        let requester: String
        let agreement: String
        let version: Int
        let purpose: String
        let state: String
        let reason: String?
        let asked: String
        let every: String
        let first: String
        /// How many periods have ended: so many may be asked for at once.
        let ended: Int
        let sql: String
        /// Of each part, in English, for the last period.
        let words: [String]
        /// What each part asks of this site for that period.
        let fragments: [String]
    }

    func show(_ name: String, json: Bool) async throws -> String {
        let entry = try await entry(name, states: [])
        let measure = entry.proposal.measure
        let today = CivilDate(days: Int(Clock.days(Clock.now)))
        let plan = try? MeasureText.plan(measure, catalog: context.catalog)
        let shown = Shown(
            id: entry.id, name: entry.name, requester: entry.requester, agreement: entry.agreement,
            version: entry.version, purpose: entry.proposal.purpose.name, state: entry.state.rawValue,
            reason: entry.reason, asked: Clock.text(entry.askedAt), every: measure.every.rawValue,
            first: "\(measure.every.end(of: measure.from))",
            ended: measure.every.ends(from: measure.from, before: today).count, sql: measure.sql,
            words: plan?.fragments.map { QuestionWords($0, catalog: context.catalog).sentence } ?? [],
            fragments: plan?.fragments.map(\.sql) ?? [])
        if json { return try ScriptJSON.encode(shown) }
        var lines = [
            "Measure \(shown.id), '\(shown.name)', \(shown.state): put before us \(shown.asked) by \(shown.requester) "
                + "for \(shown.purpose) under \(shown.agreement) version \(shown.version)",
            "one release each \(shown.every), the first as at \(shown.first); "
                + "\(shown.ended) such periods have ended, and may be asked for at once",
            "", shown.sql, "",
        ]
        lines += shown.words.isEmpty ? ["it cannot be planned with this node's tables"] : shown.words
        if let reason = shown.reason { lines.append("declined because: \(reason)") }
        return lines.joined(separator: "\n")
    }

    func approve(_ name: String) async throws -> String {
        let entry = try await entry(name, states: [.waiting, .declined])
        guard try await context.permitsNow(entry.agreement) else {
            throw NodeError(
                .agreement, "'\(entry.agreement)' is not in force here: nothing can be approved under it")
        }
        try await decide(entry, .approved, from: [.waiting, .declined], reason: nil)
        let measure = entry.proposal.measure
        return "measure '\(entry.name)' of \(entry.requester) is approved: one release each "
            + "\(measure.every.rawValue), from \(measure.every.end(of: measure.from)) on, "
            + "as long as '\(entry.agreement)' version \(entry.version) is in force"
    }

    func decline(_ name: String, _ reason: String) async throws -> String {
        let entry = try await entry(name, states: [.waiting, .approved])
        try await decide(entry, .declined, from: [.waiting, .approved], reason: reason)
        return "measure '\(entry.name)' of \(entry.requester) is declined: nothing more is released to it, "
            + "and \(entry.requester) is told so, without the reason"
    }

    private func decide(
        _ entry: MeasureApprovals.Entry, _ state: ReviewStore.State, from states: [ReviewStore.State],
        reason: String?
    ) async throws {
        guard
            try await context.measureApprovals.decide(
                entry.id, state, from: states, reason: reason, at: Clock.now)
        else { throw NodeError(.input, "measure '\(entry.name)' is \(entry.state.rawValue) already") }
        _ = try await context.audit.append(
            AuditRecord(
                kind: .administration, at: Clock.now,
                details: [
                    "act": "measure-\(state.rawValue)", "measure": entry.name,
                    "requester": entry.requester, "agreement": entry.agreement,
                    "version": String(entry.version), "digest": entry.proposal.digest,
                ]))
    }

    /// By number, name, or REQUESTER:NAME.
    /// - Parameter states: where several have the name, the one in such a state is meant.
    private func entry(
        _ name: String, states: [ReviewStore.State]
    ) async throws -> MeasureApprovals.Entry {
        let all = try context.measureApprovals.all()
        if let id = Int64(name), let entry = all.first(where: { $0.id == id }) { return entry }
        let named = all.filter { $0.name == name || "\($0.requester):\($0.name)" == name }
        let open = named.filter { states.contains($0.state) }
        let found = open.isEmpty ? named : open
        guard let entry = found.last else {
            throw NodeError(
                .input, "no measure '\(name)' was put before this node: see 'concordat measure list'")
        }
        guard found.count == 1 || states.isEmpty else {
            throw NodeError(
                .input,
                "several measures are called '\(name)': give one of the numbers "
                    + found.map { "\($0.id)" }.joined(separator: ", "))
        }
        return entry
    }
}
