internal import Core
internal import Exchange
internal import Foundation
internal import Policy

/// The node's own measures: made, put before controllers, asked for period by period. What others put before this node
/// is `MeasureDesk`'s.
struct MeasureAdministration: Sendable {
    let context: NodeContext

    func perform(_ command: MeasureCommand) async throws -> NodeReply {
        let desk = MeasureDesk(context: context)
        switch command {
        case .create(let name, let question, let every, let from, let comment):
            return .done(try await create(name, question, every, from, comment))
        case .run(let name, let asAt, let user):
            return .answer(try await MeasureRun(context: context).ask(try measure(name), asAt, as: user))
        case .backfill(let name, let user):
            return try await MeasureRun(context: context).askAll(try measure(name), as: user)
        case .list(let side): return try list(side, desk)
        case .show(.ours(let name), let json): return .document(try show(try measure(name), json: json))
        case .show(.theirs(let name), let json): return .document(try await desk.show(name, json: json))
        case .show(.any(let name), let json):
            guard let own = try context.measures.find(name) else {
                return .document(try await desk.show(name, json: json))
            }
            guard try !desk.has(name) else {
                throw NodeError(
                    .input,
                    "'\(name)' is a measure of ours and one that was put before us: "
                        + "give its number, from 'concordat measure list'")
            }
            return .document(try show(own, json: json))
        case .approve(let name): return .done(try await desk.approve(name))
        case .decline(let name, let reason): return .done(try await desk.decline(name, reason))
        case .remove(let name):
            guard try await context.measures.remove(name) else { throw unknown(name) }
            context.released.remove(name)
            return .done(
                "'\(name)' is no longer a measure here, and released.\(name) is gone; "
                    + "what its controllers approved they keep")
        }
    }

    private func create(
        _ name: String, _ question: Question, _ every: MeasureCadence, _ from: CivilDate?,
        _ comment: String?
    ) async throws -> String {
        guard name.wholeMatch(of: Measure.nameForm) != nil else {
            throw NodeError(
                .input,
                "a measure's name is a table's name: small letters, digits and _, beginning with a letter")
        }
        let today = CivilDate(days: Int(Clock.days(Clock.now)))
        let lastEnded = every.lastEnd(before: today)
        let measure = Measure(
            name: name, question: question, every: every, from: from ?? lastEnded, comment: comment,
            madeAt: Clock.now)
        guard measure.from >= Measure.earliest else {
            throw NodeError(.input, "no measure begins before \(Measure.earliest)")
        }
        guard measure.periods(before: today).count <= Measure.mostEnded else {
            throw NodeError(
                .input,
                "more than \(Measure.mostEnded) periods have ended since \(measure.from): begin later, or recur less often"
            )
        }
        guard question.maximumAgeDays == nil else {
            throw NodeError(
                .input, "what was released for a period stands, however old it is: leave --max-age out")
        }
        do {
            _ = try MeasureText.plan(measure.request(lastEnded), catalog: context.catalog)
        } catch {
            throw QuestionFault(error)
        }
        guard try await context.measures.add(measure) else {
            throw NodeError(
                .input, "released.\(name) is taken by a saved query or a measure: choose another name")
        }
        let kept = "'\(name)' is a measure of each \(every.rawValue), from \(every.end(of: measure.from)) on"
        do {
            let sites = try await MeasureRun(context: context).propose(measure, as: question.user)
            return ([kept] + sites.map { "  \($0.site): \(Self.words($0))" }).joined(separator: "\n")
        } catch {
            // What could never be asked is not worth keeping.
            _ = try await context.measures.remove(name)
            throw error
        }
    }

    /// What a controller said to a proposal.
    private static func words(_ site: SiteReceipt) -> String {
        switch site.outcome {
        case .planned, .answered: "approved already"
        case .refused: site.reason ?? "refused"
        default: "not reached (\(site.reason ?? site.outcome.rawValue)): the next run puts it before them"
        }
    }

    private func measure(_ name: String) throws -> Measure {
        guard let measure = try context.measures.find(name) else { throw unknown(name) }
        return measure
    }

    private func unknown(_ name: String) -> NodeError {
        NodeError(.input, "this node has no measure '\(name)': see 'concordat measure list'")
    }

    // MARK: Reading

    private func list(_ side: MeasureSide, _ desk: MeasureDesk) throws -> NodeReply {
        let today = CivilDate(days: Int(Clock.days(Clock.now)))
        let own = try context.measures.all().map { measure in
            let periods = measure.periods(before: today)
            let whole = measure.held.values.count { $0.isWhole }
            return [
                "", measure.name, context.organisation.text, measure.question.agreement,
                measure.every.rawValue, "\(measure.every.end(of: measure.from))", "ours",
                "\(whole) of \(periods.count)", measure.question.sql,
            ]
        }
        return .listing(
            columns: [
                "id", "name", "requester", "agreement", "every", "first", "state", "periods", "question",
            ],
            rows: (side == .theirs ? [] : own) + (side == .ours ? [] : try desk.lines(at: today)))
    }

    private struct Shown: Encodable {
        struct Period: Encodable {
            let asAt: String
            let ranAt: String?
            let rows: Int?
            let answered: String?
            let receipt: String?
        }

        let name: String
        let comment: String?
        let table: String
        let sql: String
        let agreement: String
        let purpose: String?
        let require: String
        let every: String
        let periods: [Period]
    }

    private func show(_ measure: Measure, json: Bool) throws -> String {
        let today = CivilDate(days: Int(Clock.days(Clock.now)))
        let results = Dictionary(
            try context.measures.results(of: measure.name).map { ($0.asAt, $0) }
        ) { $1 }
        let periods = measure.periods(before: today).map { asAt -> Shown.Period in
            let result = results[asAt]
            return Shown.Period(
                asAt: "\(asAt)", ranAt: result.map { Clock.text($0.ranAt) },
                rows: result?.answer.table.rowCount,
                answered: result.map { "\($0.answered.count) of \($0.asked)" },
                receipt: result?.answer.receipt.queryID)
        }
        if json {
            return try ScriptJSON.encode(
                Shown(
                    name: measure.name, comment: measure.comment, table: "released.\(measure.name)",
                    sql: measure.question.sql, agreement: measure.question.agreement,
                    purpose: measure.question.purpose, require: measure.question.require.text,
                    every: measure.every.rawValue, periods: periods))
        }
        var lines = [
            "Measure '\(measure.name)', each \(measure.every.rawValue), under \(measure.question.agreement); "
                + "its table is released.\(measure.name)"
        ]
        lines += [measure.comment, "", measure.question.sql, ""].compactMap(\.self)
        lines += periods.map { period in
            guard let answered = period.answered, let ranAt = period.ranAt else {
                return "\(period.asAt): not asked yet"
            }
            return "\(period.asAt): released \(ranAt), \(answered) sites"
        }
        if periods.isEmpty { lines.append("no period has ended yet") }
        return lines.joined(separator: "\n")
    }
}
