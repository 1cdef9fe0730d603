import Testing

@testable import Disclosure

/// The simplex method against scipy's.
@Suite struct LinearProgramTests {
    @Test("the same bounds as linprog", arguments: DisclosureControlTests.seeds)
    func bounds(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        var attack = Attack()
        var own: [[(Double, Double?)]] = []
        for _ in 0..<40 {
            let count = Int.random(in: 2...12, using: &generator)
            let truth = (0..<count).map { _ in Double(Int.random(in: 0...30, using: &generator)) }
            let sets = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                (0..<count).filter { _ in Bool.random(using: &generator) }
            }
            let known = sets.map { set in
                Attack.Known(indices: set, value: set.reduce(0) { $0 + truth[$1] })
            }
            attack.programs.append(.init(unknowns: count, known: known, asked: (0..<count).map { [$0] }))
            var program = try LinearProgram(
                variables: count,
                equations: known.map { known in
                    .init(terms: known.indices.map { ($0, 1) }, constant: known.value)
                })
            own.append(
                (0..<count).map { variable in
                    guard case .value(let least) = program.extreme(of: variable, isLargest: false) else {
                        return (.nan, nil)
                    }
                    guard case .value(let most) = program.extreme(of: variable, isLargest: true) else {
                        return (least, nil)
                    }
                    return (least, most)
                })
        }
        let expected = try await ReferenceProgram.ask("linear_bounds", attack, as: [[[Double?]]].self)
        for (own, expected) in zip(own.joined(), expected.joined()) {
            #expect(abs(own.0 - (expected[0] ?? .nan)) < 1e-6, "seed \(seed)")
            #expect((own.1 == nil) == (expected[1] == nil), "seed \(seed)")
            if let most = own.1, let other = expected[1] { #expect(abs(most - other) < 1e-6, "seed \(seed)") }
        }
    }

    @Test("what contradicts itself has no solution")
    func contradiction() {
        #expect(throws: LinearProgram.Failure.noSolution) {
            try LinearProgram(
                variables: 1,
                equations: [.init(terms: [(0, 1)], constant: 1), .init(terms: [(0, 1)], constant: 2)])
        }
    }
}
