import Core
import Foundation

/// Who may do what under a folder's policies, worked out request by request and compressed to rows that a governance
/// lead can read: the text of `Golden/authorisation.txt`.
///
/// Every combination of action, gateway, purpose, role, data and (where records are read) care is decided under an
/// agreement in force that names all of it; then what other states of the agreement do, and what else in a question
/// is refused. Nothing here knows a policy: dimensions come from the vocabulary and from what policies name.
package struct AuthorisationMatrix: Sendable {
    let engine: PolicyEngine
    let scene: AuthorisationScene

    package init(_ engine: PolicyEngine) throws {
        self.engine = engine
        scene = try AuthorisationScene(engine)
    }

    /// The matrix, with its headings.
    package var text: String {
        var lines = [
            "Who may do what under the policies of this folder.",
            "",
            "Made by running every combination through the policies; a change here is a change of what is allowed.",
            "A dimension that a row does not name does not matter to it. A purpose stands for what is below it as",
            "well. What stands in no row is refused: no policy permits it.",
            "",
        ]
        lines += ["1. Where an agreement is in force between the requester and this controller", ""]
        for action in AccessAction.overData { lines += inForce(action) }
        lines += ["2. What is permitted in 1, where the agreement is not in force", ""] + states() + [""]
        lines += ["3. What turns a permission into a refusal", ""] + refusals()
        lines += ["4. Within the node: no agreement is needed", ""] + local()
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: An agreement in force

    private func inForce(_ action: AccessAction) -> [String] {
        var outcomes: [[String]: Outcome] = [:]
        let dimensions = scene.dimensions(of: action)
        for place in AuthorisationRows.places(dimensions) {
            outcomes[place] = Outcome(engine.decide(scene.request(action, place)))
        }
        let rows = AuthorisationRows.compressed(dimensions) { outcomes[$0] ?? .nothing }
        var lines = [action.rawValue]
        for row in rows where row.outcome != .nothing {
            lines.append("  " + row.words(dimensions))
            lines += row.outcome.lines.map { "      " + $0 }
        }
        return lines + [""]
    }

    // MARK: No agreement in force

    private func states() -> [String] {
        let permitted = AccessAction.overData.flatMap { action in
            AuthorisationRows.places(scene.dimensions(of: action)).map { (action, $0) }
                .filter { engine.decide(scene.request($0.0, $0.1)).isPermit }
        }
        return AuthorisationScene.Standing.allCases.filter { $0 != .inForce }.map { standing in
            let decisions = permitted.map { engine.decide(scene.request($0.0, $0.1, standing: standing)) }
            let open = Set(decisions.filter(\.isPermit).flatMap(\.determining))
            let rules = Set(decisions.filter { !$0.isPermit }.map { $0.determining.joined(separator: ", ") })
            return "  \(standing.rawValue): "
                + (open.isEmpty ? "refused by " : "STILL PERMITTED by \(open.sorted()), refused by ")
                + rules.sorted().joined(separator: " or ")
        }
    }

    // MARK: What turns a permission into a refusal

    private func refusals() -> [String] {
        let examples = engine.policies.policies.filter { $0.effect == .permit }.compactMap { policy in
            example(of: policy).map { (policy: policy.id, action: $0.0, place: $0.1) }
        }
        let rules = examples.map { example in
            scene.changes.map { rule($0.apply(scene.request(example.action, example.place))) }
        }
        let common = scene.changes.indices.filter { change in
            rules.allSatisfy { $0[change] != nil && $0[change] == rules[0][change] }
        }
        var lines = ["whatever policy permits it"]
        lines += common.map { "  \(scene.changes[$0].name): \(rules[0][$0] ?? "")" } + [""]
        for (example, rules) in zip(examples, rules) {
            let own = rules.indices.filter { !common.contains($0) }.compactMap { change in
                rules[change].map { "  \(scene.changes[change].name): \($0)" }
            }
            let place = example.place.filter { !$0.isEmpty }.joined(separator: ", ")
            lines += ["what \(example.policy) permits, e.g. \(example.action.rawValue), \(place)"]
            lines += (own.isEmpty ? ["  nothing more"] : own) + [""]
        }
        return lines
    }

    /// What refuses a request; nil if nothing does.
    private func rule(_ request: AccessRequest) -> String? {
        let decision = engine.decide(request)
        if decision.isPermit { return nil }
        return decision.determining.isEmpty
            ? "no policy permits it" : decision.determining.joined(separator: ", ")
    }

    /// A combination that this policy permits, if there is one.
    private func example(of policy: CedarPolicy) -> (AccessAction, [String])? {
        for action in AccessAction.overData where policy.actions.contains(action) {
            for place in AuthorisationRows.places(scene.dimensions(of: action)) {
                let decision = engine.decide(scene.request(action, place))
                if decision.isPermit, decision.determining.contains(policy.id) { return (action, place) }
            }
        }
        return nil
    }

    // MARK: Within the node

    private func local() -> [String] {
        let dimensions = [
            AuthorisationRows.Dimension(name: "role", values: UserRole.allCases.map(\.rawValue)),
            .init(name: "", values: ["of this organisation", "of another organisation"]),
        ]
        return AccessAction.allCases.filter(\.isLocal).flatMap { action -> [String] in
            let rows = AuthorisationRows.compressed(dimensions) {
                Outcome(
                    engine.decide(scene.local(action, role: $0[0], isOwn: $0[1] == "of this organisation")))
            }
            return [action.rawValue]
                + rows.filter { $0.outcome != .nothing }.flatMap { row in
                    ["  " + row.words(dimensions)] + row.outcome.lines.map { "      " + $0 }
                }
        }
    }

    /// What came of a request, as far as rows differ by it.
    struct Outcome: Hashable, Sendable {
        let lines: [String]

        /// Refused, and no rule says so: nothing permits it.
        static let nothing = Outcome(lines: [])

        init(lines: [String]) { self.lines = lines }

        init(_ decision: Decision) {
            let rules = decision.determining.joined(separator: ", ")
            if decision.isPermit {
                lines = ["permitted by \(rules)"] + decision.obligations.phrases.map { "- " + $0 }
            } else {
                lines = decision.determining.isEmpty ? [] : ["refused by \(rules)"]
            }
        }
    }
}

extension Obligations {
    /// A phrase for each field that policies and law set; what every agreement says of itself is left out.
    fileprivate var phrases: [String] {
        var words: [String] = []
        if let minimumPeople { words.append("at least \(minimumPeople) people behind every number") }
        if !profiles.isEmpty {
            words.append("disclosure control: \(profiles.sorted().joined(separator: ", "))")
        }
        if !honour.isEmpty {
            words.append("honours \(honour.map(\.rawValue).sorted().joined(separator: ", "))")
        }
        if !excludedCodelists.isEmpty {
            words.append(
                "leaves out \(excludedCodelists.map { $0.replacing("codelist.", with: "") }.sorted().joined(separator: ", "))"
            )
        }
        if let releaseCap { words.append("no more than \(releaseCap) releases") }
        if !alerts.isEmpty { words.append("tells the \(alerts.sorted().joined(separator: ", ")) at once") }
        if needsReview { words.append("is reviewed afterwards") }
        return words
    }
}
