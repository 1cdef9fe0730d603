/// Requests made to find where policies decide differently: for every permit one that it allows, and all that
/// differ from one of those in one or two facts; for every forbid one that it alone refuses.
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
        for engine in engines {
            for refused in Self.refusals(engine, dimensions, starts, &known)
            where seen.insert(refused).inserted {
                take(refused)
            }
        }
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
            let best = nearest(permit, from: dimensions.base, engine, dimensions, &known)
            return best.score >= Score.applies ? best.situation : nil
        }
    }

    /// For every forbid a request that no other forbid refuses, where one is found from what the permits allow.
    private static func refusals(
        _ engine: PolicyEngine, _ dimensions: RequestDimensions, _ starts: [Situation],
        _ known: inout AgreementVariants
    ) -> [Situation] {
        engine.policies.policies.filter { $0.effect == .forbid }.compactMap { forbid in
            var first = (situation: dimensions.base, score: Int.min)
            for start in starts {
                let reached = score(start, forbid, engine, &known)
                if reached > first.score { first = (start, reached) }
            }
            let best = nearest(forbid, from: first.situation, engine, dimensions, &known)
            return best.score == Score.allowed ? best.situation : nil
        }
    }

    /// From a request on, again and again the one value that brings it nearest to one that a policy decides.
    private static func nearest(
        _ policy: CedarPolicy, from start: Situation, _ engine: PolicyEngine, _ dimensions: RequestDimensions,
        _ known: inout AgreementVariants
    ) -> (situation: Situation, score: Int) {
        var best = (situation: start, score: score(start, policy, engine, &known))
        for _ in 0..<12 where best.score < Score.allowed {
            var next = best
            for option in dimensions.options {
                var candidate = best.situation
                option.apply(&candidate)
                let reached = score(candidate, policy, engine, &known)
                if reached > next.score { next = (candidate, reached) }
            }
            guard next.score > best.score else { break }
            best = next
        }
        return best
    }

    /// How near a request is to one that a policy applies to, and no forbid but itself.
    private enum Score {
        static let applies = 10_000
        static let allowed = 20_000
    }

    private static func score(
        _ situation: Situation, _ policy: CedarPolicy, _ engine: PolicyEngine,
        _ known: inout AgreementVariants
    ) -> Int {
        guard let facts = situation.facts(&known), engine.isInForce(policy, on: facts.today) else {
            return -1000
        }
        let (request, entities) = (engine.cedarRequest(of: facts), engine.cedarEntities(of: facts))
        let trace = CedarPolicyTrace(policy, request, entities)
        guard trace.scopeMismatch == nil else {
            return CedarEvaluator(request: request, entities: entities).scopeMatches(policy)
        }
        let parts = trace.conditions.indices.map { place in
            Self.nearness(trace.conditions[place], wanted: !policy.conditions[place].isUnless)
        }
        guard trace.isSatisfied == true else { return 100 + parts.reduce(0, +) }
        var fired = 0
        for other in engine.policies.policies where other.effect == .forbid && other.id != policy.id {
            if engine.applies(other, request, entities) != false { fired += 1 }
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
