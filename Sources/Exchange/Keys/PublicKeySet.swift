/// One generation of an organisation's public keys, one a role, as the directory lists them.
package struct PublicKeySet: Codable, Hashable, Sendable {
    /// Counts up with each rotation; two generations overlap.
    package let generation: Int
    package let validFrom: WireInstant
    package let validUntil: WireInstant
    package let query: VerifyingKey
    package let agreement: VerifyingKey
    package let directory: VerifyingKey
    /// Ed25519, 32 bytes: signs the heads of the transparency log.
    package let checkpoint: Base64Bytes
    /// What is sealed to the organisation is sealed to this key.
    package let sealing: SealingPublicKey
    /// DER of the self-signed certificate that the node presents, and no other.
    package let tlsCertificate: Base64Bytes

    package init(
        generation: Int, validFrom: WireInstant, validUntil: WireInstant, query: VerifyingKey,
        agreement: VerifyingKey, directory: VerifyingKey, checkpoint: Base64Bytes, sealing: SealingPublicKey,
        tlsCertificate: Base64Bytes
    ) {
        self.generation = generation
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.query = query
        self.agreement = agreement
        self.directory = directory
        self.checkpoint = checkpoint
        self.sealing = sealing
        self.tlsCertificate = tlsCertificate
    }

    package func verifying(_ use: SigningUse) -> VerifyingKey {
        switch use {
        case .query: query
        case .agreement: agreement
        case .directory: directory
        }
    }

    /// The certificate's SHA-256.
    package var certificateDigest: Digest { Digest(of: tlsCertificate.bytes) }

    func isInForce(at now: WireInstant) -> Bool {
        validFrom <= now.advanced(bySeconds: Clocks.skewSeconds)
            && now <= validUntil.advanced(bySeconds: Clocks.skewSeconds)
    }
}
