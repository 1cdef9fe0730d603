import Core

/// Rows in the format of `COPY … (FORMAT binary)`.
///
/// Source: PostgreSQL 15 documentation, COPY, "Binary Format".
struct PostgreSQLCopy {
    static let header: [UInt8] =
        Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
    static let trailer: [UInt8] = [0xFF, 0xFF]

    let columns: [Table.Column]

    func append(row: Int, to bytes: inout [UInt8]) throws(EngineError) {
        bytes.appendBigEndian(Int16(columns.count))
        for column in columns {
            if let nulls = column.vector.nulls, nulls[row] {
                bytes.appendBigEndian(Int32(-1))
            } else {
                try append(column.vector, row, to: &bytes)
            }
        }
    }

    private func append(_ vector: ColumnVector, _ row: Int, to bytes: inout [UInt8]) throws(EngineError) {
        switch vector.storage {
        case .boolean(let array): field(array[row] ? UInt8(1) : 0, to: &bytes)
        case .int64(let array):
            switch vector.type {
            case .integer:
                guard let value = Int32(exactly: array[row]) else {
                    throw .statement(.numericValueOutOfRange, detail: nil)
                }
                field(value, to: &bytes)
            case .timestamp: field(PostgreSQLEpoch.encoded(timestamp: array[row]), to: &bytes)
            default: field(array[row], to: &bytes)
            }
        case .double(let array):
            if vector.type == .numeric {
                variable(to: &bytes) { PostgreSQLNumeric.encode(array[row], into: &$0) }
            } else {
                field(array[row].bitPattern, to: &bytes)
            }
        case .date(let array): field(PostgreSQLEpoch.encoded(date: array[row]), to: &bytes)
        case .text(let array): variable(to: &bytes) { $0.append(contentsOf: array[row].utf8) }
        case .packed(let array): variable(to: &bytes) { $0.append(contentsOf: array.bytes(row)) }
        case .values(let array):
            guard case .interval(let months, let days, let microseconds) = array[row] else {
                return bytes.appendBigEndian(Int32(-1))
            }
            bytes.appendBigEndian(Int32(16))
            bytes.appendBigEndian(microseconds)
            bytes.appendBigEndian(days)
            bytes.appendBigEndian(months)
        }
    }

    @inline(__always)
    private func field<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number, to bytes: inout [UInt8])
    {
        bytes.appendBigEndian(Int32(MemoryLayout<Number>.size))
        bytes.appendBigEndian(number)
    }

    /// Writes a value, and its length before it.
    private func variable(to bytes: inout [UInt8], _ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        bytes.appendBigEndian(Int32(0))
        write(&bytes)
        let length = UInt32(bytes.count - start - 4)
        for index in 0..<4 {
            bytes[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index))
        }
    }
}
