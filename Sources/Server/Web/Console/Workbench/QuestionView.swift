internal import Core
internal import Node

/// A question that was asked, as its page shows it: running, answered, or not.
struct QuestionView: Sendable {
    private let run: QuestionRun
    private let snippets: ClientSnippets
    private let names: FragmentNames
    private let purposeTitle: String?
    private let linkerName: String?
    private let organisations: [String: String]

    init(
        _ run: QuestionRun, _ form: QuestionForm, _ facts: WorkbenchFacts, _ call: ConsoleCall
    ) async throws {
        self.run = run
        snippets = try ClientSnippets(form, call)
        names = await WorkbenchPages.names(run.question.sql, call)
        let agreement = facts.agreements.first { $0.id == run.question.agreement }
        purposeTitle =
            agreement?.purposes.first { $0.name == form.purpose ?? agreement?.purposes.first?.name }?.title
        linkerName = agreement?.linker?.name
        organisations = Dictionary(
            (agreement?.controllers ?? []).map { ($0.code, $0.name) }
        ) { first, _ in first }
    }

    func values(_ call: ConsoleCall) throws -> [String: any Sendable] {
        var values: [String: any Sendable] = [
            "id": run.id, "began": ConsoleWords.time(run.beganAt), "isRunning": run.state == .running,
            "isCancelled": run.state == .cancelled, "sites": sites, "snippets": snippets.values,
            // Whoever is asked is named as soon as that is heard, also where nobody has been when the page is made.
            "known": organisations.sorted { $0.key < $1.key }.map { ["code": $0.key, "name": $0.value] },
        ]
        if let ended = run.endedAt { values["took"] = Self.duration(ended - run.beganAt) }
        if let fault = run.fault, run.state == .failed {
            values["failed"] = FaultView(fault.fault, sql: run.question.sql).values
        }
        if let answer = run.answer {
            let view = AnswerView(answer, names: names)
            values["answer"] = view.values
            values["receipt"] =
                ReceiptView(
                    receipt: answer.receipt, names: names, purposeTitle: purposeTitle, linkerName: linkerName
                ).values
            if let chart = ChartView(view, call.query) { values["chart"] = chart.page }
        }
        return values
    }

    /// Whoever was asked, and what they have done so far.
    private var sites: [[String: any Sendable]] {
        let heard = Dictionary(run.sites.map { ($0.site, $0) }) { _, last in last }
        let codes = run.asked + run.sites.map(\.site).filter { !run.asked.contains($0) }
        return codes.map { code in
            let site = heard[code]
            let outcome = site.map { ReceiptView.outcome($0.outcome) }
            var values: [String: any Sendable] = [
                "code": code, "name": site?.name ?? organisations[code] ?? code,
                "words": outcome?.words ?? "waiting", "tag": outcome?.tag ?? "wait",
            ]
            if let reason = site?.reason { values["reason"] = reason }
            if let rules = site?.rules, !rules.isEmpty, site?.outcome == .refused {
                values["rules"] = rules.joined(separator: ", ")
            }
            return values
        }
    }

    private static func duration(_ milliseconds: Int64) -> String {
        milliseconds < 1_000
            ? "less than a second" : "\(ConsoleWords.number(Double(milliseconds / 100) / 10)) seconds"
    }
}

/// Why there is no answer: in words, what to do, and where in the statement it is.
struct FaultView: Sendable {
    let values: [String: any Sendable]

    /// - Parameter refusals: what each organisation said, where that is the reason.
    init(_ fault: SQLFault, sql: String, refusals: [SiteReceipt] = []) {
        // As they are: a message may begin with a column's name.
        var values: [String: any Sendable] = ["message": fault.message, "code": fault.sqlstate.rawValue]
        if let hint = fault.hint { values["hint"] = hint }
        if let position = fault.position, position > 0 {
            let before = sql.prefix(position - 1)
            let number = before.count { $0 == "\n" } + 1
            let start = before.lastIndex(of: "\n").map { sql.index(after: $0) } ?? sql.startIndex
            let line = sql[start...].prefix { $0 != "\n" }
            let column = before.distance(from: start, to: before.endIndex)
            let word = line.dropFirst(column).prefix { $0.isLetter || $0.isNumber || "_.\"".contains($0) }
            values["line"] = String(number)
            values["before"] = String(line.prefix(column))
            values["word"] = word.isEmpty ? String(line.dropFirst(column).prefix(1)) : String(word)
            values["after"] = String(line.dropFirst(column + max(word.count, 1)))
            values["position"] = String(position)
        }
        values["refusals"] = refusals.map { ["name": $0.name, "reason": $0.reason ?? $0.outcome.rawValue] }
        values["hasRefusals"] = !refusals.isEmpty
        self.values = values
    }
}
