import Core
import Testing

@testable import Disclosure

/// Bit by bit against the programs that others publish.
@Suite struct ReferenceProfileTests {
    private struct Counts: Encodable {
        let people: [[Int]]
        let table: [[Int]]?
        let threshold: Int
    }

    private struct Tables: Encodable {
        struct Table: Encodable {
            let values: [[Int]]
        }

        let tables: [Table]
    }

    /// Cells of 1 to some 1,100 people, so that rows of the table are used again.
    private func people(_ seed: UInt64) -> [[Int]] {
        var generator = SeededGenerator(seed: seed)
        var people: [[Int]] = []
        for cell in 0..<60 {
            let count = cell < 30 ? cell + 1 : Int.random(in: 30...1_100, using: &generator)
            for _ in 0..<count { people.append([cell, Int.random(in: 0...255, using: &generator)]) }
        }
        return people
    }

    private func released(_ people: [[Int]], _ profile: DisclosureProfile) -> [Int: Int] {
        let cells = Dictionary(grouping: people) { $0[0] }.sorted { $0.key < $1.key }
        let counts = cells.map { Int64($0.value.count) }
        let keys = cells.map { $0.value.reduce(0) { $0 + $1[1] } % 256 }
        let ones = counts.map { _ in 1.0 }
        let block = CellBlock(
            keys: Table([("cell", .bigint)], rows: cells.map { [.integer(Int64($0.key))] }),
            people: counts, cellKey: keys,
            aggregates: [
                AggregateCells(
                    shape: AggregateShape(
                        kind: .count, type: .bigint, lower: nil, upper: nil, isConditional: false),
                    rows: counts, sums: counts.map { _ in 0 }, contributors: counts, contributorKey: keys,
                    largest: ones, secondLargest: ones, rowBound: ones, sumBound: ones)
            ])
        let released = DisclosureControl(profile: profile).release(block).released
        var found: [Int: Int] = [:]
        for (row, value) in released.keys.columns[0].vector.values.enumerated() {
            guard case .integer(let cell) = value else { continue }
            found[Int(cell)] = released.aggregates[0].rows[row].map { Int($0) }
        }
        return found
    }

    private func expected(_ question: Counts) async throws -> [Int: Int] {
        let answer = try await ReferenceProgram.ask("perturbed_counts", question, as: [[Int?]].self)
        return Dictionary(
            uniqueKeysWithValues: answer.compactMap { row in
                row[0].flatMap { cell in row[1].map { (cell, $0) } }
            })
    }

    @Test("ons-10-5 is what cell-key-perturbation gives", arguments: DisclosureControlTests.seeds)
    func tenFive(seed: UInt64) async throws {
        let people = people(seed)
        let expected = try await expected(Counts(people: people, table: nil, threshold: 10))
        #expect(released(people, .ons105) == expected, "seed \(seed)")
        #expect(expected.count == 51)
    }

    @Test("any other table as well, that moves by key", arguments: DisclosureControlTests.seeds)
    func anyTable(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let moves = (0..<750).map { count in
            (0..<256).map { _ in Int.random(in: max(-5, -count - 1)...5, using: &generator) }
        }
        let table = PerturbationTable(name: "random") { Int8(moves[$0 - 1][$1]) }
        let profile = DisclosureProfile(
            name: "census", version: 1, minimumPeople: 1, roundingBase: 1, minimumShown: 10,
            noise: .table(table), dominance: nil, complement: false)
        let people = people(seed)
        let expected = try await expected(Counts(people: people, table: moves, threshold: 10))
        #expect(released(people, profile) == expected, "seed \(seed)")
    }

    @Test("threshold, dominance and p-ratio are those of acro", arguments: DisclosureControlTests.seeds)
    func acro(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let tables = (0..<8).map { _ in
            (0..<40).map { cell in
                (0..<Int.random(in: 5...16, using: &generator)).map { _ in
                    // From even to very uneven.
                    let value = Double.random(in: 1...12, using: &generator)
                    return [cell, Int((0..<(cell % 9 + 1)).reduce(1.0) { total, _ in total * value })]
                }
            }
        }
        let answer = try await ReferenceProgram.ask(
            "acro_rules", Tables(tables: tables.map { .init(values: $0.flatMap { $0 }) }),
            as: [[String: [String: Bool]]].self)
        var failing = 0
        for (table, expected) in zip(tables, answer) {
            let own = withheld(table)
            for cell in table.indices {
                let rules = expected["\(cell)"] ?? [:]
                #expect(own.contains(cell) == !rules.isEmpty, "seed \(seed), cell \(cell): \(rules)")
                failing += rules.isEmpty ? 0 : 1
            }
            #expect(Set(expected.values.flatMap(\.keys)) == ["threshold", "share", "pRatio"], "seed \(seed)")
        }
        #expect((50..<300).contains(failing))
    }

    /// The cells of which the profile `acro` withholds the sum.
    private func withheld(_ cells: [[[Int]]]) -> Set<Int> {
        let values = cells.map { $0.map { Double($0[1]) }.sorted(by: >) }
        let counts = values.map { Int64($0.count) }
        let zeros = values.map { _ in 0 }
        let block = CellBlock(
            keys: Table([("cell", .bigint)], rows: cells.indices.map { [.integer(Int64($0))] }),
            people: counts, cellKey: zeros,
            aggregates: [
                AggregateCells(
                    shape: AggregateShape(
                        kind: .sum, type: .bigint, lower: 0, upper: nil, isConditional: false),
                    rows: counts, sums: values.map { $0.reduce(0, +) }, contributors: counts,
                    contributorKey: zeros, largest: values.map { $0[0] }, secondLargest: values.map { $0[1] },
                    rowBound: values.map { _ in 1 }, sumBound: values.map { $0[0] })
            ])
        let released = DisclosureControl(profile: .acro).release(block).released
        let shown = released.keys.columns[0].vector.values.compactMap {
            if case .integer(let cell) = $0 { Int(cell) } else { nil }
        }
        return Set(cells.indices).subtracting(shown)
    }
}
