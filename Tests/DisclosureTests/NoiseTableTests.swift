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
}
