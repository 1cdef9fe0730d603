/// Bytes that stand in JSON as base64 (RFC 4648): written in the standard alphabet with padding, read in the
/// standard and the URL-safe alphabet, with or without padding.
package struct Base64Bytes: Hashable, Sendable {
    package let bytes: [UInt8]

    package init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    package var text: String { String(decoding: Self.encode(bytes), as: UTF8.self) }

    /// - Returns: nil unless `text` is base64 whose unused bits are zero.
    package init?(text: String) {
        var text = text
        guard let bytes = text.withUTF8({ Self.decode($0) }) else { return nil }
        self.bytes = bytes
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (index, character) in alphabet.enumerated() { values[Int(character)] = UInt8(index) }
        values[Int(UInt8(ascii: "-"))] = 62
        values[Int(UInt8(ascii: "_"))] = 63
        return values
    }()

    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        let length = (bytes.count + 2) / 3 * 4
        return [UInt8](unsafeUninitializedCapacity: length) { output, count in
            alphabet.withUnsafeBufferPointer { alphabet in
                var at = 0
                var from = 0
                while from < bytes.count {
                    let rest = bytes.count - from
                    let second = rest > 1 ? bytes[from + 1] : 0
                    let third = rest > 2 ? bytes[from + 2] : 0
                    let word = UInt32(bytes[from]) << 16 | UInt32(second) << 8 | UInt32(third)
                    output[at] = alphabet[Int(word >> 18)]
                    output[at + 1] = alphabet[Int(word >> 12 & 63)]
                    output[at + 2] = rest > 1 ? alphabet[Int(word >> 6 & 63)] : UInt8(ascii: "=")
                    output[at + 3] = rest > 2 ? alphabet[Int(word & 63)] : UInt8(ascii: "=")
                    at += 4
                    from += 3
                }
            }
            count = length
        }
    }

    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var end = text.count
        while end > 0, text.count - end < 2, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        guard end == text.count || text.count % 4 == 0, end % 4 != 1 else { return nil }
        var bad: UInt8 = 0
        var leftover: UInt32 = 0
        let decoded = [UInt8](unsafeUninitializedCapacity: end * 3 / 4) { output, count in
            values.withUnsafeBufferPointer { values in
                var word: UInt32 = 0
                var bits = 0
                for index in 0..<end {
                    let value = values[Int(text[index])]
                    bad |= value & 0x80
                    word = word << 6 | UInt32(value & 63)
                    bits += 6
                    if bits >= 8 {
                        bits -= 8
                        output[count] = UInt8(truncatingIfNeeded: word >> UInt32(bits))
                        count += 1
                    }
                }
                leftover = word & (1 << UInt32(bits) - 1)
            }
        }
        return bad == 0 && leftover == 0 ? decoded : nil
    }
}

extension Base64Bytes: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not base64")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
