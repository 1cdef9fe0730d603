package import Core

/// Sign, then seal; open, then verify: the only way in and out for documents between organisations.
package enum Envelope {
    /// Whom a message goes to, and until when it holds.
    package struct Addressing: Hashable, Sendable {
        package let sender: OrganisationCode
        package let recipient: OrganisationCode
        package let recipientKey: SealingPublicKey
        package let issuedAt: WireInstant
        package let expiresAt: WireInstant
        /// For an answer: the payload digest of its request.
        package let requestDigest: Digest?

        package init(
            from sender: OrganisationCode, to recipient: OrganisationCode, key: SealingPublicKey,
            issuedAt: WireInstant, expiresAt: WireInstant, answering requestDigest: Digest? = nil
        ) {
            self.sender = sender
            self.recipient = recipient
            self.recipientKey = key
            self.issuedAt = issuedAt
            self.expiresAt = expiresAt
            self.requestDigest = requestDigest
        }
    }

    /// A message ready to send, with the digest of its payload.
    package struct Sealed: Hashable, Sendable {
        package let bytes: [UInt8]
        package let digest: Digest
    }

    /// Signs `document` with both keys of `key` and seals it to the recipient's key.
    /// - Parameter attachments: bytes bound to the document by digest, which need not pass through JSON.
    package static func seal<Body: WireDocument>(
        _ document: Body, attachments: [[UInt8]] = [], addressing: Addressing, signedBy key: SigningKey
    ) throws(ExchangeError) -> Sealed {
        let message = Message(
            suite: .hybrid1, type: Body.type, sender: addressing.sender, recipient: addressing.recipient,
            recipientKey: addressing.recipientKey.keyID, issuedAt: addressing.issuedAt,
            expiresAt: addressing.expiresAt, requestDigest: addressing.requestDigest,
            attachments: attachments.map(Digest.init(of:)), body: document)
        let payload = try WireJSON.encode(message)
        let envelope = try DSSEEnvelope(signing: payload, type: Body.type.payloadType, by: key)
        let bytes = try seal(envelope, attachments: attachments, as: Body.type, addressing: addressing)
        return Sealed(bytes: bytes, digest: Digest(of: payload))
    }

    /// Seals what is signed already. The opener compares this addressing with the signed body's.
    static func seal(
        _ envelope: DSSEEnvelope, attachments: [[UInt8]], as type: DocumentType, addressing: Addressing
    ) throws(ExchangeError) -> [UInt8] {
        let header = SealedMessage.Header(
            suite: .hybrid1, type: type, sender: addressing.sender, recipient: addressing.recipient,
            recipientKey: addressing.recipientKey.keyID, expiresAt: addressing.expiresAt,
            requestDigest: addressing.requestDigest)
        let content = SealedContent(envelope: try envelope.serialised(), attachments: attachments)
        return try SealedMessage.seal(content.padded, header: header, to: addressing.recipientKey).bytes
    }

    /// What the opener holds and expects.
    package struct Expectation: Sendable {
        let recipient: OrganisationCode
        let keys: [SealingPrivateKey]
        let sender: OrganisationCode?
        let requestDigest: Digest?

        /// - Parameters:
        ///   - keys: private keys that may open the message; which one is told by its key id.
        ///   - sender: who must have sent it; nil for anybody in the directory.
        ///   - requestDigest: for an answer, the payload digest of the request; nil where none was asked.
        package init(
            recipient: OrganisationCode, keys: [SealingPrivateKey], sender: OrganisationCode? = nil,
            answering requestDigest: Digest? = nil
        ) {
            self.recipient = recipient
            self.keys = keys
            self.sender = sender
            self.requestDigest = requestDigest
        }
    }

    /// Opens, verifies both signatures, then checks that the message is for us, of this type, of this time
    /// and of this question. Replays are the replay guard's to refuse, afterwards.
    package static func open<Body: WireDocument>(
        _ bytes: [UInt8], as type: Body.Type, expecting expected: Expectation, directory: some KeyDirectory,
        at now: WireInstant, limits: WireLimits = .standard
    ) throws(ExchangeError) -> Opened<Body> {
        let sealed = try SealedMessage(parsing: bytes, limits: limits)
        let header = sealed.header
        guard header.type == Body.type else { throw ExchangeError(.wrongType, "header") }
        guard header.recipient == expected.recipient else { throw ExchangeError(.wrongRecipient, "header") }
        guard let key = expected.keys.first(where: { $0.publicKey.keyID == header.recipientKey }) else {
            throw ExchangeError(.wrongRecipient, "not sealed to a key held here")
        }
        let content = try SealedContent(parsing: try sealed.open(with: key))
        let envelope = try DSSEEnvelope(parsing: content.envelope, limits: limits)
        guard envelope.payloadType == Body.type.payloadType else {
            throw ExchangeError(.wrongType, "envelope")
        }
        let keys = try directory.verifyingKeys(of: header.sender, for: .query, at: now)
        try envelope.verify(by: keys)
        let message = try WireJSON.decode(Message<Body>.self, from: envelope.payload, limits: limits)
        try check(message, against: header, expected: expected, at: now)
        guard message.attachments == content.attachments.map(Digest.init(of:)) else {
            throw ExchangeError(.changedByte, "an attachment is not the one that was signed")
        }
        return Opened(
            message: message, digest: Digest(of: envelope.payload), attachments: content.attachments,
            envelope: envelope)
    }

    private static func check<Body>(
        _ message: Message<Body>, against header: SealedMessage.Header, expected: Expectation,
        at now: WireInstant
    ) throws(ExchangeError) {
        guard message.recipient == expected.recipient, message.recipientKey == header.recipientKey else {
            throw ExchangeError(.wrongRecipient, "signed body")
        }
        guard message.sender == header.sender, message.sender == expected.sender ?? message.sender else {
            throw ExchangeError(.unknownSender, "signed body")
        }
        guard message.type == header.type else { throw ExchangeError(.wrongType, "signed body") }
        guard message.suite == header.suite else { throw ExchangeError(.unknownSuite, "signed body") }
        guard message.requestDigest == header.requestDigest,
            message.requestDigest == expected.requestDigest
        else { throw ExchangeError(.wrongRequest, "signed body") }
        guard message.expiresAt == header.expiresAt else { throw ExchangeError(.malformed, "expiry") }
        try checkTime(issuedAt: message.issuedAt, expiresAt: message.expiresAt, at: now)
    }

    /// - Throws: `expired`, `notYetValid`; `malformed` where the lifetime is longer than any message may
    /// have.
    package static func checkTime(
        issuedAt: WireInstant, expiresAt: WireInstant, at now: WireInstant
    ) throws(ExchangeError) {
        guard issuedAt <= now.advanced(bySeconds: Clocks.skewSeconds) else {
            throw ExchangeError(.notYetValid)
        }
        guard now <= expiresAt.advanced(bySeconds: Clocks.skewSeconds) else { throw ExchangeError(.expired) }
        guard issuedAt <= expiresAt,
            expiresAt <= issuedAt.advanced(bySeconds: Clocks.longestLifetimeSeconds)
        else { throw ExchangeError(.malformed, "lifetime") }
    }
}
