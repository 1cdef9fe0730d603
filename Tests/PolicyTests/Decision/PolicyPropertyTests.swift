import Core
import Foundation
import Testing

@testable import Policy

/// What holds of every set of policies and every request, tried on generated ones; a seed replays.
@Suite struct PolicyPropertyTests {
    private static let shipped: [String: String] = {
        let files = try? PolicyFiles(directory: PolicyCasesTests.directory)
        return files?.texts.filter { ["purposes.yaml", "opt-outs.yaml"].contains($0.key) } ?? [:]
    }()

    /// An engine without a schema, so that generated policies may break when they are evaluated.
    private static func engine(_ policies: [String]) throws -> PolicyEngine {
        var texts = shipped
        texts["generated.cedar"] = policies.joined(separator: "\n")
        return try PolicyEngine(files: PolicyFiles(name: "generated", texts: texts))
    }

    private static let seeds: [UInt64] = [3, 1_414, 20_261_123, 987_654_321]

    /// A set of policies with a policy more, and requests that both decide.
    private func compare(
        _ seed: UInt64, adding effect: CedarPolicy.Effect,
        _ body: (_ before: Decision, _ after: Decision, _ words: String) -> Void
    ) throws {
        var random = RandomPolicies(seed: seed)
        var tried = 0
        for round in 0..<150 {
            var policies = random.set()
            // Combinations without a join are rejected when policies are loaded.
            guard let before = try? Self.engine(policies) else { continue }
            policies.insert(random.policy(effect, id: "added"), at: random.below(policies.count + 1))
            guard let after = try? Self.engine(policies) else { continue }
            for _ in 0..<8 {
                let request = try random.request()
                body(
                    before.decide(request), after.decide(request),
                    "seed \(seed), round \(round):\n\(policies.joined(separator: "\n"))")
                tried += 1
            }
        }
        #expect(tried > 600, "seed \(seed)")
    }

    @Test(arguments: seeds)
    func addingAForbidNeverWidens(_ seed: UInt64) throws {
        var (permitted, closed) = (0, 0)
        try compare(seed, adding: .forbid) { before, after, words in
            if before.isPermit { permitted += 1 }
            if before.isPermit, !after.isPermit { closed += 1 }
            guard after.isPermit else { return }
            #expect(before.isPermit, "\(words)")
            #expect(before.obligations == after.obligations, "\(words)")
        }
        #expect(permitted > 50 && closed > 10, "seed \(seed): nothing was tried")
    }

    /// One permit more may open what was closed, but never lessens a condition of what was open.
    @Test(arguments: seeds)
    func addingAPermitNeverLessensAnObligation(_ seed: UInt64) throws {
        var changed = 0
        try compare(seed, adding: .permit) { before, after, words in
            guard before.isPermit, after.isPermit else { return }
            let join = before.obligations.joinedCovering(after.obligations)
            #expect(join.canonicalText == after.obligations.canonicalText, "\(words)")
            if before.obligations.canonicalText != after.obligations.canonicalText { changed += 1 }
        }
        #expect(changed > 10, "seed \(seed): nothing was tried")
    }

    @Test(arguments: seeds)
    func theOrderOfPoliciesIsNothing(_ seed: UInt64) throws {
        var random = RandomPolicies(seed: seed)
        for round in 0..<60 {
            let policies = random.set()
            guard let first = try? Self.engine(policies),
                let second = try? Self.engine(policies.shuffled(using: &random))
            else { continue }
            for _ in 0..<8 {
                let request = try random.request()
                let (one, other) = (first.decide(request), second.decide(request))
                #expect(one.outcome == other.outcome, "seed \(seed), round \(round)")
                #expect(Set(one.determining) == Set(other.determining), "seed \(seed), round \(round)")
                #expect(
                    one.obligations.canonicalText == other.obligations.canonicalText,
                    "seed \(seed), round \(round)")
            }
        }
    }

    /// Whatever the facts, there is a decision; whatever the text, there is an engine or a fault with a place.
    @Test(arguments: seeds)
    func everyInputComesToAnEnd(_ seed: UInt64) throws {
        var random = RandomPolicies(seed: seed)
        let shipped = try PolicyEngine(directory: PolicyCasesTests.directory)
        for _ in 0..<150 {
            let request = try random.strangeRequest()
            let decision = shipped.decide(request)
            #expect(decision.isPermit || !decision.reason.isEmpty)
            #expect(!shipped.canonicalInput(of: request, agreementDigest: nil).isEmpty)
        }
        var parsed = 0
        for _ in 0..<400 {
            let text = random.broken(random.set().joined(separator: "\n"))
            if let engine = try? Self.engine([text]) {
                parsed += 1
                _ = engine.decide(try random.request())
            }
        }
        #expect((1..<400).contains(parsed), "seed \(seed)")
    }

    /// Conditions that nest or go on too far: what is repeated before, in the middle, and after.
    private static let tooFar: [String: (before: String, middle: String, after: String, count: Int)] = [
        "parentheses": ("(", "true", ")", 100_000), "negations": ("!", "true", "", 100_000),
        "sets": ("[", "1 == 1", "]", 50_000), "records": ("{a: ", "1", "}", 50_000),
        "conditionals": ("if true then ", "true", "", 50_000), "sums": ("", "1 == 1", " + 1", 100_000),
        "attributes": ("", "context", ".a", 100_000), "calls": ("", "context", ".contains(context", 50_000),
        "a long text": ("", "\"\" == \"y\" //", "x", 20_000_000),
    ]

    @Test(arguments: tooFar.keys.sorted())
    func deepAndLongPoliciesAreRefused(name: String) throws {
        let far = try #require(Self.tooFar[name])
        let condition =
            String(repeating: far.before, count: far.count) + far.middle
            + String(repeating: far.after, count: far.count)
        let policy = "@id(\"deep\") permit (principal, action, resource) when { \(condition)\n };"
        #expect(throws: PolicyFault.self, "\(name)") { try Self.engine([policy]) }
    }

    @Test func longChainsAreDecided() throws {
        let chain = String(repeating: "true && ", count: 20_000) + "true"
        let engine = try Self.engine(["@id(\"long\") permit (principal, action, resource) when { \(chain) };"]
        )
        var random = RandomPolicies(seed: 1)
        #expect(engine.decide(try random.request(plain: true)).isPermit)
    }

    @Test func requestsWithManyFactsAreDecided() throws {
        let engine = try PolicyEngine(directory: PolicyCasesTests.directory)
        var random = RandomPolicies(seed: 1)
        let request = try random.request(columns: Set((0..<100_000).map { "patient.c\($0)" }))
        #expect(!engine.decide(request).isPermit)
    }
}
