import CSodium

/// Passwords of people, as Argon2id keeps them (RFC 9106): a text with its own salt and costs.
package enum PasswordHash {
    /// libsodium's INTERACTIVE: 64 MiB and two passes, so that sign-ins can go side by side.
    private static let operations: UInt64 = 2
    private static let memory = 64 << 20

    /// - Throws: ``StoreError/Code/cryptography`` where the memory is not to be had.
    package static func make(_ password: String) throws -> String {
        guard sodium_init() >= 0 else { throw StoreError(.cryptography, "libsodium cannot start.") }
        let words = password.utf8.map { CChar(bitPattern: $0) }
        var text = [CChar](repeating: 0, count: crypto_pwhash_strbytes())
        let status = crypto_pwhash_str_alg(
            &text, words, UInt64(words.count), operations, memory, crypto_pwhash_alg_argon2id13())
        guard status == 0 else {
            throw StoreError(.cryptography, "keeping a password needs \(memory >> 20) MiB of memory.")
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether it is the password; in a time that does not depend on how near it comes.
    package static func verify(_ password: String, against hash: String) -> Bool {
        let words = password.utf8.map { CChar(bitPattern: $0) }
        return hash.withCString { crypto_pwhash_str_verify($0, words, UInt64(words.count)) } == 0
    }
}
