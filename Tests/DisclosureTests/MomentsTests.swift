import Core
import Testing

@testable import Disclosure

/// Squares and products that are released beside their sums stay possible.
@Suite struct MomentsTests {
    /// x in [0, 100], y in [0, 50], and what is made of them.
    private static let ranges = [(0.0, 100.0), (0.0, 50.0), (0.0, 10_000.0), (0.0, 2_500.0), (0.0, 5_000.0)]

    private static let structure = ReleaseStructure(
        fragments: [
            .init(
                family: 0, keys: [0],
                aggregates: (0..<5).map {
                    .init(rows: .init(quantity: 5, atoms: [0]), sum: .init(quantity: $0, atoms: [0]))
                })
        ],
        families: [
            .init(
                quantities: [
                    .init(.sum), .init(.sum), .init(.sum, factors: [0, 0]), .init(.sum, factors: [1, 1]),
                    .init(.sum, factors: [0, 1]), .init(.rows),
                ], isSingle: true)
        ])

    private func block(_ seed: UInt64) -> CellBlock {
        var generator = SeededGenerator(seed: seed)
        // Values that hardly differ: rounding alone would make variances negative.
        let cells = (0..<200).map { number -> [(x: Double, y: Double, key: Int)] in
            let centre = Double.random(in: 40...60, using: &generator)
            return (0..<(20 + number)).map { _ in
                let x = centre + Double.random(in: -2...2, using: &generator)
                return (
                    x, x / 2 + Double.random(in: -0.1...0.1, using: &generator),
                    Int.random(in: 0...255, using: &generator)
                )
            }
        }
        let values: [((x: Double, y: Double, key: Int)) -> Double] = [
            { $0.x }, { $0.y }, { $0.x * $0.x }, { $0.y * $0.y }, { $0.x * $0.y },
        ]
        let keys = cells.map { $0.reduce(0) { $0 + $1.key } & 255 }
        return CellBlock(
            keys: Table([("g", .bigint)], rows: cells.indices.map { [.integer(Int64($0))] }),
            people: cells.map { Int64($0.count) }, cellKey: keys,
            aggregates: zip(values, Self.ranges).map { value, range in
                let sorted = cells.map { $0.map(value).sorted(by: >) }
                return AggregateCells(
                    shape: AggregateShape(
                        kind: .average, type: .double, lower: range.0, upper: range.1, isConditional: false),
                    rows: cells.map { Int64($0.count) }, sums: sorted.map { $0.reduce(0, +) },
                    contributors: cells.map { Int64($0.count) }, contributorKey: keys,
                    largest: sorted.map { $0[0] }, secondLargest: sorted.map { $0[1] },
                    rowBound: cells.map { _ in 1 }, sumBound: sorted.map { $0[0] })
            })
    }

    @Test("no variance below zero, no correlation beyond one", arguments: DisclosureControlTests.seeds)
    func possible(seed: UInt64) throws {
        let block = block(seed)
        let control = DisclosureControl(profile: .concordat)
        let alone = control.release(block).released
        let together = control.release([block], structure: Self.structure)[0].released
        func impossible(_ released: ReleasedBlock) throws -> Int {
            try (0..<released.keys.rowCount).count { row in
                let n = Double(try #require(released.aggregates[0].rows[row]))
                let sums = try released.aggregates.map { try #require($0.sums[row]) }
                let (xx, yy) = (sums[2] - sums[0] * sums[0] / n, sums[3] - sums[1] * sums[1] / n)
                let xy = sums[4] - sums[0] * sums[1] / n
                let tolerance = 1e-9 * sums[2]
                return xx < -tolerance || yy < -tolerance
                    || abs(xy) > (max(0, xx) * max(0, yy)).squareRoot() + tolerance
            }
        }
        #expect(try impossible(together) == 0, "seed \(seed)")
        #expect(try impossible(alone) > 50, "seed \(seed)")
        // Sums themselves are as they were, and so is all that was possible.
        for place in 0..<2 { #expect(together.aggregates[place] == alone.aggregates[place], "seed \(seed)") }
    }
}
