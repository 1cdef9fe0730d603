import CPostgreSQL
import Core

/// The values of `$1`, `$2`, … in PostgreSQL's binary format, with their types.
///
/// NULL goes without a type: the server takes it from the context.
struct PostgreSQLParameters {
    private var types: [Oid] = []
    private var bytes: [UInt8] = []
    /// Where each value lies in `bytes`; nil for NULL.
    private var ranges: [Range<Int>?] = []

    init(_ values: [Value]) {
        for value in values {
            let start = bytes.count
            types.append(append(value))
            ranges.append(value.isNull ? nil : start..<bytes.count)
        }
    }

    private mutating func append(_ value: Value) -> Oid {
        switch value {
        case .null: return 0
        case .boolean(let value):
            bytes.append(value ? 1 : 0)
            return 16
        case .integer(let value):
            bytes.appendBigEndian(value)
            return 20
        case .double(let value):
            bytes.appendBigEndian(value.bitPattern)
            return 701
        case .text(let value):
            bytes.append(contentsOf: value.utf8)
            return 25
        case .date(let days):
            bytes.appendBigEndian(PostgreSQLEpoch.encoded(date: days))
            return 1082
        case .timestamp(let microseconds):
            bytes.appendBigEndian(PostgreSQLEpoch.encoded(timestamp: microseconds))
            return 1114
        case .interval(let months, let days, let microseconds):
            bytes.appendBigEndian(microseconds)
            bytes.appendBigEndian(days)
            bytes.appendBigEndian(months)
            return 1186
        }
    }

    /// Sends a statement with them, and asks for a binary result.
    func send(_ sql: String, on connection: OpaquePointer) -> Bool {
        let lengths = ranges.map { Int32($0?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: ranges.count)
        // One more byte, so that an empty last value has an address too.
        return (bytes + [0]).withUnsafeBytes { buffer in
            let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = ranges.map { range in range.flatMap { range in base.map { $0 + range.lowerBound } } }
            return PQsendQueryParams(
                connection, sql, Int32(ranges.count), types, values, lengths, formats, 1) == 1
        }
    }
}
