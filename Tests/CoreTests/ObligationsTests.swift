import Core
import Testing

@Suite struct ObligationsTests {
    private func random(_ generator: inout SystemRandomNumberGenerator) -> Obligations {
        func some<T: Hashable>(_ all: [T]) -> Set<T> {
            Set(all.filter { _ in Bool.random(using: &generator) })
        }
        return Obligations(
            honour: some(OptOutScheme.allCases), minimumPeople: Bool.random() ? Int.random(in: 1...20) : nil,
            profiles: some(["a", "b"]), columns: Bool.random() ? some(["p.x", "p.y", "p.z"]) : nil,
            excludedCodelists: some(["l", "m"]), provenance: Bool.random() ? ["honour": ["p1"]] : [:])
    }

    @Test func joinIsCommutativeAssociativeIdempotentAndNeverWidens() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let (a, b, c) = (random(&generator), random(&generator), random(&generator))
            #expect(a.joined(with: b) == b.joined(with: a))
            #expect(a.joined(with: b).joined(with: c) == a.joined(with: b.joined(with: c)))
            #expect(a.joined(with: a) == a)
            let joined = a.joined(with: b)
            #expect(joined.honour.isSuperset(of: a.honour))
            #expect((joined.minimumPeople ?? 0) >= (a.minimumPeople ?? 0))
            #expect(a.columns.map { (joined.columns ?? []).isSubset(of: $0) } ?? true)
            #expect(joined.excludedCodelists.isSuperset(of: a.excludedCodelists))
        }
    }
}
