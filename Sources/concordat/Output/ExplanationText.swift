internal import Core
internal import Policy

/// An explanation for people: what was decided, why, under which conditions or what would have to change.
enum ExplanationText {
    static func text(_ explanation: PolicyExplanation, of request: AccessRequest) -> String {
        let isPermit = explanation.decision.isPermit
        var lines = [
            (isPermit ? Paint.good("PERMITTED") : Paint.bad("REFUSED")) + " by \(request.controller): "
                + explanation.decision.reason,
            "",
        ]
        lines += facts(request)
        if !explanation.determining.isEmpty { lines += ["", Paint.strong("Why")] }
        for rule in explanation.determining { lines += text(rule, only: nil) }
        if isPermit {
            lines += obligations(explanation.obligations)
        } else {
            lines += nearly(explanation.nearly) + changes(explanation.changes)
        }
        return lines.joined(separator: "\n")
    }

    private static func facts(_ request: AccessRequest) -> [String] {
        let agreement = request.agreement.map { "\($0.agreement.id) version \($0.agreement.version)" }
        let own = request.agreement.map { "\($0.agreement.purpose), the agreement's" }
        let roles = request.roles.map(\.rawValue).sorted().joined(separator: ", ")
        var facts: [(String, String)] = []
        facts.append(("who", "\(request.requester), as \(roles)"))
        facts.append(("what", request.action.rawValue))
        facts.append(("agreement", agreement ?? "none that is known"))
        facts.append(("purpose", request.statedPurpose?.name ?? own ?? "none"))
        let columns = request.columns.sorted().joined(separator: ", ")
        facts.append(("columns", columns.isEmpty ? "none" : columns))
        if !request.codelists.isEmpty {
            facts.append(("codelists", request.codelists.sorted().joined(separator: ", ")))
        }
        if let care = request.care { facts.append(("care", RequestText.words(care))) }
        facts.append(("data", request.isSynthetic ? "synthetic" : "real"))
        return facts.map { "  \(padded($0.0, 10)) \($0.1)" }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// - Parameter only: clauses with this value of `holds`; all of them if nil.
    private static func text(_ rule: PolicyExplanation.Rule, only holds: Bool?) -> [String] {
        var lines = [
            "  \(rule.effect) \(Paint.strong(rule.id))"
                + (rule.description.isEmpty ? "" : ": \(rule.description)")
        ]
        let clauses =
            holds.map { wanted in rule.clauses.filter { ($0.holds ?? true) == wanted } } ?? rule.clauses
        for clause in clauses {
            lines.append("    \(padded(clause.word, 6)) \(clause.text)  \(mark(clause))")
            let facts = clause.facts.map { "\($0.name) = \($0.value)" }
            if !facts.isEmpty { lines.append("           \(Paint.faint(facts.joined(separator: ", ")))") }
        }
        return lines
    }

    private static func mark(_ clause: PolicyExplanation.Clause) -> String {
        switch clause.holds {
        case true?: Paint.good("-> \(clause.value)")
        case false?: Paint.bad("-> \(clause.value)")
        case nil: Paint.faint("-> \(clause.value)")
        }
    }

    private static func obligations(_ list: [ObligationWords]) -> [String] {
        // The columns that were asked for are no condition.
        let list = list.filter { $0.field != "columns" || !$0.from.isEmpty }
        guard !list.isEmpty else { return ["", "No conditions go with it."] }
        let width = min(60, list.map(\.words.count).max() ?? 0)
        return ["", Paint.strong("Conditions that go with it")]
            + list.map { item in
                let from =
                    item.from.isEmpty ? "" : "  \(Paint.faint("from \(item.from.joined(separator: ", "))"))"
                return "  \(padded(item.words, width))\(from)"
            }
    }

    private static func nearly(_ rules: [PolicyExplanation.Rule]) -> [String] {
        // Where one applied, what refuses is a forbid: the others say nothing.
        guard !rules.isEmpty, !rules.contains(where: \.applies) else { return [] }
        return ["", Paint.strong("Permits that did not apply")]
            + rules.prefix(3).flatMap { text($0, only: false) }
    }

    private static func changes(_ sets: [[ChangeFinder.Step]]) -> [String] {
        guard !sets.isEmpty else {
            return ["", "No one or two changes that the parties could make would have it permitted."]
        }
        var lines = ["", Paint.strong("It would be permitted, if one of these were done")]
        for (number, set) in sets.prefix(10).enumerated() {
            for (place, step) in set.enumerated() {
                let mark = place == 0 ? padded("\(number + 1).", 3) : "and"
                lines.append("  \(mark) \(who(step)): \(step.words)")
            }
        }
        if sets.count > 10 { lines.append("  \(sets.count - 10) more: see --format json") }
        return lines
    }

    private static func who(_ step: ChangeFinder.Step) -> String {
        switch step.who {
        case .requester: "the requester"
        case .party: "a party"
        case .both: "all parties, by an amendment"
        }
    }
}
