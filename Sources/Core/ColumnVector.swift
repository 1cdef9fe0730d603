/// A column of values of one type, held as a plain array: what engines return and what travels in a release.
package struct ColumnVector: Hashable, Sendable {
    /// The array behind a column; which case belongs to which type is told by `ColumnType`.
    package enum Storage: Hashable, Sendable {
        case boolean([Bool])
        /// `integer`, `bigint`; `timestamp` as microseconds since the epoch.
        case int64([Int64])
        /// `numeric`, `double precision`.
        case double([Double])
        case text([String])
        /// Texts of a large column.
        case packed(PackedTexts)
        /// Days since the epoch.
        case date([Int32])
        /// Whatever has no dense form (intervals, an all-NULL column of unknown type).
        case values([Value])
    }

    package let type: ColumnType
    package let storage: Storage
    /// `true` where the value is NULL; nil when no value is.
    package let nulls: [Bool]?

    package init(type: ColumnType, storage: Storage, nulls: [Bool]? = nil) {
        self.type = type
        self.storage = storage
        self.nulls = nulls
    }

    /// Packs values of one type; a value that does not fit the type becomes NULL only if it is `.null`,
    /// otherwise the whole column falls back to `.values`.
    package init(type: ColumnType, values: [Value]) {
        let nulls = values.contains(.null) ? values.map(\.isNull) : nil
        self.init(type: type, storage: Self.pack(type, values) ?? .values(values), nulls: nulls)
    }

    package var count: Int {
        switch storage {
        case .boolean(let array): array.count
        case .int64(let array): array.count
        case .double(let array): array.count
        case .text(let array): array.count
        case .packed(let array): array.count
        case .date(let array): array.count
        case .values(let array): array.count
        }
    }

    package subscript(row: Int) -> Value {
        if let nulls, nulls[row] { return .null }
        switch storage {
        case .boolean(let array): return .boolean(array[row])
        case .int64(let array): return type == .timestamp ? .timestamp(array[row]) : .integer(array[row])
        case .double(let array): return .double(array[row])
        case .text(let array): return .text(array[row])
        case .packed(let array): return .text(array[row])
        case .date(let array): return .date(array[row])
        case .values(let array): return array[row]
        }
    }

    /// All values in order.
    package var values: [Value] { (0..<count).map { self[$0] } }

    private static func pack(_ type: ColumnType, _ values: [Value]) -> Storage? {
        switch type {
        case .boolean:
            collect(values, false) { if case .boolean(let x) = $0 { x } else { nil } }.map(Storage.boolean)
        case .integer, .bigint:
            collect(values, 0) { if case .integer(let x) = $0 { x } else { nil } }.map(Storage.int64)
        case .timestamp:
            collect(values, 0) { if case .timestamp(let x) = $0 { x } else { nil } }.map(Storage.int64)
        case .numeric, .double: collect(values, 0) { $0.number }.map(Storage.double)
        case .text: collect(values, "") { if case .text(let x) = $0 { x } else { nil } }.map(Storage.text)
        case .date: collect(values, 0) { if case .date(let x) = $0 { x } else { nil } }.map(Storage.date)
        case .interval, .unknown: nil
        }
    }

    private static func collect<T>(_ values: [Value], _ missing: T, _ read: (Value) -> T?) -> [T]? {
        var result: [T] = []
        result.reserveCapacity(values.count)
        for value in values {
            if value.isNull {
                result.append(missing)
            } else if let read = read(value) {
                result.append(read)
            } else {
                return nil
            }
        }
        return result
    }
}
