/// Bytes in network order, written.
struct WireBytes {
    var bytes: [UInt8] = []

    mutating func integer(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func int16(_ value: Int) { integer(Int16(clamping: value)) }
    mutating func int32(_ value: Int) { integer(Int32(clamping: value)) }

    /// A C string: zero bytes within are left out, for they would end it.
    mutating func string(_ text: String) {
        bytes.append(contentsOf: text.utf8.lazy.filter { $0 != 0 })
        bytes.append(0)
    }

    /// A length and the bytes; -1 for NULL.
    mutating func field(_ value: [UInt8]?) {
        guard let value else { return int32(-1) }
        int32(value.count)
        bytes += value
    }
}

/// Bytes in network order, read; never beyond their end.
struct WireReader {
    private let bytes: ArraySlice<UInt8>
    private var place: Int

    init(_ bytes: some Collection<UInt8>) {
        let all = Array(bytes)
        self.bytes = all[...]
        place = 0
    }

    var isAtEnd: Bool { place == bytes.endIndex }
    var rest: [UInt8] { Array(bytes[place...]) }

    mutating func integer<Integer: FixedWidthInteger>(_: Integer.Type) throws(FrameError) -> Integer {
        let size = Integer.bitWidth / 8
        guard bytes.endIndex - place >= size else { throw .badLength }
        defer { place += size }
        return bytes[place..<(place + size)].reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
    }

    mutating func int16() throws(FrameError) -> Int { Int(try integer(Int16.self)) }
    mutating func int32() throws(FrameError) -> Int { Int(try integer(Int32.self)) }

    mutating func byte() throws(FrameError) -> UInt8 { try integer(UInt8.self) }

    mutating func take(_ count: Int) throws(FrameError) -> [UInt8] {
        guard count >= 0, bytes.endIndex - place >= count else { throw .badLength }
        defer { place += count }
        return Array(bytes[place..<(place + count)])
    }

    mutating func string() throws(FrameError) -> String {
        guard let end = bytes[place...].firstIndex(of: 0) else { throw .unterminated }
        guard let text = String(validating: bytes[place..<end], as: UTF8.self) else { throw .notUTF8 }
        place = end + 1
        return text
    }

    /// A count that is not negative, then as many of something.
    mutating func list<Element>(
        _ read: (inout WireReader) throws(FrameError) -> Element
    ) throws(FrameError) -> [Element] {
        let count = Int(try integer(UInt16.self))
        var elements: [Element] = []
        for _ in 0..<count { elements.append(try read(&self)) }
        return elements
    }

    func finish() throws(FrameError) { if !isAtEnd { throw .badLength } }
}
