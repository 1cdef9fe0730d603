/// Writes the binary framing around sealed messages: big-endian lengths before every field.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    mutating func append(zeros count: Int) { bytes.append(contentsOf: repeatElement(0, count: count)) }

    mutating func append(raw: [UInt8]) { bytes += raw }

    mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// At most 65,535 bytes.
    mutating func append(short field: [UInt8]) {
        append(UInt16(field.count))
        bytes += field
    }

    mutating func append(short text: String) { append(short: Array(text.utf8)) }

    mutating func append(long field: [UInt8]) {
        append(UInt32(field.count))
        bytes += field
    }
}

/// Reads what `ByteWriter` wrote; every read past the end is `malformed`.
struct ByteReader {
    let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var remaining: Int { bytes.count - offset }

    mutating func raw(_ count: Int) throws(ExchangeError) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw ExchangeError(.malformed, "the frame ends early") }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    mutating func number<T: FixedWidthInteger>(_ type: T.Type) throws(ExchangeError) -> T {
        try raw(MemoryLayout<T>.size).reduce(T.zero) { $0 << 8 | T(truncatingIfNeeded: $1) }
    }

    mutating func short() throws(ExchangeError) -> [UInt8] { try raw(Int(try number(UInt16.self))) }

    mutating func shortText() throws(ExchangeError) -> String {
        guard let text = String(validating: try short(), as: UTF8.self) else {
            throw ExchangeError(.malformed, "a text of the frame is not UTF-8")
        }
        return text
    }

    mutating func long() throws(ExchangeError) -> [UInt8] { try raw(Int(try number(UInt32.self))) }
}
