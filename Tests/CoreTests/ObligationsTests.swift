import Core
import Testing

@Suite struct ObligationsTests {
    /// What one source asks for: it is the origin of every field it sets.
    private func random(_ origin: String, _ generator: inout SplitMix) -> Obligations {
        func maybe<T>(_ value: T) -> T? { Bool.random(using: &generator) ? value : nil }
        func some<T: Hashable>(_ all: [T]) -> Set<T> {
            Set(all.filter { _ in Bool.random(using: &generator) })
        }
        var made = Obligations(
            honour: some(OptOutScheme.allCases),
            minimumPeople: maybe(Int.random(in: 1...4, using: &generator)),
            profiles: some(["a", "b"]), columns: maybe(some(["p.x", "p.y", "p.z"])),
            excludedCodelists: some(["l", "m"]), releaseCap: maybe(Int.random(in: 1...4, using: &generator)),
            validUntil: maybe(CivilDate(days: Int.random(in: 1...4, using: &generator))),
            alerts: some(["privacy-officer", "siro"]), needsReview: Bool.random(using: &generator))
        let fields: [(String, Bool)] = [
            ("honour", !made.honour.isEmpty), ("minimumPeople", made.minimumPeople != nil),
            ("profiles", !made.profiles.isEmpty), ("columns", made.columns != nil),
            ("excludedCodelists", !made.excludedCodelists.isEmpty), ("releaseCap", made.releaseCap != nil),
            ("validUntil", made.validUntil != nil), ("alerts", !made.alerts.isEmpty),
            ("needsReview", made.needsReview),
        ]
        for (field, isSet) in fields where isSet { made.provenance[field] = [origin] }
        return made
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func joinIsCommutativeAssociativeIdempotentAndMonotone(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        for _ in 0..<500 {
            let a = random("a", &generator)
            let b = random("b", &generator)
            let c = random("c", &generator)
            #expect(a.joined(with: b) == b.joined(with: a), "seed \(seed)")
            #expect(a.joined(with: b).joined(with: c) == a.joined(with: b.joined(with: c)), "seed \(seed)")
            #expect(a.joined(with: a) == a, "seed \(seed)")
            #expect(isAtLeastAsStrict(a.joined(with: b), as: a), "seed \(seed)")
            // Monotone: what is stricter on one side is not wider when joined.
            #expect(
                isAtLeastAsStrict(a.joined(with: b).joined(with: c), as: a.joined(with: c)), "seed \(seed)")
        }
    }

    private func isAtLeastAsStrict(_ left: Obligations, as right: Obligations) -> Bool {
        left.honour.isSuperset(of: right.honour) && (left.minimumPeople ?? 0) >= (right.minimumPeople ?? 0)
            && left.profiles.isSuperset(of: right.profiles)
            && right.columns.map { (left.columns ?? ["everything"]).isSubset(of: $0) } ?? true
            && left.excludedCodelists.isSuperset(of: right.excludedCodelists)
            && right.releaseCap.map { (left.releaseCap ?? .max) <= $0 } ?? true
            && right.validUntil.map { (left.validUntil ?? CivilDate(days: .max)) <= $0 } ?? true
            && left.alerts.isSuperset(of: right.alerts) && (left.needsReview || !right.needsReview)
    }

    @Test func onlyWhoseValueStandsIsTheOrigin() {
        let a = Obligations(
            minimumPeople: 10, releaseCap: 5,
            provenance: ["minimumPeople": ["a"], "releaseCap": ["a"]])
        let b = Obligations(
            minimumPeople: 20, releaseCap: 5,
            provenance: ["minimumPeople": ["b"], "releaseCap": ["b"]])
        #expect(a.joined(with: b).provenance == ["minimumPeople": ["b"], "releaseCap": ["a", "b"]])
    }
}

/// A generator by seed, so that a failing one replays.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
