/// Requests made to find where policies decide differently: for every permit one that it allows, and all that
/// differ from one of those in one or two facts.
///
/// The same policies give the same requests, in the same order. There are never more than the bound: all that
/// differ in one fact come first, then evenly chosen ones that differ in two.
package struct RequestSpace: Sendable {
    /// As many requests as are decided in a few seconds.
    package static let usualBound = 20_000

    /// One request with what makes it what it is.
    struct Member: Sendable {
        let situation: Situation
        let facts: AccessRequest
    }

    let members: [Member]
    /// How many there are or, where the bound left some out, about how many there would be.
    package let possible: Int
    package var count: Int { members.count }

    /// - Parameter engines: whose constants the requests are made of; two for a comparison.
    package init(_ engines: [PolicyEngine], bound: Int = RequestSpace.usualBound) throws {
        let dimensions = try RequestDimensions(engines)
        var starts: [Situation] = [dimensions.base]
        var known = AgreementVariants()
        for engine in engines { starts += Self.witnesses(engine, dimensions, &known) }
        var seen: Set<Situation> = []
        starts = starts.filter { seen.insert($0).inserted }
        let options = dimensions.options
        var pairs: [(Int, Int)] = []
        for one in options.indices {
            for other in options.indices.dropFirst(one + 1)
            where options[one].dimension != options[other].dimension {
                pairs.append((one, other))
            }
        }
        var found: [Member] = []
        func take(_ situation: Situation) {
            guard found.count < bound, let facts = situation.facts(&known) else { return }
            found.append(Member(situation: situation, facts: facts))
        }
        for start in starts { take(start) }
        for option in options {
            for start in starts {
                var next = start
                option.apply(&next)
                if seen.insert(next).inserted { take(next) }
            }
        }
        let total = pairs.count * starts.count
        let wanted = min(total, max(0, bound - found.count))
        for place in 0..<wanted {
            let index = wanted == total ? place : Int(Double(place) * Double(total) / Double(wanted))
            var next = starts[index % starts.count]
            let pair = pairs[index / starts.count]
            options[pair.0].apply(&next)
            options[pair.1].apply(&next)
            if seen.insert(next).inserted { take(next) }
        }
        members = found
        let all = starts.count * (1 + options.count + pairs.count)
        possible = wanted == total && found.count < bound ? found.count : all
    }

    /// For every permit a request that it allows, where one is found: from the base, again and again the one
    /// value that brings the request nearest.
    private static func witnesses(
        _ engine: PolicyEngine, _ dimensions: RequestDimensions, _ known: inout AgreementVariants
    ) -> [Situation] {
        engine.policies.policies.filter { $0.effect == .permit }.compactMap { permit in
            var best = (situation: dimensions.base, score: score(dimensions.base, permit, engine, &known))
            for _ in 0..<12 where best.score < Score.allowed {
                var next = best
                for option in dimensions.options {
                    var candidate = best.situation
                    option.apply(&candidate)
                    let reached = score(candidate, permit, engine, &known)
                    if reached > next.score { next = (candidate, reached) }
                }
                guard next.score > best.score else { break }
                best = next
            }
            return best.score >= Score.applies ? best.situation : nil
        }
    }

    /// How near a request is to one that a permit allows.
    private enum Score {
        static let applies = 10_000
        static let allowed = 20_000
    }

    private static func score(
        _ situation: Situation, _ permit: CedarPolicy, _ engine: PolicyEngine,
        _ known: inout AgreementVariants
    ) -> Int {
        guard let facts = situation.facts(&known), engine.isInForce(permit, on: facts.today) else {
            return -1000
        }
        let (request, entities) = (engine.cedarRequest(of: facts), engine.cedarEntities(of: facts))
        let trace = CedarPolicyTrace(permit, request, entities)
        guard trace.scopeMismatch == nil else {
            return CedarEvaluator(request: request, entities: entities).scopeMatches(permit)
        }
        let parts = trace.conditions.indices.map { place in
            Self.nearness(trace.conditions[place], wanted: !permit.conditions[place].isUnless)
        }
        guard trace.isSatisfied == true else { return 100 + parts.reduce(0, +) }
        var fired = 0
        for policy in engine.policies.policies where policy.effect == .forbid {
            if engine.applies(policy, request, entities) != false { fired += 1 }
        }
        return fired == 0 ? Score.allowed : Score.applies - fired
    }

    /// How many leaves of a condition are as they are wanted, weighed by ten.
    private static func nearness(_ trace: CedarTrace, wanted: Bool) -> Int {
        switch trace.expression.kind {
        case .and where wanted:
            let isWhole = trace.truth == true
            return trace.parts.map { nearness($0, wanted: true) }.reduce(isWhole ? 10 : 0, +)
        case .or where wanted: return trace.parts.map { nearness($0, wanted: true) }.max() ?? 0
        default: return trace.truth == wanted ? 10 : 0
        }
    }
}
