import Crypto
import Foundation

/// A pair of public keys whose signatures are required together: one generation of one role.
package struct VerifyingKey: Sendable {
    package let ed25519: [UInt8]
    package let mldsa65: [UInt8]
    private let classical: Curve25519.Signing.PublicKey
    private let postQuantum: MLDSA65.PublicKey

    /// - Throws: `malformed` if either is not a key.
    package init(ed25519: [UInt8], mldsa65: [UInt8]) throws(ExchangeError) {
        do {
            classical = try Curve25519.Signing.PublicKey(rawRepresentation: ed25519)
            postQuantum = try MLDSA65.PublicKey(rawRepresentation: mldsa65)
        } catch {
            throw ExchangeError(.malformed, "not a public signing key")
        }
        self.ed25519 = ed25519
        self.mldsa65 = mldsa65
    }

    /// Checks both signatures over the same bytes.
    package func verify(_ signature: HybridSignature, of message: [UInt8]) -> Bool {
        let isClassical = classical.isValidSignature(signature.ed25519, for: message)
        return postQuantum.isValidSignature(signature.mldsa65, for: message) && isClassical
    }

    /// Identifies the pair: a hint.
    package var keyID: KeyID { KeyID(of: ed25519 + mldsa65) }
}

extension VerifyingKey: Hashable, Codable {
    private enum CodingKeys: String, CodingKey {
        case ed25519
        case mldsa65
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.ed25519 == right.ed25519 && left.mldsa65 == right.mldsa65
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(ed25519) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            ed25519: container.decode(Base64Bytes.self, forKey: .ed25519).bytes,
            mldsa65: container.decode(Base64Bytes.self, forKey: .mldsa65).bytes)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Base64Bytes(ed25519), forKey: .ed25519)
        try container.encode(Base64Bytes(mldsa65), forKey: .mldsa65)
    }
}

/// Both signatures over the same bytes.
package struct HybridSignature: Hashable, Sendable {
    package static let ed25519Count = 64
    /// FIPS 204, table 2: ML-DSA-65.
    package static let mldsa65Count = 3309

    package let ed25519: [UInt8]
    package let mldsa65: [UInt8]

    package init(ed25519: [UInt8], mldsa65: [UInt8]) {
        self.ed25519 = ed25519
        self.mldsa65 = mldsa65
    }
}

/// The private halves of a signing pair.
package struct SigningKey: Sendable {
    private let classical: Curve25519.Signing.PrivateKey
    private let postQuantum: MLDSA65.PrivateKey
    package let verifying: VerifyingKey

    /// Generates a fresh pair.
    package init() throws(ExchangeError) {
        do {
            try self.init(classical: Curve25519.Signing.PrivateKey(), postQuantum: MLDSA65.PrivateKey())
        } catch {
            throw ExchangeError(.missingKey, "a signing key cannot be generated")
        }
    }

    /// - Parameter seed: 64 bytes, as `seed` gave them.
    package init(seed: [UInt8]) throws(ExchangeError) {
        do {
            try self.init(
                classical: Curve25519.Signing.PrivateKey(rawRepresentation: seed.prefix(32)),
                postQuantum: MLDSA65.PrivateKey(seedRepresentation: seed.dropFirst(32), publicKey: nil))
        } catch {
            throw ExchangeError(.missingKey, "not a signing key")
        }
    }

    private init(classical: Curve25519.Signing.PrivateKey, postQuantum: MLDSA65.PrivateKey) throws {
        self.classical = classical
        self.postQuantum = postQuantum
        verifying = try VerifyingKey(
            ed25519: Array(classical.publicKey.rawRepresentation),
            mldsa65: Array(postQuantum.publicKey.rawRepresentation))
    }

    /// What the key vault keeps.
    package var seed: [UInt8] { Array(classical.rawRepresentation) + Array(postQuantum.seedRepresentation) }

    package func sign(_ message: [UInt8]) throws(ExchangeError) -> HybridSignature {
        do {
            return HybridSignature(
                ed25519: Array(try classical.signature(for: message)),
                mldsa65: Array(try postQuantum.signature(for: message)))
        } catch {
            throw ExchangeError(.missingKey, "the signing key cannot sign")
        }
    }
}
