import CDuckDB
import Core

/// Copies one column of a result from DuckDB's vectors into a dense array.
struct DuckDBColumnReader {
    let builder: ColumnBuilder
    private let kind: Kind

    /// How a vector's values lie in memory.
    private enum Kind {
        case boolean, int8, int16, int32, int64, uint8, uint16, uint32, uint64, hugeint
        case float, double, text, date, interval, null
        /// A timestamp: microseconds in a unit, or units in a microsecond.
        case timestamp(multiplier: Int64, divisor: Int64)
        indirect case decimal(scale: Int, Kind)
        indirect case dictionary([String], Kind)
    }

    init(name: String, logicalType: OpaquePointer?) throws(EngineError) {
        let (type, kind) = try Self.kind(of: logicalType)
        self.builder = ColumnBuilder(name: name, type: type)
        self.kind = kind
    }

    private static func kind(of type: OpaquePointer?) throws(EngineError) -> (ColumnType, Kind) {
        let id = cduckdb_get_type_id(type)
        switch Int(id) {
        case CDUCKDB_BOOLEAN: return (.boolean, .boolean)
        case CDUCKDB_DOUBLE: return (.double, .double)
        case CDUCKDB_FLOAT: return (.double, .float)
        case CDUCKDB_VARCHAR: return (.text, .text)
        case CDUCKDB_DATE: return (.date, .date)
        case CDUCKDB_INTERVAL: return (.interval, .interval)
        case CDUCKDB_TIMESTAMP, CDUCKDB_TIMESTAMP_TZ:
            return (.timestamp, .timestamp(multiplier: 1, divisor: 1))
        case CDUCKDB_TIMESTAMP_S: return (.timestamp, .timestamp(multiplier: 1_000_000, divisor: 1))
        case CDUCKDB_TIMESTAMP_MS: return (.timestamp, .timestamp(multiplier: 1_000, divisor: 1))
        case CDUCKDB_TIMESTAMP_NS: return (.timestamp, .timestamp(multiplier: 1, divisor: 1_000))
        case CDUCKDB_SQLNULL: return (.unknown, .null)
        case CDUCKDB_DECIMAL:
            let kind = try integer(cduckdb_decimal_internal_type(type))
            return (.numeric, .decimal(scale: Int(cduckdb_decimal_scale(type)), kind))
        case CDUCKDB_ENUM:
            return (.text, .dictionary(dictionary(of: type), try integer(cduckdb_enum_internal_type(type))))
        default:
            let kind = try integer(id)
            switch kind {
            case .uint32, .int64, .uint64, .hugeint: return (.bigint, kind)
            default: return (.integer, kind)
            }
        }
    }

    private static func integer(_ id: Int32) throws(EngineError) -> Kind {
        switch Int(id) {
        case CDUCKDB_TINYINT: .int8
        case CDUCKDB_SMALLINT: .int16
        case CDUCKDB_INTEGER: .int32
        case CDUCKDB_BIGINT: .int64
        case CDUCKDB_UTINYINT: .uint8
        case CDUCKDB_USMALLINT: .uint16
        case CDUCKDB_UINTEGER: .uint32
        case CDUCKDB_UBIGINT: .uint64
        case CDUCKDB_HUGEINT: .hugeint
        default: throw .unsupportedType("number \(id) of DuckDB")
        }
    }

    private static func dictionary(of type: OpaquePointer?) -> [String] {
        (0..<cduckdb_enum_dictionary_size(type)).map { index in
            guard let text = cduckdb_enum_dictionary_value(type, idx_t(index)) else { return "" }
            defer { cduckdb_free(text) }
            return String(cString: text)
        }
    }
}

extension DuckDBColumnReader {
    /// Appends the first `count` values of a vector.
    func append(_ vector: OpaquePointer?, count: Int) {
        let base = builder.count
        guard let data = cduckdb_vector_get_data(vector) else { return appendNulls(count) }
        let nulls = NullMask(cduckdb_vector_get_validity(vector), count: count)
        let source = UnsafeRawPointer(data)
        switch kind {
        case .boolean: copy(source, count, UInt8.self, to: \.booleans) { $0 != 0 }
        case .int8: copy(source, count, Int8.self, to: \.int64s) { Int64($0) }
        case .int16: copy(source, count, Int16.self, to: \.int64s) { Int64($0) }
        case .int32: copy(source, count, Int32.self, to: \.int64s) { Int64($0) }
        case .int64: copy(source, count, Int64.self, to: \.int64s) { $0 }
        case .uint8: copy(source, count, UInt8.self, to: \.int64s) { Int64($0) }
        case .uint16: copy(source, count, UInt16.self, to: \.int64s) { Int64($0) }
        case .uint32: copy(source, count, UInt32.self, to: \.int64s) { Int64($0) }
        case .uint64:
            appendWide(source, count, nulls, UInt64.self, exactly: Int64.init(exactly:)) { Double($0) }
        case .hugeint:
            appendWide(source, count, nulls, duckdb_hugeint.self, exactly: \.int64, \.double)
        case .float: copy(source, count, Float.self, to: \.doubles) { Double($0) }
        case .double: copy(source, count, Double.self, to: \.doubles) { $0 }
        case .date: copy(source, count, Int32.self, to: \.dates) { $0 }
        case .timestamp(let multiplier, let divisor):
            copy(source, count, Int64.self, to: \.int64s) {
                divisor == 1 ? $0 &* multiplier : ($0 - (($0 % divisor) + divisor) % divisor) / divisor
            }
        case .decimal(let scale, let integer): appendDecimals(source, count, scale: scale, integer)
        case .interval:
            copy(source, count, duckdb_interval.self, to: \.values) {
                .interval(months: $0.months, days: $0.days, microseconds: $0.micros)
            }
        case .text: appendTexts(source, count, nulls)
        case .dictionary(let entries, let index): appendEntries(source, count, nulls, entries, index)
        case .null: return appendNulls(count)
        }
        clear(nulls, base: base)
    }

