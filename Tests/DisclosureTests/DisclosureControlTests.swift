import Core
import Testing

@testable import Disclosure

@Suite struct DisclosureControlTests {
    static let seeds: [UInt64] = [1, 20_261_123, 0xC0FFEE]

    let control = DisclosureControl(profile: .concordat)

    /// The four ways to ask how many have the condition, and a measure with two shifts of it.
    private func cells(_ seed: UInt64, sizes: ClosedRange<Int>) -> (cells: [Cell], block: CellBlock) {
        var generator = SeededGenerator(seed: seed)
        let cells = (0..<400).map { _ in
            Cell(people: Int.random(in: sizes, using: &generator), using: &generator)
        }
        let aggregates = [
            aggregate(.count, .bigint, range: nil, over: cells) { _ in 0 },
            aggregate(.count, .bigint, range: nil, conditional: true, over: cells) {
                $0.hasCondition ? 1 : nil
            },
            aggregate(.sum, .bigint, range: (0, 1), conditional: true, over: cells) {
                $0.hasCondition ? 1 : 0
            },
            aggregate(.sum, .bigint, range: (0, 1000), conditional: true, over: cells) {
                $0.hasCondition ? 1000 : 0
            },
            aggregate(.average, .numeric, range: (10, 80), over: cells) { $0.measure },
            aggregate(.sum, .numeric, range: (1010, 1080), over: cells) { $0.measure + 1000 },
            aggregate(.sum, .bigint, range: (1, 1), over: cells) { _ in 1 },
            aggregate(.distinctPeople, .bigint, range: nil, over: cells) { _ in 1 },
        ]
        return (cells, block(cells, aggregates))
    }

    @Test(
        "no released number stands for fewer than 10 people, nor for a complement of fewer", arguments: seeds)
    func thresholds(seed: UInt64) {
        let (cells, block) = cells(seed, sizes: 0...60)
        let released = control.release(block).released
        for (row, key) in released.keys.columns[0].vector.values.enumerated() {
            guard case .integer(let number) = key else { continue }
            let cell = cells[Int(number)]
            let have = cell.withCondition.count
            #expect(cell.people.count >= 10, "seed \(seed)")
            for aggregate in released.aggregates.dropFirst().prefix(3) where aggregate.rows[row] != nil {
                #expect(have >= 10 && cell.people.count - have >= 10, "seed \(seed)")
            }
            for aggregate in released.aggregates {
                #expect(aggregate.rows[row].map { $0 >= 10 && $0 % 5 == 0 } ?? true, "seed \(seed)")
            }
        }
    }

    @Test("an indicator summed is its count, a constant summed is n, a shift tells nothing", arguments: seeds)
    func honestSums(seed: UInt64) {
        let released = control.release(cells(seed, sizes: 0...300).block).released.aggregates
        let count = released[0]
        let (having, indicator, scaled) = (released[1], released[2], released[3])
        #expect(indicator.sums == having.rows.map { $0.map(Double.init) }, "seed \(seed)")
        #expect(scaled.sums == having.rows.map { $0.map { Double($0) * 1000 } }, "seed \(seed)")
        #expect(released[6].sums == count.rows.map { $0.map(Double.init) }, "seed \(seed)")
        #expect(released[7].rows == count.rows, "seed \(seed)")
        for (measure, shifted) in zip(released[4].sums.indices, released[5].sums) {
            guard let sum = released[4].sums[measure], let n = released[4].rows[measure], let shifted else {
                continue
            }
            #expect(abs(shifted - sum - 1000 * Double(n)) < 1e-6, "seed \(seed)")
        }
    }

