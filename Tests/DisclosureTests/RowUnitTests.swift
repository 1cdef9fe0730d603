import Core
import Testing

@testable import Disclosure

/// People with many rows each: noise and rounding go by what one of them may add.
@Suite struct RowUnitTests {
    private let control = DisclosureControl(profile: .concordat)
    private let count = AggregateShape(
        kind: .count, type: .bigint, lower: nil, upper: nil, isConditional: false)
    private let mean = AggregateShape(
        kind: .average, type: .numeric, lower: 10, upper: 80, isConditional: false)

    private struct Person {
        let key: Int
        let values: [Double]
    }

    /// Each person's rows and sum, cut off at the tenth largest, as a site does it.
    private func cells(_ people: [[Person]]) -> CellBlock {
        func bounded(_ values: [Double]) -> (total: Double, bound: Double) {
            let bound = values.sorted(by: >).dropFirst(9).first ?? values.min() ?? 0
            return (values.reduce(0) { $0 + min($1, bound) }, bound)
        }
        let rows = people.map { bounded($0.map { Double($0.values.count) }) }
        let above = people.map { bounded($0.map { $0.values.reduce(0) { $0 + $1 - 10 } }) }
        let keys = people.map { $0.reduce(0) { $0 + $1.key } & 255 }
        let contributors = people.map { Int64($0.count) }
        let aggregates = [count, mean].map { shape in
            let sums = zip(rows, above).map { shape.kind == .count ? 0 : 10 * $0.total + $1.total }
            let largest = zip(rows, above).map {
                shape.kind == .count ? $0.bound : 10 * $0.bound + $1.bound
            }
            return AggregateCells(
                shape: shape, rows: rows.map { Int64($0.total) }, sums: sums, contributors: contributors,
                contributorKey: keys, largest: largest, secondLargest: largest,
                rowBound: rows.map(\.bound), sumBound: above.map(\.bound))
        }
        return CellBlock(
            keys: Table([("cell", .bigint)], rows: people.indices.map { [.integer(Int64($0))] }),
            people: contributors, cellKey: keys, aggregates: aggregates)
    }

    private func people(
        _ count: Int, rows: ClosedRange<Int>, _ generator: inout SeededGenerator
    ) -> [Person] {
        (0..<count).map { _ in
            Person(
                key: Int.random(in: 0...255, using: &generator),
                values: (0..<Int.random(in: rows, using: &generator)).map { _ in
                    Double.random(in: 15...45, using: &generator)
                })
        }
    }

    @Test("units are coarse and never below what one person may add")
    func units() {
        #expect(
            [0, 1, 1.5, 2, 3, 7, 10, 11, 4_000].map(Perturbation.unit) == [1, 1, 2, 2, 5, 10, 10, 20, 5_000])
    }

    @Test("what is released stays within the stated error", arguments: DisclosureControlTests.seeds)
    func statedError(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let block = cells(
            (0..<300).map { number in
                people(Int.random(in: 10...200, using: &generator), rows: 1...(1 + number % 40), &generator)
            })
        let (released, summary) = control.release(block)
        #expect(released.keys.rowCount > 250)
        for (row, key) in released.keys.columns[0].vector.values.enumerated() {
            guard case .integer(let cell) = key else { continue }
            for number in block.aggregates.indices {
                let (truth, error) = (block.aggregates[number], summary.errors[number])
                guard let n = released.aggregates[number].rows[row],
                    let sum = released.aggregates[number].sums[row]
                else { continue }
                #expect(abs(Double(n - truth.rows[Int(cell)])) <= error.count, "seed \(seed), cell \(cell)")
                #expect(abs(sum - truth.sums[Int(cell)]) <= error.sum + 1e-6, "seed \(seed), cell \(cell)")
                guard truth.shape.kind == .average else { continue }
                let means = (sum / Double(n), truth.sums[Int(cell)] / Double(truth.rows[Int(cell)]))
                #expect(abs(means.0 - means.1) <= error.mean(count: n) + 1e-9, "seed \(seed), cell \(cell)")
            }
        }
    }

    /// Ten others have as many rows as the one who is looked for: cutting off alone would show who is there.
    @Test("whoever has a hundred rows is hidden as whoever has one", arguments: DisclosureControlTests.seeds)
    func oneMore(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var moves = [0, 0, 0]
        for _ in 0..<200 {
            let others = people(30, rows: 100...100, &generator)
            let target = people(1, rows: 100...100, &generator)
            let released = control.release(cells([others, others + target])).released.aggregates[0].rows
            let (without, with) = (try #require(released[0]), try #require(released[1]))
            #expect(without % 500 == 0 && with % 500 == 0)
            moves[Int((with - without).signum()) + 1] += 1
        }
        // With one person more the number falls, stays and rises, each in at least a tenth of the trials.
        #expect(moves.allSatisfy { $0 >= 20 }, "seed \(seed): \(moves)")
    }
}
