import CSodium
import Foundation

/// `keys/vault.json`: how the passphrase becomes the wrapping key, and the wrapped master key.
///
/// The costs and salt are bound to the wrapped key as associated data, so that nobody can lower them.
struct VaultHeader: Codable, Equatable {
    /// Costs of Argon2id (RFC 9106), as libsodium counts them.
    struct Cost: Codable, Equatable {
        let operations: UInt64
        let memoryBytes: Int

        /// For words a person chose: libsodium's MODERATE, 256 MiB.
        static let words = Cost(operations: 3, memoryBytes: 256 << 20)
        /// For 256 random bits, where guessing is hopeless anyway: libsodium's INTERACTIVE, 64 MiB.
        static let random = Cost(operations: 2, memoryBytes: 64 << 20)
        /// Nothing beyond is read from a file: a changed header must not exhaust the machine.
        var isAcceptable: Bool { (1...16).contains(operations) && (8 << 10...1 << 30).contains(memoryBytes) }
    }

    let version: Int
    let cost: Cost
    let salt: String
    let wrappedKey: String

    private static func context(_ cost: Cost, salt: String) -> String {
        "concordat vault 1 argon2id13 \(cost.operations) \(cost.memoryBytes) \(salt)"
    }

    /// Wraps a new random master key.
    static func make(_ passphrase: Passphrase, cost: Cost) throws -> (VaultHeader, LockedKey) {
        let master = try LockedKey { randombytes_buf($0, LockedKey.size) }
        var salt = [UInt8](repeating: 0, count: crypto_pwhash_saltbytes())
        randombytes_buf(&salt, salt.count)
        let wrapping = try stretch(passphrase.bytes, salt: salt, cost: cost)
        let saltText = Hexadecimal.encode(salt)
        var plain = master.withBytes { Array(UnsafeBufferPointer(start: $0, count: LockedKey.size)) }
        defer { sodium_memzero(&plain, plain.count) }
        let wrapped = Sealing.seal(plain, context: context(cost, salt: saltText), key: wrapping)
        let header = VaultHeader(
            version: 1, cost: cost, salt: saltText, wrappedKey: Hexadecimal.encode(wrapped))
        return (header, master)
    }

    /// Unwraps the master key.
    func unlock(_ passphrase: Passphrase) throws -> LockedKey {
        guard version == 1, cost.isAcceptable, let salt = Hexadecimal.decode(salt),
            salt.count == crypto_pwhash_saltbytes(), let wrapped = Hexadecimal.decode(wrappedKey)
        else { throw StoreError(.tampered, "keys/vault.json is damaged: restore it from a backup.") }
        let wrapping = try Self.stretch(passphrase.bytes, salt: salt, cost: cost)
        let context = Self.context(cost, salt: self.salt)
        guard var plain = Sealing.open(wrapped, context: context, key: wrapping),
            plain.count == LockedKey.size
        else {
            throw StoreError(
                .wrongPassphrase,
                "the passphrase from the \(passphrase.source.rawValue) does not open the vault.")
        }
        defer { sodium_memzero(&plain, plain.count) }
        return try LockedKey { $0.update(from: plain, count: LockedKey.size) }
    }

    private static func stretch(_ passphrase: [UInt8], salt: [UInt8], cost: Cost) throws -> LockedKey {
        let words = passphrase.map { CChar(bitPattern: $0) }
        return try LockedKey { key in
            let status = crypto_pwhash(
                key, UInt64(LockedKey.size), words, UInt64(words.count), salt, cost.operations,
                cost.memoryBytes, crypto_pwhash_alg_argon2id13())
            guard status == 0 else {
                throw StoreError(
                    .cryptography, "unlocking the vault needs \(cost.memoryBytes >> 20) MiB of memory.")
            }
        }
    }

    static func read(_ path: String) throws -> VaultHeader? {
        guard let content = try PrivateFile.read(path) else { return nil }
        do {
            return try JSONDecoder().decode(VaultHeader.self, from: Data(content))
        } catch {
            throw StoreError(.tampered, "keys/vault.json is damaged: restore it from a backup.")
        }
    }

    func write(_ path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try PrivateFile.write(encoder.encode(self), to: path)
    }
}
