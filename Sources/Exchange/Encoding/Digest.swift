internal import Core
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
