internal import Core

/// Tells rows apart by the values of several columns: a code from 0 for every combination, in order of appearance.
struct RowCodes {
    private(set) var codes: [Int]
    /// The first row of every code.
    private(set) var firstRows: [Int]

    /// All rows alike.
    init(rows: Int) {
        codes = Array(repeating: 0, count: rows)
        firstRows = rows > 0 ? [0] : []
    }

    /// Rows that had one code get different ones where they differ in `column`.
    mutating func refine(by column: ColumnVector) {
        switch column.storage {
        case .text(let values): refine(values, column.nulls)
        case .packed(let values): refine(values.texts, column.nulls)
        case .int64(let values): refine(values, column.nulls)
        case .date(let values): refine(values, column.nulls)
        case .boolean(let values): refine(values, column.nulls)
        case .double(let values): refine(values.map(\.bitPattern), column.nulls)
        case .values(let values): refine(values, column.nulls)
        }
    }

    private mutating func refine<T: Hashable>(_ values: [T], _ nulls: [Bool]?) {
        let (ofValues, count) = Self.numbered(values, nulls)
        let before = codes
        let pairs = before.indices.map { before[$0] * (count + 1) + ofValues[$0] }
        (codes, _) = Self.numbered(pairs, nil)
        firstRows = []
        for (row, code) in codes.enumerated() where code == firstRows.count + 1 { firstRows.append(row) }
        for row in codes.indices { codes[row] -= 1 }
    }

    /// Numbers from 1 in order of appearance, 0 for NULL. Of few values most are found without hashing.
    private static func numbered<T: Hashable>(
        _ values: [T], _ nulls: [Bool]?
    ) -> (numbers: [Int], count: Int) {
        var known: [T: Int] = [:]
        var recent: [(value: T, number: Int)] = []
        var numbers = [Int](repeating: 0, count: values.count)
        for row in values.indices where nulls?[row] != true {
            let value = values[row]
            if let found = recent.first(where: { $0.value == value }) {
                numbers[row] = found.number
                continue
            }
            let number = known[value] ?? known.count + 1
            known[value] = number
            numbers[row] = number
            if recent.count < 4 { recent.append((value, number)) }
        }
        return (numbers, known.count)
    }
}