    @Test(
        "at least 95% of cells of 30 or more people are released, within the stated error", arguments: seeds)
    func usefulness(seed: UInt64) throws {
        let (cells, block) = cells(seed, sizes: 30...400)
        let (released, summary) = control.release(block)
        #expect(Double(summary.releasedCells) >= 0.95 * Double(cells.count), "seed \(seed)")
        for (number, aggregate) in released.aggregates.enumerated() {
            let error = summary.errors[number]
            for (row, key) in released.keys.columns[0].vector.values.enumerated() {
                guard case .integer(let cell) = key, let n = aggregate.rows[row],
                    let sum = aggregate.sums[row]
                else { continue }
                let truth = block.aggregates[number]
                let (trueRows, trueSum) = (truth.rows[Int(cell)], truth.sums[Int(cell)])
                #expect(abs(Double(n - trueRows)) <= error.count, "seed \(seed)")
                #expect(abs(sum - trueSum) <= error.sum + 1e-6, "seed \(seed)")
                if aggregate.shape.kind == .average {
                    let difference = abs(sum / Double(n) - trueSum / Double(trueRows))
                    #expect(difference <= error.mean(count: n) + 1e-9, "seed \(seed)")
                }
            }
        }
    }

    @Test("the same block is always released alike")
    func repeatable() {
        let block = cells(7, sizes: 0...100).block
        #expect(control.release(block).released == control.release(block).released)
    }

    @Test("profile none releases everything as it is, empty cells included")
    func none() {
        let block = cells(3, sizes: 0...20).block
        let released = DisclosureControl(profile: .none).release(block).released
        #expect(released.keys == block.keys)
        #expect(released.aggregates.map(\.rows) == block.aggregates.map { $0.rows.map(Optional.init) })
        #expect(released.aggregates.map(\.sums) == block.aggregates.map { $0.sums.map(Optional.init) })
    }

    @Test("hes-2018: 1 to 7 people withheld, the rest rounded to 5")
    func hes() {
        let control = DisclosureControl(profile: .hes2018)
        var generator = SeededGenerator(seed: 1)
        let cells = (0...13).map { Cell(people: $0, using: &generator) }
        let released = control.release(
            block(cells, [aggregate(.count, .bigint, range: nil, over: cells) { _ in 1 }])
        ).released
        #expect(released.keys.columns[0].vector.values == (8...13).map { .integer($0) })
        #expect(released.aggregates[0].rows == [10, 10, 10, 10, 10, 15])
    }

    @Test("one or two people who make up most of a sum, or of the rows, withhold it")
    func dominance() {
        let shape = AggregateShape(kind: .sum, type: .bigint, lower: 0, upper: 1000, isConditional: false)
        let count = AggregateShape(kind: .count, type: .bigint, lower: nil, upper: nil, isConditional: false)
        func released(_ shape: AggregateShape, _ largest: Double, _ second: Double) -> Int64? {
            let aggregate = AggregateCells(
                shape: shape, rows: [1000], sums: [shape.kind == .sum ? 1000 : 0], contributors: [50],
                contributorKey: [7], largest: [largest], secondLargest: [second], rowBound: [1],
                sumBound: [1])
            let block = CellBlock(
                keys: Table([], rows: []).single, people: [50], cellKey: [7], aggregates: [aggregate])
            return control.release(block).released.aggregates[0].rows[0]
        }
        #expect(released(shape, 500, 400) == nil)
        #expect(released(shape, 500, 300) != nil)
        #expect(released(count, 500, 400) == nil)
        #expect(released(count, 20, 20) != nil)
    }

    @Test("a block without keys keeps its row when all is withheld")
    func singleRow() {
        var generator = SeededGenerator(seed: 5)
        let cell = Cell(people: 9, using: &generator)
        let block = CellBlock(
            keys: Table([], rows: []).single, people: [9], cellKey: [cell.key],
            aggregates: [aggregate(.count, .bigint, range: nil, over: [cell]) { _ in 1 }])
        let (released, summary) = control.release(block)
        #expect(released.keys.rowCount == 1)
        #expect(released.aggregates[0].rows == [nil])
        #expect(summary.bounds.hasPrefix("each absent value stands for 0 to 9 people"))
    }

    @Test("a sum without a range is refused under a profile that perturbs")
    func unboundedSum() {
        let shape = AggregateShape(kind: .sum, type: .bigint, lower: 0, upper: nil, isConditional: false)
        #expect(control.refusal(of: shape) != nil)
        #expect(DisclosureControl(profile: .none).refusal(of: shape) == nil)
    }
}

extension Table {
    /// No columns, one row: the keys of a fragment without GROUP BY.
    fileprivate var single: Table { Table(columns: [], rowCount: 1) }
}
