internal import CSodium
internal import Crypto
internal import CryptoExtras
internal import Foundation

/// Turns NHS numbers into pseudonyms of 128 bits: AES-256 of the number as one block, a pseudo-random permutation
/// under a key of one question and one cell.
///
/// A block cipher rather than a keyed hash: as one-way without the key, never one pseudonym for two numbers, and
/// a hundred times as fast, which matters to a site that has a million people.
package struct Pseudonymiser: Sendable {
    package static let byteCount = 16
    private let key: SymmetricKey

    init(key: SymmetricKey) { self.key = key }

    /// One pseudonym for each number, in order.
    package func pseudonyms(of numbers: some Collection<Int64>) -> [UInt128] {
        guard !numbers.isEmpty else { return [] }
        var blocks = numbers.map { UInt128(UInt64(bitPattern: $0)).littleEndian }
        // CBC run backwards is the inverse cipher of each block, exclusive-or the block before: one call for all.
        let plain = blocks.withUnsafeBytes { bytes in
            do {
                return try AES._CBC.decrypt(
                    bytes, using: key, iv: AES._CBC.IV(ivBytes: [UInt8](repeating: 0, count: 16)),
                    noPadding: true)
            } catch {
                preconditionFailure("AES-256 of whole blocks does not fail")
            }
        }
        plain.withUnsafeBytes { bytes in
            var before: UInt128 = 0
            for index in blocks.indices {
                let block = blocks[index]
                blocks[index] =
                    bytes.loadUnaligned(fromByteOffset: index * Self.byteCount, as: UInt128.self) ^ before
                before = block
            }
        }
        return blocks
    }
}

/// libsodium, made ready once.
enum Sodium {
    private static let ready = sodium_init() >= 0

    static func initialise() { precondition(ready, "libsodium does not initialise") }

    /// Keyed BLAKE2b of `message`, 16 bytes.
    static func keyedHash(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        initialise()
        return [UInt8](unsafeUninitializedCapacity: 16) { output, count in
            _ = crypto_generichash(
                output.baseAddress!, 16, message, UInt64(message.count), key, key.count)
            count = 16
        }
    }
}
