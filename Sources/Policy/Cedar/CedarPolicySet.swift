/// A set of policies, and what they decide.
package struct CedarPolicySet: Sendable {
    package let policies: [CedarPolicy]

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
        self.policies = policies
    }

    /// - Precondition: no two policies have one identifier.
    init(unique policies: [CedarPolicy]) { self.policies = policies }

    /// Parses a policy set.
    package init(parsing text: String) throws(CedarFault) {
        try self.init(try CedarParser.policies(in: text))
    }

    /// Forbids win over permits; without a permit the answer is no.
    package func decide(_ request: CedarRequest, _ entities: CedarEntities, errors mode: Errors) -> Answer {
        let evaluator = CedarEvaluator(request: request, entities: entities)
        var satisfied: [CedarPolicy.Effect: [String]] = [:]
        var errors: [String: CedarFault] = [:]
        var broken: [String] = []
        for policy in policies {
            do throws(CedarFault) {
                if try evaluator.isSatisfied(policy) {
                    satisfied[policy.effect, default: []].append(policy.id)
                }
            } catch {
                errors[policy.id] = error
                if policy.effect == .forbid { broken.append(policy.id) }
            }
        }
        let forbids = satisfied[.forbid, default: []] + (mode == .forbidDenies ? broken : [])
        let permits = satisfied[.permit, default: []]
        let isAllowed = forbids.isEmpty && !permits.isEmpty
        return Answer(
            isAllowed: isAllowed, determining: isAllowed ? permits : forbids, errors: errors)
    }
}
