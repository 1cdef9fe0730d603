package import Core

/// The signed body: a document with everything that binds it to its sender, recipient, question and time.
package struct Message<Body: WireDocument>: Codable, Hashable, Sendable {
    package let suite: Suite
    package let type: DocumentType
    package let sender: OrganisationCode
    package let recipient: OrganisationCode
    package let recipientKey: KeyID
    package let issuedAt: WireInstant
    package let expiresAt: WireInstant
    /// The payload digest of the request that this answers.
    package let requestDigest: Digest?
    /// The digests of what travels beside the envelope, in order.
    package let attachments: [Digest]
    package let body: Body
}

/// A message that was opened and verified.
package struct Opened<Body: WireDocument>: Sendable {
    package let message: Message<Body>
    /// Identifies the signed content: what an answer names, and what the replay guard compares.
    package let digest: Digest
    package let attachments: [[UInt8]]
    /// The signed envelope, e.g. to be shown to a third party.
    package let envelope: DSSEEnvelope

    package var body: Body { message.body }
    package var sender: OrganisationCode { message.sender }
}

/// Where the public keys of organisations come from.
package protocol KeyDirectory: Sendable {
    /// The generations of `organisation`'s keys that are in force at `now`, newest first.
    /// - Throws: `unknownSender`, `revoked`, `directoryExpired`.
    func verifyingKeys(
        of organisation: OrganisationCode, for use: SigningUse, at now: WireInstant
    ) throws(ExchangeError) -> [VerifyingKey]
}

/// What a signing key may be used for: separate keys, so that one stolen does not speak for the others.
package enum SigningUse: String, Codable, Sendable, CaseIterable {
    case query
    case agreement
    case directory
}
