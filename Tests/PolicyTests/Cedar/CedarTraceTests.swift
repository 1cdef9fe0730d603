import Testing

@testable import Policy

/// A trace is the evaluator's own account.
@Suite struct CedarTraceTests {
    /// SplitMix64: one seed, one run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let user = EntityUID("U", "u")
    private static let request = CedarRequest(
        principal: user, action: EntityUID("Action", "a"), resource: EntityUID("U", "v"),
        context: ["a": .bool(true), "n": .long(3), "s": .set([.long(1)])])
    private static let entities = CedarEntities([
        user: .init(attributes: ["a": .long(1)], parents: [EntityUID("U", "g")])
    ])

    /// A condition that often has a value, and sometimes a fault in some corner.
    private static func condition(_ random: inout Generator, _ depth: Int) -> String {
        let leaves = [
            "true", "false", "context.a", "context.n == 3", "context has b", "context.b",
            "principal == U::\"u\"",
            "principal in U::\"g\"", "context.s.contains(1)", "context.n", "1 + 9223372036854775807 > 1",
        ]
        guard depth > 0, Int.random(in: 0..<6, using: &random) > 0 else {
            return leaves.randomElement(using: &random) ?? "true"
        }
        let (a, b) = (condition(&random, depth - 1), condition(&random, depth - 1))
        let forms = [
            "(\(a) && \(b))", "(\(a) || \(b))", "!(\(a))", "(if \(a) then \(b) else \(a))",
            "(\(a)) == (\(b))",
            "[\(a), \(b)].contains(\(a))", "{x: \(a)}.x", "(\(a) && \(b) && \(a))",
        ]
        return forms.randomElement(using: &random) ?? a
    }

    @Test(arguments: 1...8)
    func theTraceSaysWhatTheEvaluatorSays(seed: UInt64) throws {
        var random = Generator(state: seed)
        let evaluator = CedarEvaluator(request: Self.request, entities: Self.entities)
        var kinds: Set<String> = []
        for _ in 0..<300 {
            let word = Bool.random(using: &random) ? "when" : "unless"
            let conditions = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                "\(word) { \(Self.condition(&random, 4)) }"
            }
            let text = "permit(principal, action, resource) \(conditions.joined(separator: " "));"
            let policy = try #require(try CedarParser.policies(in: text).first)
            let trace = CedarPolicyTrace(policy, Self.request, Self.entities)
            let expected = Result { () throws(CedarFault) in try evaluator.isSatisfied(policy) }
            #expect(trace.isSatisfied == (try? expected.get()), "\(text)")
            kinds.insert("\(String(describing: trace.isSatisfied))")
            for (condition, traced) in zip(policy.conditions, trace.conditions) {
                let value = Result { () throws(CedarFault) in try evaluator.evaluate(condition.body) }
                switch (value, traced.outcome) {
                case (.success(let a), .value(let b)): #expect(a == b, "\(text)")
                case (.failure(let a), .fault(let b)): #expect(a == b, "\(text)")
                default: Issue.record("\(text): \(value) and \(traced.outcome)")
                }
            }
        }
        #expect(kinds.count == 3, "the seed made no fault, or nothing true, or nothing false")
    }

    @Test func whatIsNotLookedAtIsNotThere() throws {
        let text = "permit(principal, action, resource) when { context.n == 4 && context.b };"
        let policy = try #require(try CedarParser.policies(in: text).first)
        let trace = CedarPolicyTrace(policy, Self.request, Self.entities)
        let conjuncts = trace.conditions[0].parts
        #expect(conjuncts.map { CedarPrinter.text($0.expression) } == ["context.n == 4"])
        #expect(conjuncts[0].parts.map(\.outcome) == [.value(.long(3)), .value(.long(4))])
    }
}
