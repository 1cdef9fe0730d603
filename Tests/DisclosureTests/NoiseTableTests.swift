import Core
import Testing

@testable import Disclosure

@Suite struct NoiseTableTests {
    @Test(arguments: [1.0, 1.5, 2.0, 3.0])
    func meanIsZeroAndNothingFallsBelowTheThreshold(deviation: Double) {
        let table = NoiseTable(standardDeviation: deviation)
        for (room, row) in table.rows.enumerated() {
            #expect(row.count == 256)
            #expect(row.reduce(0) { $0 + Int($1) } == 0)
            #expect(row.allSatisfy { Int($0) >= -room && Int($0) <= table.spread })
            let variance = row.reduce(0.0) { $0 + Double(Int($1) * Int($1)) } / 256
            #expect(variance <= deviation * deviation * 1.05)
        }
        let variance = table.rows[table.spread].reduce(0.0) { $0 + Double(Int($1) * Int($1)) } / 256
        #expect(abs(variance - deviation * deviation) < 0.05 * deviation * deviation)
    }

    /// Over all keys: the mean is the true count, nothing falls below the threshold, the spread is the stated one.
    @Test func everyCountIsRightOnAverage() {
        let table = NoiseTable.shared(standardDeviation: 2)
        for count in 10...2_000 {
            let noise = (0..<256).map { table.noise(above: count - 10, key: $0) }
            #expect(noise.reduce(0, +) == 0, "\(count)")
            #expect(noise.allSatisfy { count + $0 >= 10 }, "\(count)")
            let variance = noise.reduce(0.0) { $0 + Double($1 * $1) } / 256
            #expect(count < 15 || abs(variance.squareRoot() - 2) < 0.05, "\(count)")
        }
    }

    /// Rounding to 5 after the noise: of a count from 15 on the mean over all keys is within half a person of the truth;
    /// nearer to the threshold, where there is less noise to smooth it, within two, as rounding alone is.
    @Test func roundedCountsAreNearlyRightOnAverage() throws {
        let perturbation = Perturbation(.concordat)
        let shape = AggregateShape(kind: .count, type: .bigint, lower: nil, upper: nil, isConditional: false)
        for count in Int64(10)...300 {
            let block = CellBlock(
                keys: Table(columns: [], rowCount: 256), people: (0..<256).map { _ in count },
                cellKey: Array(0..<256),
                aggregates: [
                    AggregateCells(
                        shape: shape, rows: (0..<256).map { _ in count }, sums: (0..<256).map { _ in 0 },
                        contributors: (0..<256).map { _ in count }, contributorKey: Array(0..<256),
                        largest: (0..<256).map { _ in 1 }, secondLargest: (0..<256).map { _ in 1 },
                        rowBound: (0..<256).map { _ in 1 }, sumBound: (0..<256).map { _ in 0 })
                ])
            let released = try (0..<256).map { cell in
                try #require(perturbation.perturb(CellState(block.aggregates[0], of: block, at: cell))).rows
            }
            #expect(released.allSatisfy { $0 >= 10 && $0 % 5 == 0 && abs($0 - count) <= 7 }, "\(count)")
            let bias = Double(released.reduce(0, +)) / 256 - Double(count)
            #expect(abs(bias) <= (count >= 15 ? 0.5 : 2), "\(count): \(bias)")
        }
    }
}
