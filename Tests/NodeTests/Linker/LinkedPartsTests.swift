import Core
import Disclosure
import Testing

@testable import Node

/// Sub-totals of people whom a linker counts: it finds out what is part of what by the people alone.
struct LinkedPartsTests {
    private func people(_ range: ClosedRange<Int>) -> [UInt128] { range.map { UInt128($0) } }

    private func block(_ cells: [[UInt128]]) -> CellBlock {
        let counts = cells.map { Int64($0.count) }
        let (zeros, ones) = (cells.map { _ in 0 }, cells.map { _ in 1.0 })
        let shape = AggregateShape(
            kind: .distinctPeople, type: .bigint, lower: nil, upper: nil, isConditional: false)
        return CellBlock(
            keys: Table([("cell", .text)], rows: cells.indices.map { [.text("\($0)")] }), people: counts,
            cellKey: zeros,
            aggregates: [
                AggregateCells(
                    shape: shape, rows: counts, sums: cells.map { _ in 0 }, contributors: counts,
                    contributorKey: zeros, largest: ones, secondLargest: ones, rowBound: ones, sumBound: ones)
            ])
    }

    /// What is released of each cell, by fragment.
    private func released(_ fragments: [[[UInt128]]]) -> [[String: Int64]] {
        let parts = LinkedParts(fragments: fragments.map { .init(people: $0, contributors: [$0]) })
        let control = DisclosureControl(profile: DisclosureProfile.acro)
        return control.release(fragments.map(block), relations: parts.relations()).map { block in
            Dictionary(
                uniqueKeysWithValues: (0..<block.keys.rowCount).compactMap { row in
                    block.aggregates[0].rows[row].map { (block.keys.row(row)[0].text, $0) }
                })
        }
    }

    @Test func aSmallPartIsNotTheDifferenceOfTheWhole() {
        let groups = [people(1...50), people(51...53), people(54...80)]
        #expect(released([groups, [people(1...80)]]) == [["0": 50], ["0": 80]])
        // Without the whole nothing more needs to be withheld.
        #expect(released([groups]) == [["0": 50, "2": 27]])
    }

    @Test func twoTablesOfTheSamePeopleShareATotalThatNobodyAskedFor() {
        let groups = [people(1...50), people(51...53), people(54...80)]
        let others = [people(1...30), people(31...80)]
        #expect(released([groups, others]) == [["0": 50], ["0": 30, "1": 50]])
    }

    @Test func partsThatOverlapGiveNothingAway() {
        // 20 people are in both large groups: the three small ones may be anybody's.
        let groups = [people(1...50), people(31...80), people(78...80)]
        #expect(released([groups, [people(1...80)]]) == [["0": 50, "1": 50], ["0": 80]])
    }

    @Test func whatIsNotPartOfAnythingStands() {
        #expect(
            released([[people(1...20)], [people(100...140), people(200...205)]]) == [["0": 20], ["0": 41]])
    }
}