    private func appendNulls(_ count: Int) {
        for _ in 0..<count { builder.appendNull() }
    }

    /// Puts the stand-in of NULL where the vector holds leftovers.
    private func clear(_ nulls: NullMask, base: Int) {
        nulls.forEach { row in
            builder.setNull(base + row)
            switch builder.type {
            case .boolean: builder.booleans[base + row] = false
            case .integer, .bigint, .timestamp: builder.int64s[base + row] = 0
            case .numeric, .double: builder.doubles[base + row] = 0
            case .text: break
            case .date: builder.dates[base + row] = 0
            case .interval, .unknown: builder.values[base + row] = .null
            }
        }
    }

    @inline(__always)
    private func copy<Source, Element>(
        _ data: UnsafeRawPointer, _ count: Int, _: Source.Type,
        to column: ReferenceWritableKeyPath<ColumnBuilder, [Element]>, _ convert: (Source) -> Element
    ) {
        let source = UnsafeBufferPointer(start: data.assumingMemoryBound(to: Source.self), count: count)
        let converted = [Element](unsafeUninitializedCapacity: count) { target, used in
            for row in 0..<count { target.initializeElement(at: row, to: convert(source[row])) }
            used = count
        }
        builder[keyPath: column].append(contentsOf: converted)
    }

    /// Whole numbers that may exceed `Int64`: then the column goes on as floating point.
    private func appendWide<Source>(
        _ data: UnsafeRawPointer, _ count: Int, _ nulls: NullMask, _: Source.Type,
        exactly: (Source) -> Int64?, _ approximately: (Source) -> Double
    ) {
        let source = UnsafeBufferPointer(start: data.assumingMemoryBound(to: Source.self), count: count)
        if builder.type == .bigint {
            let fits = (0..<count).allSatisfy { nulls.contains($0) || exactly(source[$0]) != nil }
            if fits { return copy(data, count, Source.self, to: \.int64s) { exactly($0) ?? 0 } }
            builder.widen()
        }
        copy(data, count, Source.self, to: \.doubles, approximately)
    }

    private func appendDecimals(_ data: UnsafeRawPointer, _ count: Int, scale: Int, _ integer: Kind) {
        var divisor = 1.0
        for _ in 0..<scale { divisor *= 10 }
        switch integer {
        case .int16: copy(data, count, Int16.self, to: \.doubles) { Double($0) / divisor }
        case .int32: copy(data, count, Int32.self, to: \.doubles) { Double($0) / divisor }
        case .int64: copy(data, count, Int64.self, to: \.doubles) { Double($0) / divisor }
        default: copy(data, count, duckdb_hugeint.self, to: \.doubles) { $0.double / divisor }
        }
    }

    private func appendTexts(_ data: UnsafeRawPointer, _ count: Int, _ nulls: NullMask) {
        let stride = MemoryLayout<duckdb_string>.stride
        let texts = (0..<count).map { row -> String in
            if nulls.contains(row) { return "" }
            let entry = data + row * stride
            let length = Int(entry.loadUnaligned(as: UInt32.self))
            // Up to 12 bytes stand in the entry itself, behind the length.
            let start =
                length <= 12 ? entry + 4 : entry.loadUnaligned(fromByteOffset: 8, as: UnsafeRawPointer.self)
            return String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
        }
        builder.texts.append(contentsOf: texts)
    }

    private func appendEntries(
        _ data: UnsafeRawPointer, _ count: Int, _ nulls: NullMask, _ entries: [String], _ index: Kind
    ) {
        let texts = (0..<count).map { row -> String in
            if nulls.contains(row) { return "" }
            let entry =
                switch index {
                case .uint8: Int(data.load(fromByteOffset: row, as: UInt8.self))
                case .uint16: Int(data.load(fromByteOffset: row * 2, as: UInt16.self))
                default: Int(data.load(fromByteOffset: row * 4, as: UInt32.self))
                }
            return entries[entry]
        }
        builder.texts.append(contentsOf: texts)
    }
}

/// Which rows of a vector are NULL: DuckDB's validity bits, 1 for a value.
private struct NullMask {
    private let words: UnsafePointer<UInt64>?
    private let count: Int

    /// - Parameter words: nil if no row is NULL.
    init(_ words: UnsafeMutablePointer<UInt64>?, count: Int) {
        self.words = words.map { UnsafePointer($0) }
        self.count = count
    }

    @inline(__always)
    func contains(_ row: Int) -> Bool {
        guard let words else { return false }
        return words[row >> 6] & (1 << UInt64(row & 63)) == 0
    }

    func forEach(_ body: (Int) -> Void) {
        guard let words else { return }
        for word in 0..<(count + 63) / 64 where words[word] != .max {
            for row in (word * 64)..<min(count, word * 64 + 64) where contains(row) { body(row) }
        }
    }
}

extension duckdb_hugeint {
    fileprivate var int64: Int64? {
        let low = Int64(bitPattern: lower)
        return upper == (low < 0 ? -1 : 0) ? low : nil
    }

    /// Small values exactly; otherwise to within the precision of `Double`.
    fileprivate var double: Double {
        int64.map(Double.init) ?? Double(upper) * 18_446_744_073_709_551_616 + Double(lower)
    }
}
