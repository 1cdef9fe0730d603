internal import Core

/// Collects one column's values; can forget the last ones when a line turns out to be at fault.
struct ColumnBuilder {
    let column: ViewPlan.Column
    private var integers: [Int64] = []
    private var doubles: [Double] = []
    private var booleans: [Bool] = []
    private var dates: [Int32] = []
    private var count = 0
    /// Empty until the first NULL.
    private var nulls: [Bool] = []
    private var texts = PackedTexts.Builder()

    init(_ column: ViewPlan.Column) {
        self.column = column
    }

    mutating func append(_ item: PathItem, _ tape: Tape, _ arena: ByteArena) throws(LineFault.Reason) {
        let value = item.primitive(tape)
        if value.isEmpty {
            appendNull()
            return
        }
        switch column.type {
        case .text:
            if column.isWrittenTime { try Self.check(value, item) }
            if case .text(let text, _) = value {
                texts.append(text)
            } else {
                texts.append(try item.written(tape, arena))
            }
        case .boolean:
            guard case .boolean(let value) = value else { throw .wrongType }
            booleans.append(value)
        case .integer, .bigint:
            guard case .integer(let value) = value, column.type == .bigint || Int32(exactly: value) != nil
            else {
                throw .wrongType
            }
            integers.append(value)
        case .double, .numeric: doubles.append(try Self.number(value))
        case .date: dates.append(Int32(try Self.time(value).days))
        case .timestamp: integers.append(try Self.time(value).instant)
        case .interval, .unknown: throw .wrongType
        }
        count += 1
        if !nulls.isEmpty { nulls.append(false) }
    }

    private static func number(_ value: PathItem) throws(LineFault.Reason) -> Double {
        switch value {
        case .integer(let value): Double(value)
        case .decimal(let value, _): value
        default: throw .wrongType
        }
    }

    /// A date, time or instant that exists. What a view computes may lack an offset, what is read may not.
    private static func check(_ value: PathItem, _ item: PathItem) throws(LineFault.Reason) {
        guard case .text(let text, _) = value else { throw .wrongType }
        var rule = FHIRTime.OffsetRule.optional
        if case .node = item { rule = .required }
        let isTime = FHIRTime.Clock(text, from: 0).map { $0.end == text.count } ?? false
        guard isTime || FHIRTime(text, offset: rule) != nil else { throw .invalidDate }
    }

    private static func time(_ value: PathItem) throws(LineFault.Reason) -> FHIRTime {
        guard case .text(let text, _) = value, let time = FHIRTime(text) else { throw .invalidDate }
        return time
    }

    private mutating func appendNull() {
        switch column.type {
        case .text, .interval, .unknown: texts.appendEmpty()
        case .boolean: booleans.append(false)
        case .integer, .bigint, .timestamp: integers.append(0)
        case .double, .numeric: doubles.append(0)
        case .date: dates.append(0)
        }
        if nulls.isEmpty { nulls = Array(repeating: false, count: count) }
        nulls.append(true)
        count += 1
    }

    /// Keeps the first values only.
    mutating func truncate(to count: Int) {
        guard self.count > count else { return }
        self.count = count
        if !nulls.isEmpty { nulls.removeSubrange(count...) }
        switch column.type {
        case .text, .interval, .unknown: texts.truncate(to: count)
        case .boolean: booleans.removeSubrange(count...)
        case .integer, .bigint, .timestamp: integers.removeSubrange(count...)
        case .double, .numeric: doubles.removeSubrange(count...)
        case .date: dates.removeSubrange(count...)
        }
    }

    consuming func finish() -> Table.Column {
        let storage: ColumnVector.Storage =
            switch column.type {
            case .text, .interval, .unknown: .packed(texts.finish())
            case .boolean: .boolean(booleans)
            case .integer, .bigint, .timestamp: .int64(integers)
            case .double, .numeric: .double(doubles)
            case .date: .date(dates)
            }
        let vector = ColumnVector(
            type: column.type, storage: storage, nulls: nulls.contains(true) ? nulls : nil)
        return Table.Column(name: column.name, vector: vector)
    }
}
