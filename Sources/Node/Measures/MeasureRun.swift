internal import Core
internal import Exchange
internal import Foundation

/// Asks for periods of a measure, and keeps what is released: one release a period.
struct MeasureRun: Sendable {
    let context: NodeContext

    /// A period's answer: what was released for it, or what is released now.
    /// - Parameter asAt: nil: the last period that has ended.
    /// - Throws: `NodeError` for what is no period of it; `QuestionFault` as for any question.
    func ask(_ measure: Measure, _ asAt: CivilDate? = nil, as user: String? = nil) async throws -> Answer {
        let periods = measure.periods(before: today)
        guard let last = periods.last else {
            throw NodeError(
                .input,
                "no period of '\(measure.name)' has ended yet: the first ends on "
                    + "\(measure.every.end(of: measure.from))")
        }
        let period = asAt ?? last
        guard periods.contains(period) else {
            throw NodeError(
                .input,
                "\(period) is not the last day of a \(measure.every.rawValue) of '\(measure.name)' that has ended: "
                    + "they are \(periods[0]) to \(last)")
        }
        if measure.held[period]?.isWhole == true,
            let result = try context.measures.result(of: measure.name, period)
        {
            return result.answer
        }
        let answer = try await release(measure, period, as: user)
        try await show(measure.name)
        return answer
    }

    /// Every period that is not whole, oldest first, until one is refused everywhere.
    func askAll(_ measure: Measure, as user: String?) async throws -> NodeReply {
        var rows: [[String]] = []
        var fault: QuestionFault?
        for period in measure.periods(before: today) {
            if measure.held[period]?.isWhole == true,
                let result = try context.measures.result(of: measure.name, period)
            {
                rows.append(line(period, result.answer, "released before"))
            } else if fault != nil {
                rows.append(["\(period)", "not asked", "", "", ""])
            } else {
                do {
                    rows.append(line(period, try await release(measure, period, as: user), "released"))
                } catch let error as QuestionFault {
                    fault = error
                    rows.append(["\(period)", error.fault.message, "", "", ""])
                }
            }
        }
        try await show(measure.name)
        // Nothing at all came of it: that is a fault, with each site's own words.
        if let fault, !rows.contains(where: { $0[1].hasPrefix("released") }) { throw fault }
        return .listing(columns: ["as_at", "outcome", "rows", "sites", "receipt"], rows: rows)
    }

    /// Puts a measure before its controllers: they decide and log, and nothing is run.
    func propose(_ measure: Measure, as user: String) async throws -> [SiteReceipt] {
        let period = measure.every.lastEnd(before: today)
        let asAt = max(period, measure.every.end(of: measure.from))
        return try await Coordinator(context: context).rehearse(question(measure, asAt, user)).sites ?? []
    }

    private func release(_ measure: Measure, _ asAt: CivilDate, as user: String?) async throws -> Answer {
        let answer = try await Coordinator(context: context).ask(question(measure, asAt, user))
        try await context.measures.keep(
            Measure.Result(asAt: asAt, ranAt: Clock.now, answer: answer), of: measure)
        return answer
    }

    private func show(_ name: String) async throws {
        guard let measure = try context.measures.find(name) else { return }
        try await context.show(measure, try context.measures.results(of: name))
    }

    private func question(_ measure: Measure, _ asAt: CivilDate, _ user: String?) -> Question {
        var question = measure.question
        question.user = user ?? question.user
        question.measure = measure.request(asAt)
        return question
    }

    private var today: CivilDate { CivilDate(days: Int(Clock.days(Clock.now))) }

    private func line(_ period: CivilDate, _ answer: Answer, _ words: String) -> [String] {
        let sites = answer.receipt.sites
        return [
            "\(period)", words, "\(answer.table.rowCount)",
            "\(sites.count { $0.outcome == .answered }) of \(sites.count)", answer.receipt.queryID,
        ]
    }
}
