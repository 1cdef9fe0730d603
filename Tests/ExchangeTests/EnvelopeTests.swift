import Core
import Testing

@testable import Exchange

@Suite("Envelope")
struct EnvelopeTests {
    private let federation: Federation
    private let directory: Directory
    private let captured: Envelope.Sealed
    private let request: QueryRequest

    init() throws {
        federation = try Federation.shared.get()
        directory = try federation.directory()
        request = try federation.request()
        captured = try Envelope.seal(
            request, attachments: [[1, 2, 3], []], addressing: federation.addressing(),
            signedBy: federation.keys(of: Federation.requester).query)
    }

    private func open(
        _ bytes: [UInt8], at now: WireInstant = Federation.now, expecting: Envelope.Expectation? = nil,
        directory: Directory? = nil, limits: WireLimits = .standard
    ) throws -> Opened<QueryRequest> {
        try Envelope.open(
            bytes, as: QueryRequest.self, expecting: expecting ?? federation.expectation(),
            directory: directory ?? self.directory, at: now, limits: limits)
    }

    /// Seals an envelope of our own making under a real message's header.
    private func reseal(_ envelope: DSSEEnvelope, sender: OrganisationCode = Federation.requester) throws
        -> [UInt8]
    {
        let opened = try open(captured.bytes)
        return try Envelope.seal(
            envelope, attachments: opened.attachments, as: .queryRequest,
            addressing: federation.addressing(from: sender))
    }

    @Test func opensWhatWasSealed() throws {
        let opened = try open(captured.bytes)
        #expect(opened.body == request)
        #expect(opened.sender == Federation.requester)
        #expect(opened.digest == captured.digest)
        #expect(opened.attachments == [[1, 2, 3], []])
    }

