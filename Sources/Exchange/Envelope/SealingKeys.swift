import Crypto
import Foundation

/// The public half of a sealing key (X-Wing: X25519 with ML-KEM-768).
package struct SealingPublicKey: Sendable {
    package let bytes: [UInt8]
    let key: XWingMLKEM768X25519.PublicKey

    /// - Throws: `malformed` if the bytes are not an X-Wing public key.
    package init(bytes: [UInt8]) throws(ExchangeError) {
        do {
            key = try XWingMLKEM768X25519.PublicKey(rawRepresentation: bytes)
        } catch {
            throw ExchangeError(.malformed, "not a sealing key")
        }
        self.bytes = bytes
    }

    package var keyID: KeyID { KeyID(of: bytes) }
}

extension SealingPublicKey: Hashable, Codable {
    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

    package init(from decoder: any Decoder) throws {
        try self.init(bytes: Base64Bytes(from: decoder).bytes)
    }

    package func encode(to encoder: any Encoder) throws { try Base64Bytes(bytes).encode(to: encoder) }
}

/// The private half: a node's prekey, or the one-time response key of one request.
package struct SealingPrivateKey: Sendable {
    let key: XWingMLKEM768X25519.PrivateKey
    package let publicKey: SealingPublicKey

    /// Generates a fresh key.
    package init() throws(ExchangeError) {
        do {
            try self.init(key: XWingMLKEM768X25519.PrivateKey.generate())
        } catch {
            throw ExchangeError(.missingKey, "a sealing key cannot be generated")
        }
    }

    /// - Parameter seed: 32 bytes, as `seed` gave them.
    package init(seed: [UInt8]) throws(ExchangeError) {
        do {
            try self.init(key: XWingMLKEM768X25519.PrivateKey(seedRepresentation: seed, publicKey: nil))
        } catch {
            throw ExchangeError(.missingKey, "not a sealing key")
        }
    }

    private init(key: XWingMLKEM768X25519.PrivateKey) throws {
        self.key = key
        publicKey = try SealingPublicKey(bytes: Array(key.publicKey.rawRepresentation))
    }

    /// What the key vault keeps.
    package var seed: [UInt8] { Array(key.seedRepresentation) }
}
