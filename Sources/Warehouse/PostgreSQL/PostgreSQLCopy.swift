import Core

/// Rows in the format of `COPY … (FORMAT binary)`.
///
/// Source: PostgreSQL 15 documentation, COPY, "Binary Format".
struct PostgreSQLCopy {
    static let header: [UInt8] =
        Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
    static let trailer: [UInt8] = [0xFF, 0xFF]

    private let columns: [PostgreSQLCopyColumn]
    /// The same, not counted for each value. INVARIANT: `columns` keeps them.
    private let borrowed: [Unmanaged<PostgreSQLCopyColumn>]

    /// - Throws: where a value does not fit its column's type.
    init(columns: [Table.Column], rowCount: Int) throws(EngineError) {
        var prepared: [PostgreSQLCopyColumn] = []
        for column in columns {
            prepared.append(try PostgreSQLCopyColumn(column.vector, rowCount: rowCount))
        }
        self.columns = prepared
        borrowed = prepared.map(Unmanaged.passUnretained)
    }

    func append(row: Int, to block: CopyBlock) {
        block.reserve(2)
        block.store(UInt16(columns.count))
        for column in borrowed {
            block.reserve(12)
            column._withUnsafeGuaranteedRef { $0.append(row: row, to: block) }
        }
    }
}

/// One column in wire order: whatever has a fixed width is turned round once, for all rows.
private final class PostgreSQLCopyColumn {
    private enum Kind {
        case byte, word, double, text, numeric, interval
    }

    private let kind: Kind
    private let nulls: [Bool]
    private let words: [UInt32]
    private let longs: [UInt64]
    private let bytes: [Bool]
    private let texts: PackedTexts
    private let numbers: [Double]
    private let intervals: [Value]

    init(_ vector: ColumnVector, rowCount: Int) throws(EngineError) {
        let kind: Kind
        var (words, longs, bytes, numbers): ([UInt32], [UInt64], [Bool], [Double]) = ([], [], [], [])
        var (texts, intervals): (PackedTexts?, [Value]) = (nil, [])
        switch vector.storage {
        case .boolean(let array): (kind, bytes) = (.byte, array)
        case .int64(let array) where vector.type == .integer:
            (kind, words) = (.word, try Self.words(array))
        case .int64(let array) where vector.type == .timestamp:
            longs = array.map { UInt64(bitPattern: PostgreSQLEpoch.encoded(timestamp: $0)).bigEndian }
            kind = .double
        case .int64(let array): (kind, longs) = (.double, array.map { UInt64(bitPattern: $0).bigEndian })
        case .double(let array) where vector.type == .numeric: (kind, numbers) = (.numeric, array)
        case .double(let array): (kind, longs) = (.double, array.map(\.bitPattern.bigEndian))
        case .date(let array):
            words = array.map { UInt32(bitPattern: PostgreSQLEpoch.encoded(date: $0)).bigEndian }
            kind = .word
        case .text(let array): (kind, texts) = (.text, PackedTexts(array))
        case .packed(let array): (kind, texts) = (.text, array)
        case .values(let array): (kind, intervals) = (.interval, array)
        }
        nulls = vector.nulls ?? []
        (self.kind, self.words, self.longs, self.bytes) = (kind, words, longs, bytes)
        (self.texts, self.numbers, self.intervals) = (texts ?? PackedTexts([]), numbers, intervals)
    }

    private static func words(_ array: [Int64]) throws(EngineError) -> [UInt32] {
        guard array.allSatisfy({ Int32(exactly: $0) != nil }) else {
            throw .statement(.numericValueOutOfRange, detail: nil)
        }
        return array.map { UInt32(bitPattern: Int32(truncatingIfNeeded: $0)).bigEndian }
    }

    /// - Precondition: the block has room for 12 bytes.
    @inline(__always)
    func append(row: Int, to block: CopyBlock) {
        if !nulls.isEmpty, nulls[row] { return block.store(UInt32.max) }
        switch kind {
        case .byte:
            block.store(UInt32(1))
            block.store(bytes[row] ? UInt8(1) : 0)
        case .word:
            block.store(UInt32(4))
            block.storeAsIs(words[row])
        case .double:
            block.store(UInt32(8))
            block.storeAsIs(longs[row])
        case .text:
            let text = texts.bytes(row)
            block.store(UInt32(truncatingIfNeeded: text.count))
            block.store(text)
        case .numeric:
            var encoded: [UInt8] = []
            PostgreSQLNumeric.encode(numbers[row], into: &encoded)
            block.store(UInt32(encoded.count))
            encoded.withUnsafeBufferPointer { block.store($0) }
        case .interval: appendInterval(intervals[row], to: block)
        }
    }

    private func appendInterval(_ value: Value, to block: CopyBlock) {
        guard case .interval(let months, let days, let microseconds) = value else {
            return block.store(UInt32.max)
        }
        block.store(UInt32(16))
        block.reserve(16)
        block.store(UInt64(bitPattern: microseconds))
        block.store(UInt32(bitPattern: days))
        block.store(UInt32(bitPattern: months))
    }
}

/// Memory that a message of COPY is gathered in.
///
/// INVARIANT: `used <= capacity`; whoever stores a number has reserved its room.
final class CopyBlock {
    private var memory: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var used = 0

    init(capacity: Int) {
        self.capacity = capacity
        memory = .allocate(capacity: capacity)
    }

    deinit { memory.deallocate() }

    var contents: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: memory, count: used) }

    func removeAll() { used = 0 }

    /// Makes room for `count` bytes.
    @inline(__always)
    func reserve(_ count: Int) {
        if used + count > capacity { grow(to: used + count) }
    }

    private func grow(to size: Int) {
        capacity = max(size, capacity * 2)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: memory, count: used)
        memory.deallocate()
        memory = larger
    }

    /// In network order.
    @inline(__always)
    func store<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) { storeAsIs(number.bigEndian) }

    @inline(__always)
    func storeAsIs<Number: BitwiseCopyable>(_ number: Number) {
        UnsafeMutableRawPointer(memory + used).storeBytes(of: number, as: Number.self)
        used += MemoryLayout<Number>.size
    }

    @inline(__always)
    func store(_ bytes: UnsafeBufferPointer<UInt8>) {
        reserve(bytes.count)
        guard let start = bytes.baseAddress else { return }
        (memory + used).update(from: start, count: bytes.count)
        used += bytes.count
    }
}
