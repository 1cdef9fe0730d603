import Core

/// Policies that never make a difference: caught by an unconditional forbid, or covered by another policy.
struct CoverCheck {
    let engine: PolicyEngine
    let entries: [PolicyReader.Entry]
    let bound: Int

    /// - Parameter known: what is found already; a policy that can never apply is not reported twice.
    func findings(except known: [PolicyFinding]) -> [PolicyFinding] {
        let dead = Set(known.filter { $0.kind == .unreachable }.map(\.policy))
        let live = entries.filter { !dead.contains($0.policy.id) }
        guard let space = try? RequestSpace([engine], bound: bound) else { return [] }
        let table = Table(engine, live.map(\.policy), space)
        var findings: [PolicyFinding] = []
        for (place, entry) in live.enumerated() {
            let policy = entry.policy
            if let forbid = unconditionalForbid(over: policy, among: live) {
                findings.append(
                    entry.source.finding(
                        .error, .unreachable, at: policy.position, of: policy.id,
                        "the \(policy.effect.rawValue) '\(policy.id)' never makes a difference: '\(forbid.id)' "
                            + "forbids all of its requests, without a condition",
                        "narrow '\(forbid.id)', or take '\(policy.id)' out"))
            } else if policy.effect == .permit, table.isAlwaysRefused(place) {
                findings.append(
                    entry.source.finding(
                        .warning, .unreachable, at: policy.position, of: policy.id,
                        "the permit '\(policy.id)' applied to \(table.count(place)) of \(space.count) generated "
                            + "requests, and a forbid refused every one",
                        "ask 'concordat policy explain' about a request that it should permit"))
            } else if let other = table.cover(of: place) {
                findings.append(
                    entry.source.finding(
                        .warning, .shadowed, at: policy.position, of: policy.id,
                        "the \(policy.effect.rawValue) '\(policy.id)' changed none of \(space.count) generated "
                            + "requests: '\(live[other].policy.id)' covers it",
                        "take it out, or say what it does that '\(live[other].policy.id)' does not"))
            }
        }
        return findings
    }

    /// A forbid without conditions whose scope holds wherever the policy's does.
    private func unconditionalForbid(
        over policy: CedarPolicy, among all: [PolicyReader.Entry]
    ) -> CedarPolicy? {
        all.map(\.policy).first {
            $0.id != policy.id && $0.effect == .forbid && $0.conditions.isEmpty
                && Self.covers($0.principal, policy.principal) && Self.covers($0.action, policy.action)
                && Self.covers($0.resource, policy.resource)
                && !(policy.effect == .forbid && policy.conditions.isEmpty && policy.id < $0.id)
        }
    }

    /// Whether one scope holds wherever another does, by how they are written.
    static func covers(_ wide: CedarPolicy.Scope, _ narrow: CedarPolicy.Scope) -> Bool {
        func names(_ scope: CedarPolicy.Scope) -> [EntityUID]? {
            switch scope {
            case .equal(let uid), .within(let uid): [uid]
            case .withinAny(let uids): uids
            default: nil
            }
        }
        switch (wide, narrow) {
        case (.any, _): return true
        case (.isType(let type, nil), .isType(let other, _)): return type == other
        case (.isType(let type, nil), .equal(let uid)): return type == uid.type
        case (.within, _), (.withinAny, _):
            guard let wider = names(wide), let narrower = names(narrow) else { return wide == narrow }
            return Set(wider).isSuperset(of: narrower)
        default: return wide == narrow
        }
    }
}

extension CoverCheck {
    /// Which policy applies to which generated request.
    private struct Table {
        private let policies: [CedarPolicy]
        private let engine: PolicyEngine
        /// By policy: the places of the requests it applies to.
        private var applied: [Set<Int>]
        /// The requests that some forbid refuses.
        private var refused: Set<Int> = []

        init(_ engine: PolicyEngine, _ policies: [CedarPolicy], _ space: RequestSpace) {
            self.engine = engine
            self.policies = policies
            applied = Array(repeating: [], count: policies.count)
            for (number, member) in space.members.enumerated() {
                let (request, entities) = (
                    engine.cedarRequest(of: member.facts), engine.cedarEntities(of: member.facts)
                )
                for (place, policy) in policies.enumerated()
                where engine.isInForce(policy, on: member.facts.today) {
                    let outcome = engine.applies(policy, request, entities)
                    // A forbid that cannot be evaluated denies.
                    guard outcome ?? (policy.effect == .forbid) else { continue }
                    applied[place].insert(number)
                    if policy.effect == .forbid { refused.insert(number) }
                }
            }
        }

        func count(_ place: Int) -> Int { applied[place].count }

        func isAlwaysRefused(_ place: Int) -> Bool {
            !applied[place].isEmpty && applied[place].isSubset(of: refused)
        }

        /// A policy that applies wherever this one does and asks for as much; of two alike the first stays.
        func cover(of place: Int) -> Int? {
            guard !applied[place].isEmpty else { return nil }
            return policies.indices.first { other in
                guard other != place, policies[other].effect == policies[place].effect,
                    applied[place].isSubset(of: applied[other]),
                    applied[place] != applied[other] || other < place
                else { return false }
                return policies[place].effect == .forbid || asksAsMuch(other, as: place)
            }
        }

        private func asksAsMuch(_ other: Int, as place: Int) -> Bool {
            guard let own = try? ObligationAnnotations.obligations(of: policies[place]),
                let covering = try? ObligationAnnotations.obligations(of: policies[other])
            else { return false }
            return covering.joinedCovering(own).isSame(as: covering)
        }
    }
}

extension Obligations {
    /// Whether both ask for the same, whoever asked for it.
    func isSame(as other: Obligations) -> Bool {
        var (one, two) = (self, other)
        one.provenance = [:]
        two.provenance = [:]
        return one == two
    }
}
