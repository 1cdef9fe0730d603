import Core

/// Decodes one column of a result from PostgreSQL's binary format (the `*send` functions of each type).
struct PostgreSQLColumnReader {
    let builder: ColumnBuilder
    private let kind: Kind

    private enum Kind {
        case boolean, int16, int32, int64, oid, float, double, numeric, text, date, timestamp, interval
    }

    /// - Parameter oid: the type's, from `pg_type.dat`.
    init(name: String, oid: UInt32) throws(EngineError) {
        let (type, kind): (ColumnType, Kind) =
            switch oid {
            case 16: (.boolean, .boolean)
            case 21: (.integer, .int16)
            case 23: (.integer, .int32)
            case 20: (.bigint, .int64)
            case 26: (.bigint, .oid)
            case 700: (.double, .float)
            case 701: (.double, .double)
            case 1700: (.numeric, .numeric)
            // "char", name, text, unknown, bpchar, varchar
            case 18, 19, 25, 705, 1042, 1043: (.text, .text)
            case 1082: (.date, .date)
            case 1114, 1184: (.timestamp, .timestamp)
            case 1186: (.interval, .interval)
            default: throw .unsupportedType("oid \(oid) of PostgreSQL")
            }
        self.builder = ColumnBuilder(name: name, type: type)
        self.kind = kind
    }

    /// Appends one value that is not NULL.
    func append(_ bytes: UnsafeRawBufferPointer) {
        switch kind {
        case .boolean: builder.booleans.append(bytes[0] != 0)
        case .int16: builder.int64s.append(Int64(bytes.bigEndian(at: 0, as: Int16.self)))
        case .int32: builder.int64s.append(Int64(bytes.bigEndian(at: 0, as: Int32.self)))
        case .int64: builder.int64s.append(bytes.bigEndian(at: 0, as: Int64.self))
        case .oid: builder.int64s.append(Int64(bytes.bigEndian(at: 0, as: UInt32.self)))
        case .float:
            builder.doubles.append(Double(Float(bitPattern: bytes.bigEndian(at: 0, as: UInt32.self))))
        case .double: builder.doubles.append(Double(bitPattern: bytes.bigEndian(at: 0, as: UInt64.self)))
        case .numeric: builder.doubles.append(PostgreSQLNumeric.decode(bytes))
        case .text: builder.texts.append(String(decoding: bytes, as: UTF8.self))
        case .date: builder.dates.append(PostgreSQLEpoch.date(bytes.bigEndian(at: 0, as: Int32.self)))
        case .timestamp:
            builder.int64s.append(PostgreSQLEpoch.timestamp(bytes.bigEndian(at: 0, as: Int64.self)))
        case .interval:
            builder.values.append(
                .interval(
                    months: bytes.bigEndian(at: 12, as: Int32.self),
                    days: bytes.bigEndian(at: 8, as: Int32.self),
                    microseconds: bytes.bigEndian(at: 0, as: Int64.self)))
        }
    }
}

extension UnsafeRawBufferPointer {
    func bigEndian<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as: Number.Type) -> Number {
        Number(bigEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}

/// PostgreSQL counts from 2000-01-01; the house from 1970-01-01. The infinities are those of DuckDB.
enum PostgreSQLEpoch {
    private static let days: Int32 = 10_957
    private static let microseconds: Int64 = 946_684_800_000_000

    static func date(_ days: Int32) -> Int32 {
        switch days {
        case .max: .max
        case .min: -.max
        default: days &+ Self.days
        }
    }

    static func timestamp(_ microseconds: Int64) -> Int64 {
        switch microseconds {
        case .max: .max
        case .min: -.max
        default: microseconds &+ Self.microseconds
        }
    }

    static func encoded(date days: Int32) -> Int32 {
        switch days {
        case .max: .max
        case -.max: .min
        default: days &- Self.days
        }
    }

    static func encoded(timestamp microseconds: Int64) -> Int64 {
        switch microseconds {
        case .max: .max
        case -.max: .min
        default: microseconds &- Self.microseconds
        }
    }
}
