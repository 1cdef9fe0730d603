import Core
import Testing

@testable import Disclosure

/// Linear bounds of what is withheld, computed by another program over another model of the same tables.
@Suite struct SecondarySuppressionTests {
    /// The rules of `concordat` without its noise and rounding: all that is shown is exact, as if somebody knew the noise.
    static let exact = DisclosureProfile(
        name: "exact", version: 1, minimumPeople: 10, roundingBase: 1, noise: .none,
        dominance: DisclosureProfile.concordat.dominance, complement: true)
    static let threshold = DisclosureProfile(
        name: "threshold", version: 1, minimumPeople: 8, roundingBase: 1, noise: .none, dominance: nil,
        complement: false)

    struct Case: CustomTestStringConvertible {
        let name: String
        let sets: [[Int]]
        let asked: [RandomTables.Asked]
        var fixed: [Int: Int] = [:]

        /// More of those that are small.
        var seeds: ClosedRange<UInt64> { 1...(sets.count * asked.count > 6 ? 5 : 30) }

        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "GROUP BY with its total", sets: [[0], []], asked: [.count]),
        Case(name: "ROLLUP", sets: [[2, 1], [2], []], asked: [.count, .average]),
        Case(
            name: "CUBE", sets: [[0, 1, 2], [0, 1], [0, 2], [1, 2], [0], [1], [2], []],
            asked: [.people, .sum]),
        Case(name: "margins alone", sets: [[0, 1], [1, 2], [2]], asked: [.count, .notOfKind0]),
        Case(name: "a ring of margins", sets: [[0, 1], [1, 2], [0, 2]], asked: [.count]),
        Case(
            name: "a count, its parts and complements", sets: [[0, 2]],
            asked: [.count, .ofKind0, .ofKind1, .ofKind2]),
        Case(
            name: "one cell of another table, by WHERE", sets: [[2], [1], []], asked: [.count],
            fixed: [0: 1]),
        Case(name: "all in one", sets: [[2, 0], [0], []], asked: RandomTables.Asked.allCases),
    ]

    private func attack(
        _ given: Case, _ release: (RandomTables) -> [ReleasedBlock]
    ) -> Attack {
        var attack = Attack()
        for seed in given.seeds {
            let tables = RandomTables(seed: seed, sets: given.sets, asked: given.asked, fixed: given.fixed)
            attack.add(tables, release(tables))
        }
        return attack
    }

    /// Numbers whose interval is too narrow, in words.
    private func found(_ attack: Attack, _ profile: DisclosureProfile) async throws -> [String] {
        let answer = try await ReferenceProgram.ask("linear_bounds", attack, as: [[[Double?]]].self)
        let most = Double(profile.minimumPeople)
        var found: [String] = []
        for (targets, bounds) in zip(attack.targets, answer) {
            for (target, bound) in zip(targets, bounds) {
                let (least, largest) = (bound[0] ?? 0, bound[1] ?? .infinity)
                let width = target.isSum ? most * target.value / Double(max(1, target.people)) : most
                let isNarrow = largest - least < width - 1e-3
                let isSmall = !target.isSum && target.value < most && largest < most - 1e-3
                if isNarrow || isSmall { found.append("\(target.words): \(least) to \(largest)") }
            }
        }
        return found
    }

    @Test("no withheld number can be narrowed down within a release", arguments: cases, [exact, threshold])
    func noRecovery(given: Case, profile: DisclosureProfile) async throws {
        let control = DisclosureControl(profile: profile)
        let attack = attack(given) { tables in
            control.release(tables.blocks, structure: tables.structure).map(\.released)
        }
        #expect(attack.targets.joined().count >= 5)
        #expect(try await found(attack, profile) == [])
    }

    /// That the attack finds what there is to find.
    @Test("without secondary suppression it can", arguments: cases)
    func recovery(given: Case) async throws {
        let control = DisclosureControl(profile: Self.exact)
        let attack = attack(given) { tables in tables.blocks.map { control.release($0).released } }
        #expect(try await !found(attack, Self.exact).isEmpty)
    }

    @Test("what is withheld depends neither on noise nor on rounding", arguments: cases)
    func sameUnderNoise(given: Case) {
        for seed in UInt64(1)...12 {
            let tables = RandomTables(seed: seed, sets: given.sets, asked: given.asked, fixed: given.fixed)
            let patterns = [Self.exact, .concordat].map { profile in
                DisclosureControl(profile: profile).release(tables.blocks, structure: tables.structure)
                    .map { pair in
                        zip(pair.released.keys.rows, pair.released.aggregates.map(\.rows).columns).map {
                            "\($0) \($1.map { $0 != nil })"
                        }
                    }
            }
            #expect(patterns[0] == patterns[1], "seed \(seed)")
        }
    }

    @Test("the smallest part is withheld beside a small one, never more than is needed")
    func smallest() {
        let tables = RandomTables(seed: 1, sets: [[0], []], asked: [.count])
        let counts: [Int64] = [3, 40, 30]
        func block(_ keys: Table, _ counts: [Int64]) -> CellBlock {
            let ones = counts.map { _ in 1.0 }
            return CellBlock(
                keys: keys, people: counts, cellKey: counts.map { _ in 0 },
                aggregates: [
                    AggregateCells(
                        shape: RandomTables.Asked.count.shape, rows: counts, sums: counts.map { _ in 0 },
                        contributors: counts, contributorKey: counts.map { _ in 0 }, largest: ones,
                        secondLargest: ones, rowBound: ones, sumBound: ones)
                ])
        }
        let fine = Table([("k0", .bigint)], rows: counts.indices.map { [.integer(Int64($0))] })
        let released = DisclosureControl(profile: Self.exact).release(
            [block(fine, counts), block(Table(columns: [], rowCount: 1), [73])], structure: tables.structure)
        #expect(released[0].released.aggregates[0].rows == [40])
        #expect(released[1].released.aggregates[0].rows == [73])
    }

    @Test("profile none withholds nothing, whatever the tables")
    func none() {
        let given = Self.cases[2]
        let tables = RandomTables(seed: 3, sets: given.sets, asked: given.asked, fixed: given.fixed)
        let released = DisclosureControl(profile: .none).release(tables.blocks, structure: tables.structure)
        for (block, release) in zip(tables.blocks, released) {
            #expect(
                release.released.aggregates.map(\.rows) == block.aggregates.map { $0.rows.map(Optional.some) }
            )
        }
    }
}

extension [[Int64?]] {
    /// The columns as rows.
    fileprivate var columns: [[Int64?]] {
        (first ?? []).indices.map { row in map { $0[row] } }
    }
}
