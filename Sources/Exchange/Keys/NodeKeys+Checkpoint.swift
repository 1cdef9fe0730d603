import Crypto

extension NodeKeys {
    /// Signs the head of the transparency log: Ed25519 over the note's text.
    package func signCheckpoint(_ note: [UInt8]) throws -> [UInt8] {
        Array(try Curve25519.Signing.PrivateKey(rawRepresentation: checkpointSeed).signature(for: note))
    }
}