    @Test func sizesFallIntoBuckets() throws {
        let longer = try Envelope.seal(
            federation.request(sql: "SELECT count(*) FROM patient WHERE sex = 'female'"),
            addressing: federation.addressing(), signedBy: federation.keys(of: Federation.requester).query)
        #expect(longer.bytes.count == captured.bytes.count)
        #expect(
            [1, 8192, 8193, 12_289, 16_385].map(SizeBucket.holding) == [8192, 8192, 12_288, 16_384, 24_576])
    }

    /// Every byte of header and encapsulated key, and a sample of the ciphertext with its tag.
    @Test func refusesAChangedByte() throws {
        let count = captured.bytes.count
        let positions = Array(0..<400) + stride(from: 400, to: count - 16, by: 397) + (count - 16..<count)
        for position in positions {
            var changed = captured.bytes
            changed[position] ^= 1
            #expect(throws: ExchangeError.self, "byte \(position)") { try open(changed) }
        }
    }

    @Test func namesAChangedByteOfTheCiphertext() throws {
        var changed = captured.bytes
        changed[changed.count - 1] ^= 1
        #expect(throws: ExchangeError(.changedByte, "the message does not open with its recipient's key")) {
            try open(changed)
        }
    }

    @Test func refusesATruncatedMessage() throws {
        for count in [0, 3, 4, 50, 1000, captured.bytes.count - 1] {
            #expect(throws: ExchangeError.self, "\(count) bytes") {
                try open(Array(captured.bytes.prefix(count)))
            }
        }
        #expect(throws: ExchangeError(.malformed, "bytes after the message")) {
            try open(captured.bytes + [0])
        }
    }

    @Test func refusesAnotherRecipient() async throws {
        let other = try federation.expectation(Federation.otherTrust)
        #expect(await code { _ = try open(captured.bytes, expecting: other) } == .wrongRecipient)
        let wrongKey = try Envelope.Expectation(recipient: Federation.trust, keys: [SealingPrivateKey()])
        #expect(await code { _ = try open(captured.bytes, expecting: wrongKey) } == .wrongRecipient)
    }

    /// A recipient who seals the sender's signed envelope again, to somebody else.
    @Test func refusesAForwardedMessage() async throws {
        let opened = try open(captured.bytes)
        let forwarded = try Envelope.seal(
            opened.envelope, attachments: opened.attachments, as: .queryRequest,
            addressing: federation.addressing(to: Federation.otherTrust))
        let expectation = try federation.expectation(Federation.otherTrust)
        #expect(await code { _ = try open(forwarded, expecting: expectation) } == .wrongRecipient)
    }

    @Test func refusesMessagesOutOfTime() async throws {
        let skew = Clocks.skewSeconds
        func opened(after seconds: Int64) async -> ExchangeError.Code? {
            await code { _ = try open(captured.bytes, at: Federation.now.advanced(bySeconds: seconds)) }
        }
        #expect(await opened(after: 60 + skew) == nil)
        #expect(await opened(after: 61 + skew) == .expired)
        #expect(await opened(after: -skew) == nil)
        #expect(await opened(after: -skew - 1) == .notYetValid)
    }

    @Test(arguments: [0, 1]) func refusesOneStrippedSignature(index: Int) async throws {
        let whole = try open(captured.bytes).envelope
        let stripped = DSSEEnvelope(
            payloadType: whole.payloadType, payload: whole.payload, signatures: [whole.signatures[index]])
        #expect(await code { _ = try open(reseal(stripped)) } == .missingSignature)
    }

    /// One signature of the sender's and one of a stranger's, and one each of two generations of keys.
    @Test func refusesSignaturesOfTwoKeys() async throws {
        let whole = try open(captured.bytes).envelope
        let next = try NodeKeys.generate(
            organisation: Federation.requester, generation: 2, validFrom: Federation.now)
        let other = try DSSEEnvelope(signing: whole.payload, type: whole.payloadType, by: next.query)
        let mixed = DSSEEnvelope(
            payloadType: whole.payloadType, payload: whole.payload,
            signatures: [whole.signatures[0], other.signatures[1]])
        let first = try federation.keys(of: Federation.requester).publicKeys
        let both = try federation.directory(members: [
            federation.member(Federation.requester, sets: [next.publicKeys, first]),
            federation.member(Federation.trust),
        ])
        #expect(await code { _ = try open(reseal(mixed), directory: both) } == .badSignature)
        #expect(await code { _ = try open(reseal(other), directory: both) } == nil)
        #expect(await code { _ = try open(captured.bytes, directory: both) } == nil)
        #expect(await code { _ = try open(reseal(other)) } == .badSignature)
    }

    @Test func refusesAStranger() async throws {
        let stranger = OrganisationCode("XXX")!
        let bytes = try Envelope.seal(
            request, addressing: federation.addressing(from: stranger), signedBy: SigningKey())
        #expect(await code { _ = try open(bytes.bytes) } == .unknownSender)
        let impostor = try Envelope.seal(request, addressing: federation.addressing(), signedBy: SigningKey())
        #expect(await code { _ = try open(impostor.bytes) } == .badSignature)
    }

    /// The agreement key of the right organisation does not sign queries.
    @Test func refusesAKeyOfAnotherUse() async throws {
        let bytes = try Envelope.seal(
            request, addressing: federation.addressing(),
            signedBy: federation.keys(of: Federation.requester).agreement)
        #expect(await code { _ = try open(bytes.bytes) } == .badSignature)
    }

    @Test func refusesARevokedKey() async throws {
        let revoked = try federation.directory(revocations: [
            Directory.Revocation(
                organisation: Federation.requester, generation: 1, revokedAt: Federation.now)
        ])
        #expect(await code { _ = try open(captured.bytes, directory: revoked) } == .revoked)
    }

    @Test func refusesAnAnswerToAnotherQuestion() async throws {
        let result = QueryResult(queryID: "q-1", requestDigest: captured.digest, outcome: .late)
        let response = try SealingPrivateKey()
        let sealed = try Envelope.seal(
            result,
            addressing: Envelope.Addressing(
                from: Federation.trust, to: Federation.requester, key: response.publicKey,
                issuedAt: Federation.now, expiresAt: Federation.now.advanced(bySeconds: 60),
                answering: captured.digest),
            signedBy: federation.keys(of: Federation.trust).query)
        func answer(to digest: Digest?, from sender: OrganisationCode) async -> ExchangeError.Code? {
            await code {
                _ = try Envelope.open(
                    sealed.bytes, as: QueryResult.self,
                    expecting: Envelope.Expectation(
                        recipient: Federation.requester, keys: [response], sender: sender, answering: digest),
                    directory: directory, at: Federation.now)
            }
        }
        #expect(await answer(to: captured.digest, from: Federation.trust) == nil)
        #expect(await answer(to: Digest(of: [9]), from: Federation.trust) == .wrongRequest)
        #expect(await answer(to: nil, from: Federation.trust) == .wrongRequest)
        #expect(await answer(to: captured.digest, from: Federation.otherTrust) == .unknownSender)
    }

    @Test func refusesAnotherType() async throws {
        let wrong = await code {
            _ = try Envelope.open(
                captured.bytes, as: LinkRequest.self, expecting: federation.expectation(),
                directory: directory, at: Federation.now)
        }
        #expect(wrong == .wrongType)
    }

    @Test func refusesAnotherSuite() async throws {
        let suite = Array(Suite.hybrid1.rawValue.utf8)
        let start = 4 + 2 + 2
        #expect(Array(captured.bytes[start..<start + suite.count]) == suite)
        var downgraded = captured.bytes
        downgraded[start + 10] = UInt8(ascii: "0")
        #expect(await code { _ = try open(downgraded) } == .unknownSuite)
    }

    @Test func refusesWhatIsTooLarge() async throws {
        var limits = WireLimits()
        limits.bytes = captured.bytes.count - 1
        #expect(await code { _ = try open(captured.bytes, limits: limits) } == .tooLarge)
        limits = WireLimits()
        limits.depth = 2
        #expect(await code { _ = try open(captured.bytes, limits: limits) } == .tooLarge)
    }

    @Test func refusesAnotherAttachment() async throws {
        let opened = try open(captured.bytes)
        let bytes = try Envelope.seal(
            opened.envelope, attachments: [[1, 2, 4], []], as: .queryRequest,
            addressing: federation.addressing())
        #expect(await code { _ = try open(bytes) } == .changedByte)
    }
}
