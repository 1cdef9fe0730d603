package import Crypto

/// A SHA-256 digest, written as 64 lower-case hexadecimal digits.
///
/// Digests are of payloads, never of envelopes: signatures are randomised and base64 has two alphabets.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 32
    package let bytes: [UInt8]

    /// - Returns: nil unless there are 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    package init(of bytes: [UInt8]) { self.bytes = Array(SHA256.hash(data: bytes)) }

    package init(_ digest: SHA256.Digest) { bytes = Array(digest) }

    package var description: String { Hexadecimal.encode(bytes) }
}

extension Digest: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let bytes = Hexadecimal.decode(try container.decode(String.self)),
            let digest = Self(bytes: bytes)
        else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a SHA-256 digest")
        }
        self = digest
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Identifies a public key by the first 16 bytes of its SHA-256: a hint where to look, never proof of
/// anything.
package struct KeyID: Hashable, Sendable, Codable, CustomStringConvertible {
    package static let byteCount = 16
    package let text: String

    package init(of publicKey: [UInt8]) {
        text = Hexadecimal.encode(Array(SHA256.hash(data: publicKey).prefix(Self.byteCount)))
    }

    package var description: String { text }

    package init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    init(unchecked text: String) { self.text = text }
}

/// Lower-case hexadecimal.
package enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { output in
            for (index, byte) in bytes.enumerated() {
                output[2 * index] = digits[Int(byte >> 4)]
                output[2 * index + 1] = digits[Int(byte & 15)]
            }
            return bytes.count * 2
        }
    }

    /// - Returns: nil unless `text` is an even number of hexadecimal digits.
    package static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { byte -> UInt8 in
            switch byte {
            case 0x30...0x39: byte - 0x30
            case 0x61...0x66: byte - 0x61 + 10
            default: 0xFF
            }
        }
        guard digits.count % 2 == 0, !digits.contains(0xFF) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
