package import Core

/// Why a request is permitted or refused: every policy that counted with its conditions and their values, where each
/// obligation came from, and what would have to change.
package struct PolicyExplanation: Sendable, Codable {
    /// One condition, or one part of a conjunction.
    package struct Clause: Sendable, Codable, Hashable {
        /// `when` or `unless`.
        package let word: String
        package let text: String
        /// What the text came to: `true`, `false`, `not looked at`, or why it could not be evaluated.
        package let value: String
        /// Whether the policy can apply as far as this clause goes; nil where it was not looked at.
        package let holds: Bool?
        /// The facts in it, e.g. `context.purpose` -> `commissioning`.
        package let facts: [Fact]
    }

    package struct Fact: Sendable, Codable, Hashable {
        package let name: String
        package let value: String
    }

    /// One policy and what became of it.
    package struct Rule: Sendable, Codable {
        package let id: String
        package let effect: String
        /// What stands above it in its file, or a forbid's reason.
        package let description: String
        package let applies: Bool
        package let clauses: [Clause]
    }

    package let decision: Decision
    /// Those that determined the decision.
    package let determining: [Rule]
    package let obligations: [ObligationWords]
    /// On refusal: permits that speak of this kind of request, those that came nearest first.
    package let nearly: [Rule]
    /// On refusal: the smallest sets of changes that would make it permitted.
    package let changes: [[ChangeFinder.Step]]

    /// - Parameters:
    ///   - files: what the engine was made from, for what is written above each policy.
    ///   - others: agreements that the request might name instead.
    package init(
        _ request: AccessRequest, _ engine: PolicyEngine, files: PolicyFiles, others: [AgreementRecord] = []
    ) {
        let decision = engine.decide(request)
        let descriptions = PolicyDescriptions(files)
        func rule(_ trace: CedarPolicyTrace) -> Rule {
            let text = descriptions.text(of: trace.policy)
            let reason = engine.filled(trace.policy.annotation("reason")?.value ?? "", request)
            return Self.rule(trace, text.isEmpty ? reason : text)
        }
        let traces = engine.traces(request)
        let determining = Set(decision.determining)
        self.decision = decision
        self.determining = traces.filter { determining.contains($0.policy.id) }.map(rule)
        obligations = ObligationWords.list(decision.obligations)
        guard !decision.isPermit else {
            (nearly, changes) = ([], [])
            return
        }
        let permits = traces.filter {
            $0.policy.effect == .permit && $0.scopeMismatch == nil && !determining.contains($0.policy.id)
        }
        nearly = permits.map(rule).enumerated().sorted { left, right in
            let (a, b) = (Self.failing(left.element), Self.failing(right.element))
            return a == b ? left.offset < right.offset : a < b
        }.map(\.element)
        changes = ChangeFinder.changes(for: request, engine, others: others)
    }

    private static func failing(_ rule: Rule) -> Int { rule.clauses.count { $0.holds != true } }

    private static func rule(_ trace: CedarPolicyTrace, _ description: String) -> Rule {
        let policy = trace.policy
        var clauses: [Clause] = []
        for (place, condition) in trace.conditions.enumerated() {
            let word = policy.conditions[place].isUnless ? "unless" : "when"
            // Only in a `when` does each part of a conjunction have to hold by itself.
            let isWhole = policy.conditions[place].isUnless
            clauses += Self.clauses(condition, word, isWhole: isWhole)
        }
        return Rule(
            id: policy.id, effect: policy.effect.rawValue, description: description,
            applies: trace.isSatisfied ?? (policy.effect == .forbid), clauses: clauses)
    }

    private static func clauses(_ trace: CedarTrace, _ word: String, isWhole: Bool) -> [Clause] {
        guard !isWhole, case .and(let parts) = trace.expression.kind else {
            return [clause(trace, word)]
        }
        let seen = trace.parts.flatMap { clauses($0, word, isWhole: false) }
        let unseen = parts.dropFirst(trace.parts.count).map { part in
            Clause(word: word, text: CedarPrinter.text(part), value: "not looked at", holds: nil, facts: [])
        }
        return seen + unseen
    }

    private static func clause(_ trace: CedarTrace, _ word: String) -> Clause {
        let value: String
        switch trace.outcome {
        case .value(let result): value = result.words
        case .fault(let fault): value = "cannot be evaluated: \(fault.message)"
        }
        var facts: [Fact] = []
        Self.facts(of: trace, into: &facts)
        return Clause(
            word: word, text: CedarPrinter.text(trace.expression), value: value,
            holds: trace.truth.map { $0 != (word == "unless") } ?? false, facts: facts)
    }

    /// The outermost names that were looked up, each once.
    private static func facts(of trace: CedarTrace, into facts: inout [Fact]) {
        switch trace.expression.kind {
        case .attribute, .variable:
            guard case .value(let value) = trace.outcome, value.isShowable else { return }
            let fact = Fact(name: CedarPrinter.text(trace.expression), value: value.words)
            if !facts.contains(fact) { facts.append(fact) }
        default: for part in trace.parts { Self.facts(of: part, into: &facts) }
        }
    }
}

/// What stands in comments right above each policy.
struct PolicyDescriptions {
    private var texts: [String: String] = [:]

    init(_ files: PolicyFiles) {
        for (_, text) in files.ending(in: ".cedar") {
            guard let policies = try? CedarParser.policies(in: text),
                let comments = try? CedarLexer.read(text).comments
            else { continue }
            let byLine = Dictionary(comments.map { ($0.position.line, $0.text) }) { first, _ in first }
            for policy in policies {
                var line = (policy.annotations.first?.position ?? policy.position).line - 1
                var found: [String] = []
                while let comment = byLine[line] {
                    let words = comment.drop { $0 == "/" }
                    found.insert(words.trimmed, at: 0)
                    line -= 1
                }
                // An empty comment line parts paragraphs: the last one is the policy's own.
                let own = found.split(separator: "").last ?? []
                texts[policy.id] = own.joined(separator: " ")
            }
        }
    }

    func text(of policy: CedarPolicy) -> String { texts[policy.id] ?? "" }
}

extension CedarValue {
    /// Whether it says something by itself.
    fileprivate var isShowable: Bool {
        if case .record = self { return false }
        return true
    }

    /// As a reader of policies writes it, without types.
    var words: String {
        switch self {
        case .bool(let value): return value ? "true" : "false"
        case .long(let value): return String(value)
        case .string(let value): return value.isEmpty ? "\"\"" : value
        case .entity(let uid): return uid.id
        case .set(let members):
            let all = members.map(\.words).sorted()
            let more = all.count > 12 ? ", and \(all.count - 12) more" : ""
            return "[\(all.prefix(12).joined(separator: ", "))\(more)]"
        case .datetime(let milliseconds):
            return CivilDate(days: Int((Double(milliseconds) / 86_400_000).rounded(.down))).description
        case .duration(let milliseconds): return "\(milliseconds) ms"
        case .decimal(let units): return String(Double(units) / 10_000)
        case .record: return "(a record)"
        case .ip: return "(an address)"
        }
    }
}
