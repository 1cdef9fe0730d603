internal import Crypto
internal import CryptoExtras
internal import Foundation
package import Policy

/// Somebody who signs in at this node.
package struct NodeUser: Hashable, Sendable {
    package let name: String
    package let roles: Set<UserRole>
    package let isHeld: Bool
    /// Milliseconds since 1970; nil where no failures have locked it.
    package let lockedUntil: Int64?
    package let failures: Int

    func isLocked(at now: Int64) -> Bool { isHeld || (lockedUntil ?? 0) > now }
}

/// What is kept of a password, sealed: Argon2id for sign-in by form, SCRAM for PostgreSQL's clients.
struct PasswordRecord: Codable, Sendable {
    /// Empty for who has no password.
    let argon2id: String
    let scram: SCRAMKeys

    /// Of somebody whom a provider signs in: no password fits.
    static func none() throws -> PasswordRecord {
        PasswordRecord(argon2id: "", scram: try SCRAMKeys(password: SecretText.make()))
    }
}

/// What SCRAM-SHA-256 checks a proof against (RFC 5802, 3). Whoever has it can check guesses, not sign in.
package struct SCRAMKeys: Codable, Hashable, Sendable {
    package let salt: [UInt8]
    package let iterations: Int
    package let storedKey: [UInt8]
    package let serverKey: [UInt8]

    /// Four times what RFC 7677 asks for at least.
    static let iterations = 16_384
    static let saltSize = 16

    init(salt: [UInt8], iterations: Int, storedKey: [UInt8], serverKey: [UInt8]) {
        self.salt = salt
        self.iterations = iterations
        self.storedKey = storedKey
        self.serverKey = serverKey
    }

    /// - Parameter password: prepared by `PasswordText`.
    init(password: String) throws {
        var generator = SystemRandomNumberGenerator()
        salt = (0..<Self.saltSize).map { _ in UInt8.random(in: 0...255, using: &generator) }
        iterations = Self.iterations
        let salted = try KDF.Insecure.PBKDF2.deriveKey(
            from: Data(password.utf8), salt: Data(salt), using: .sha256, outputByteCount: 32,
            unsafeUncheckedRounds: Self.iterations)
        func key(_ label: String) -> [UInt8] {
            Array(HMAC<SHA256>.authenticationCode(for: Array(label.utf8), using: salted))
        }
        storedKey = Array(SHA256.hash(data: key("Client Key")))
        serverKey = key("Server Key")
    }
}

/// Passwords as people type them, in one form.
enum PasswordText {
    /// SASLprep (RFC 4013), as far as it changes what people type: other spaces become spaces, what is invisible
    /// goes, compatible forms become one.
    /// - Throws: `NodeError` for one that is too short or long, or holds what cannot be typed.
    static func prepared(_ password: String) throws -> String {
        let invisible: Set<UInt32> = [0xAD, 0x34F, 0x1806, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF]
        var scalars = String.UnicodeScalarView()
        for scalar in password.unicodeScalars where !invisible.contains(scalar.value) {
            scalars.append(scalar.properties.generalCategory == .spaceSeparator ? " " : scalar)
        }
        let text = String(scalars).precomposedStringWithCompatibilityMapping
        guard
            text.unicodeScalars.allSatisfy({
                ![.control, .surrogate, .unassigned].contains($0.properties.generalCategory)
            })
        else { throw NodeError(.input, "the password holds characters that cannot be typed") }
        guard text.unicodeScalars.count >= 12 else {
            throw NodeError(.input, "the password is too short: take at least 12 characters, or four words")
        }
        guard text.utf8.count <= 256 else { throw NodeError(.input, "the password is longer than 256 bytes") }
        return text
    }
}
