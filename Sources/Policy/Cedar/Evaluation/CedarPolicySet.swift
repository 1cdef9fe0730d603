/// A set of policies, and what they decide.
package struct CedarPolicySet: Sendable {
    /// Those that decide: static ones and linked templates.
    package let policies: [CedarPolicy]
    /// Those that decide nothing until they are linked.
    package let templates: [CedarPolicy]
    private let index: Index

    /// What a set decided of one request.
    package struct Answer: Hashable, Sendable {
        package let isAllowed: Bool
        /// The policies that determined it.
        package let determining: [String]
        /// Policies that could not be evaluated, with why.
        package let errors: [String: CedarFault]
    }

    /// What a `forbid` does that cannot be evaluated.
    package enum Errors: Sendable {
        /// Skipped, as the Cedar language has it.
        case skip
        /// Denies: a broken prohibition must not open a door.
        case forbidDenies
    }

    /// - Throws: `CedarFault` where two policies have one identifier.
    package init(_ policies: [CedarPolicy]) throws(CedarFault) {
        var seen: Set<String> = []
        for policy in policies where !seen.insert(policy.id).inserted {
            throw CedarFault(.syntax, "two policies are called '\(policy.id)'", at: policy.position)
        }
        self.init(unique: policies)
    }

    /// - Precondition: no two policies have one identifier.
    private init(unique policies: [CedarPolicy]) {
        self.policies = policies.filter { !$0.isTemplate }
        templates = policies.filter(\.isTemplate)
        index = Index(self.policies)
    }

    /// Parses a policy set.
    package init(parsing text: String, naming: CedarParser.Naming = .annotation) throws(CedarFault) {
        try self.init(try CedarParser.policies(in: text, naming: naming))
    }

    /// This set with one more policy, made from a template.
    /// - Throws: `CedarFault` where there is no such template, the identifier is taken, or a slot is not filled.
    package func linked(
        _ template: String, as id: String, principal: EntityUID? = nil, resource: EntityUID? = nil
    ) throws(CedarFault) -> CedarPolicySet {
        guard let found = templates.first(where: { $0.id == template }) else {
            throw CedarFault(.link, "there is no template '\(template)'")
        }
        let policy = try found.linked(as: id, principal: principal, resource: resource)
        return try CedarPolicySet(policies + templates + [policy])
    }

    /// Forbids win over permits; without a permit the answer is no.
    /// - Parameter isInForce: policies that it does not hold for are left out.
    package func decide(
        _ request: CedarRequest, _ entities: CedarEntities, errors mode: Errors,
        isInForce: (CedarPolicy) -> Bool = { _ in true }
    ) -> Answer {
        let evaluator = CedarEvaluator(request: request, entities: entities)
        var (permits, forbids, broken): ([String], [String], [String]) = ([], [], [])
        var errors: [String: CedarFault] = [:]
        for place in index.candidates(request.action, evaluator.actionAncestors) {
            let policy = policies[place]
            guard isInForce(policy) else { continue }
            do throws(CedarFault) {
                guard try evaluator.isSatisfied(policy) else { continue }
                if policy.effect == .permit { permits.append(policy.id) } else { forbids.append(policy.id) }
            } catch {
                errors[policy.id] = error
                if policy.effect == .forbid { broken.append(policy.id) }
            }
        }
        if mode == .forbidDenies { forbids += broken }
        let isAllowed = forbids.isEmpty && !permits.isEmpty
        return Answer(
            isAllowed: isAllowed, determining: isAllowed ? permits : forbids, errors: errors)
    }
}

extension CedarPolicySet {
    /// Policies by the action they ask for: the others cannot apply, so they are not looked at.
    fileprivate struct Index: Sendable {
        private var unconstrained: [Int] = []
        private var equal: [EntityUID: [Int]] = [:]
        private var within: [EntityUID: [Int]] = [:]

        init(_ policies: [CedarPolicy]) {
            for (place, policy) in policies.enumerated() {
                switch policy.action {
                case .equal(let uid): equal[uid, default: []].append(place)
                case .within(let uid): within[uid, default: []].append(place)
                case .withinAny(let uids): for uid in Set(uids) { within[uid, default: []].append(place) }
                default: unconstrained.append(place)
                }
            }
        }

        /// The places of the policies that may apply to an action, in their order.
        func candidates(_ action: EntityUID, _ ancestors: Set<EntityUID>) -> [Int] {
            if equal.isEmpty, within.isEmpty { return unconstrained }
            var places = unconstrained + (equal[action] ?? [])
            if !within.isEmpty {
                var named: Set<Int> = Set(within[action] ?? [])
                for ancestor in ancestors { named.formUnion(within[ancestor] ?? []) }
                places += named
            }
            return places.sorted()
        }
    }
}
