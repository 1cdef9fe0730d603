import Core
import Testing

@testable import Node

@Suite struct RowCodesTests {
    /// Every combination of values, NULL among them, has one code, and its first row.
    @Test func tellsCombinationsApart() {
        var generator = SystemRandomNumberGenerator()
        let texts: [Value] = ["a", "b", "c", "d", "e", "f"].map { .text($0) } + [.null]
        let numbers: [Value] = (0..<9).map { .integer($0) } + [.null]
        let rows = (0..<2_000).map { _ in
            [texts.randomElement(using: &generator)!, numbers.randomElement(using: &generator)!]
        }
        let table = Table([("a", .text), ("b", .bigint)], rows: rows)
        var codes = RowCodes(rows: rows.count)
        for column in table.columns { codes.refine(by: column.vector) }
        var expected: [[Value]: Int] = [:]
        for (row, values) in rows.enumerated() {
            let code = expected[values] ?? expected.count
            expected[values] = code
            #expect(codes.codes[row] == code)
        }
        #expect(codes.firstRows.map { rows[$0] } == expected.sorted { $0.value < $1.value }.map(\.key))
    }

    @Test func withoutColumnsAllRowsAreAlike() {
        #expect(RowCodes(rows: 3).codes == [0, 0, 0])
        #expect(RowCodes(rows: 0).firstRows.isEmpty)
    }
}
