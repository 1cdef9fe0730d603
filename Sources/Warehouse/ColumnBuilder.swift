import Core

/// Gathers one column of a result in the dense array of its type.
///
/// Readers append to the array that belongs to `type` (0, "", false where NULL) and then tell the NULLs.
final class ColumnBuilder {
    let name: String
    /// `bigint` becomes `numeric` when a value does not fit `Int64`, and stays so.
    private(set) var type: ColumnType
    var booleans: [Bool] = []
    var int64s: [Int64] = []
    var doubles: [Double] = []
    var texts: [String] = []
    var dates: [Int32] = []
    var values: [Value] = []
    private var nulls: [Bool] = []

    init(name: String, type: ColumnType) {
        self.name = name
        self.type = type
    }

    var count: Int {
        switch type {
        case .boolean: booleans.count
        case .integer, .bigint, .timestamp: int64s.count
        case .numeric, .double: doubles.count
        case .text: texts.count
        case .date: dates.count
        case .interval, .unknown: values.count
        }
    }

    /// Says that the value in `row` is NULL; its slot must have been appended.
    func setNull(_ row: Int) {
        if nulls.count <= row {
            nulls.append(contentsOf: repeatElement(false, count: row + 1 - nulls.count))
        }
        nulls[row] = true
    }

    /// Appends NULL with the value that stands in for it.
    func appendNull() {
        let row = count
        switch type {
        case .boolean: booleans.append(false)
        case .integer, .bigint, .timestamp: int64s.append(0)
        case .numeric, .double: doubles.append(0)
        case .text: texts.append("")
        case .date: dates.append(0)
        case .interval, .unknown: values.append(.null)
        }
        setNull(row)
    }

    /// Carries whole numbers as floating point from here on.
    func widen() {
        guard type == .bigint else { return }
        doubles = int64s.map(Double.init)
        int64s = []
        type = .numeric
    }

    /// The column so far; begins anew with no rows.
    func take() -> Table.Column {
        let rows = count
        var mask: [Bool]?
        if !nulls.isEmpty {
            nulls.append(contentsOf: repeatElement(false, count: rows - nulls.count))
            mask = nulls
        }
        let column = Table.Column(name: name, vector: ColumnVector(type: type, storage: storage, nulls: mask))
        (booleans, int64s, doubles, texts, dates, values, nulls) = ([], [], [], [], [], [], [])
        return column
    }

    private var storage: ColumnVector.Storage {
        switch type {
        case .boolean: .boolean(booleans)
        case .integer, .bigint, .timestamp: .int64(int64s)
        case .numeric, .double: .double(doubles)
        case .text: .text(texts)
        case .date: .date(dates)
        case .interval, .unknown: .values(values)
        }
    }
}

extension [ColumnBuilder] {
    /// The table so far; begins anew with no rows.
    func takeTable() -> Table {
        let rows = first?.count ?? 0
        return Table(columns: map { $0.take() }, rowCount: rows)
    }
}
