internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import Policy
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
                "\(entry.id)", entry.name, entry.place.requester,
                "\(entry.place.agreement) version \(entry.place.version)", measure.every.rawValue,
                "\(measure.every.end(of: measure.from))", entry.state.rawValue, "\(ended)",
                VisibleText.of(measure.sql),
            ]
        }
    }

    func has(_ name: String) throws -> Bool {
        try context.measureApprovals.all().contains { $0.name == name }
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
        /// As it was written, with what cannot be seen marked.
        let sql: String
        /// Characters that may look like others.
        let unusual: [String]
        /// The period that `words` and `fragments` are of.
        let asAt: String
        /// Of each part, in English.
        let words: [String]
        /// What each part asks of this site for that period.
        let fragments: [String]
        /// Codelists and reference tables that it reads: where one is another later, the measure waits again.
        let tables: [String]
    }

    func show(_ name: String, json: Bool) async throws -> String {
        let entry = try entry(name)
        let measure = entry.proposal.measure
        let today = CivilDate(days: Int(Clock.days(Clock.now)))
        // Of this node's choice: what the requester happened to ask for first says nothing.
        let asAt = max(measure.every.lastEnd(before: today), measure.every.end(of: measure.from))
        let period = RequestMeasure(
            name: measure.name, sql: measure.sql, every: measure.every, from: measure.from, asAt: asAt)
        let plan = try? MeasureText.plan(period, catalog: context.catalog)
        let shown = Shown(
            id: entry.id, name: entry.name, requester: entry.place.requester,
            agreement: entry.place.agreement, version: entry.place.version,
            purpose: entry.proposal.purpose.name, state: entry.state.rawValue, reason: entry.reason,
            asked: Clock.text(entry.askedAt), every: measure.every.rawValue,
            first: "\(measure.every.end(of: measure.from))",
            ended: measure.every.ends(from: measure.from, before: today).count,
            sql: VisibleText.of(measure.sql), unusual: VisibleText.unusual(measure.sql), asAt: "\(asAt)",
            words: plan?.fragments.map {
                VisibleText.of(QuestionWords($0, catalog: context.catalog).sentence)
            } ?? [],
            fragments: plan?.fragments.map { VisibleText.of($0.sql) } ?? [],
            tables: entry.proposal.tables.keys.sorted())
        try await log("measure-shown", entry)
        if json { return try ScriptJSON.encode(shown) }
        return lines(shown).joined(separator: "\n")
    }

    private func lines(_ shown: Shown) -> [String] {
        var lines = [
            "Measure \(shown.id), '\(shown.name)', \(shown.state): put before us \(shown.asked) by \(shown.requester) "
                + "for \(shown.purpose) under \(shown.agreement) version \(shown.version)",
            "one release each \(shown.every), the first as at \(shown.first); "
                + "\(shown.ended) such periods have ended, and may be asked for at once",
            "", shown.sql, "",
        ]
        if !shown.unusual.isEmpty {
            lines.append(
                "it has characters that may look like others: \(shown.unusual.joined(separator: ", "))")
        }
        if !shown.tables.isEmpty {
            lines.append(
                "it reads \(shown.tables.joined(separator: ", ")): a new version of one waits for you again")
        }
        lines.append("as at \(shown.asAt) it asks:")
        lines += shown.words.isEmpty ? ["it cannot be planned with this node's tables"] : shown.words
        if let reason = shown.reason { lines.append("declined because: \(reason)") }
        lines.append("approve it by its number: concordat measure approve \(shown.id)")
        return lines
    }

    func approve(_ name: String) async throws -> String {
        let entry = try entry(name)
        let place = entry.place
        guard try await context.permitsNow(place.agreement),
            try await context.agreement(place.agreement, at: WireInstant(milliseconds: Clock.now))?.body
                .version
                == place.version
        else {
            throw NodeError(
                .agreement,
                "'\(place.agreement)' version \(place.version) is not in force here: nothing can be approved under it"
            )
        }
        try await decide(entry, .approved, from: [.waiting, .declined], reason: nil)
        let measure = entry.proposal.measure
        return "measure '\(entry.name)' of \(place.requester) is approved: one release each "
            + "\(measure.every.rawValue), from \(measure.every.end(of: measure.from)) on, "
            + "as long as '\(place.agreement)' version \(place.version) is in force"
    }

    func decline(_ name: String, _ reason: String) async throws -> String {
        let entry = try entry(name)
        try await decide(entry, .declined, from: [.waiting, .approved], reason: reason)
        return
            "measure '\(entry.name)' of \(entry.place.requester) is declined: nothing more is released to it, "
            + "and \(entry.place.requester) is told so, without the reason"
    }

    private func decide(
        _ entry: MeasureApprovals.Entry, _ state: ReviewStore.State, from states: [ReviewStore.State],
        reason: String?
    ) async throws {
        guard
            try await context.measureApprovals.decide(
                entry.id, state, from: states, reason: reason, at: Clock.now)
        else { throw NodeError(.input, "measure '\(entry.name)' is \(entry.state.rawValue) already") }
        try await log("measure-\(state.rawValue)", entry)
    }

    private func log(_ act: String, _ entry: MeasureApprovals.Entry) async throws {
        _ = try await context.audit.append(
            AuditRecord(
                kind: .administration, at: Clock.now,
                details: [
                    "act": act, "measure": entry.name, "number": String(entry.id),
                    "requester": entry.place.requester, "agreement": entry.place.agreement,
                    "version": String(entry.place.version), "digest": entry.proposal.digest,
                ]))
    }

    /// By number, or by a name or REQUESTER:NAME that only one has: what is decided is what was looked at.
    private func entry(_ name: String) throws -> MeasureApprovals.Entry {
        let all = try context.measureApprovals.all()
        if let id = Int64(name), let entry = all.first(where: { $0.id == id }) { return entry }
        let named = all.filter { $0.name == name || "\($0.place.requester):\($0.name)" == name }
        guard let entry = named.first else {
            throw NodeError(
                .input, "no measure '\(name)' was put before this node: see 'concordat measure list'")
        }
        guard named.count == 1 else {
            throw NodeError(
                .input,
                "several measures are called '\(name)': give one of the numbers "
                    + named.map { "\($0.id)" }.joined(separator: ", "))
        }
        return entry
    }
}
