import CSodium

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, libsodium's IETF form): nonce of 24 random bytes, then
/// ciphertext and tag.
enum Sealing {
    static let nonceSize = 24
    static let tagSize = 16

    static func seal(_ plain: [UInt8], context: String, key: LockedKey) -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: nonceSize + plain.count + tagSize)
        let associated = Array(context.utf8)
        sealed.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            randombytes_buf(start, nonceSize)
            key.withBytes { key in
                _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
                    start + nonceSize, nil, plain, UInt64(plain.count), associated,
                    UInt64(associated.count), nil, start, key)
            }
        }
        return sealed
    }

    /// - Returns: nil when the bytes were changed, or sealed for another context or with another key.
    static func open(_ sealed: [UInt8], context: String, key: LockedKey) -> [UInt8]? {
        guard sealed.count >= nonceSize + tagSize else { return nil }
        // One spare byte: an empty plaintext still needs an address.
        var plain = [UInt8](repeating: 0, count: sealed.count - nonceSize - tagSize + 1)
        let associated = Array(context.utf8)
        let status = sealed.withUnsafeBufferPointer { buffer -> Int32 in
            guard let start = buffer.baseAddress else { return -1 }
            return key.withBytes { key in
                crypto_aead_xchacha20poly1305_ietf_decrypt(
                    &plain, nil, nil, start + nonceSize, UInt64(sealed.count - nonceSize), associated,
                    UInt64(associated.count), start, key)
            }
        }
        guard status == 0 else { return nil }
        plain.removeLast()
        return plain
    }

    /// Keyed BLAKE2b-256 of the label: a subkey from which the key cannot be found.
    static func subkey(of key: LockedKey, label: String, into output: UnsafeMutablePointer<UInt8>) {
        let message = Array(label.utf8)
        key.withBytes { key in
            _ = crypto_generichash(
                output, LockedKey.size, message, UInt64(message.count), key, LockedKey.size)
        }
    }
}
