import Core

/// Numbers the distinct group keys it is shown, in order of appearance.
///
/// Each column keeps a dictionary of its values; a key of several columns is a chain of pairs of numbers, so
/// that no row allocates. NULL equals NULL, NaN equals NaN and -0 equals 0, as in PostgreSQL's GROUP BY.
struct KeyIndex: Sendable {
    private var columns: [ColumnIndex]
    private var chains: [[UInt64: Int]]
    /// Per column: the number of each distinct key's value in that column.
    private var codes: [[Int]]
    private(set) var count: Int

    init(columns: Int) {
        self.columns = Array(repeating: ColumnIndex(), count: columns)
        chains = Array(repeating: [:], count: max(0, columns - 1))
        codes = Array(repeating: [], count: columns)
        // Without keys there is one cell, shown or not.
        count = columns == 0 ? 1 : 0
    }

    /// The cell number of every row; unseen keys get the next numbers.
    mutating func cells(of keys: Table) -> [Int] {
        guard !columns.isEmpty else { return Array(repeating: 0, count: keys.rowCount) }
        let coded = keys.columns.enumerated().map { columns[$0.offset].codes(of: $0.element.vector) }
        return (0..<keys.rowCount).map { row in
            var cell = coded[0][row]
            for column in coded.indices.dropFirst() {
                let pair = UInt64(cell) << 32 | UInt64(coded[column][row])
                let next = chains[column - 1].count
                cell = chains[column - 1][pair, default: next]
                if cell == next { chains[column - 1][pair] = next }
            }
            if cell == count {
                count += 1
                for column in coded.indices { codes[column].append(coded[column][row]) }
            }
            return cell
        }
    }

    /// The distinct keys, by their numbers.
    func table(_ names: [(name: String, type: ColumnType)]) -> Table {
        Table(
            columns: names.enumerated().map { number, column in
                let values = codes[number].map { columns[number].values[$0] }
                return Table.Column(
                    name: column.name, vector: ColumnVector(type: column.type, values: values))
            }, rowCount: count)
    }
}

/// Numbers the distinct values of one column.
struct ColumnIndex: Sendable {
    private(set) var values: [Value] = []
    private var texts: [TextKey: Int] = [:]
    private var integers: [Int64: Int] = [:]
    private var others: [Value: Int] = [:]

    mutating func codes(of vector: ColumnVector) -> [Int] {
        let nulls = vector.nulls
        switch vector.storage {
        case .text(let array):
            return array.enumerated().map { row, text in
                nulls?[row] == true ? other(.null) : self.text(text)
            }
        case .int64(let array) where vector.type != .timestamp:
            return array.enumerated().map { row, number in
                nulls?[row] == true ? other(.null) : integer(number)
            }
        default:
            return (0..<vector.count).map { other(Self.normal(vector[$0])) }
        }
    }

    private mutating func text(_ text: String) -> Int {
        if let code = texts[TextKey(text: text)] { return code }
        texts[TextKey(text: text)] = values.count
        return append(.text(text))
    }

    private mutating func integer(_ number: Int64) -> Int {
        if let code = integers[number] { return code }
        integers[number] = values.count
        return append(.integer(number))
    }

    private mutating func other(_ value: Value) -> Int {
        switch value {
        case .text(let text): return self.text(text)
        case .integer(let number): return integer(number)
        default:
            if let code = others[value] { return code }
            others[value] = values.count
            return append(value)
        }
    }

    private mutating func append(_ value: Value) -> Int {
        values.append(value)
        return values.count - 1
    }

    private static func normal(_ value: Value) -> Value {
        if case .double(let number) = value, number == 0 { return .double(0) }
        return value
    }
}

/// A text that equals another only if it is the same bytes.
private struct TextKey: Hashable {
    let text: String

    static func == (left: Self, right: Self) -> Bool {
        left.text.utf8.count == right.text.utf8.count && left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
