import Core
import Testing

import struct Crypto.SymmetricKey

@testable import Exchange

@Suite("Linkage")
struct LinkageTests {
    private let shares = [[UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32)]
    private let nonces = [[UInt8](repeating: 3, count: 32), [UInt8](repeating: 4, count: 32)]
    private let question = Digest(of: [1])
    private let people: [Int64] = [9_990_000_018, 9_990_000_026]

    private func cell(_ byte: UInt8 = 0) -> CellToken {
        CellToken(bytes: [UInt8](repeating: byte, count: 16))!
    }

    private func pseudonyms(
        shares: [[UInt8]]? = nil, nonces: [[UInt8]]? = nil, question: Digest? = nil, cell: CellToken? = nil
    ) throws -> [UInt128] {
        try LinkageSecret(shares: shares ?? self.shares, agreement: Digest(of: []))
            .queryKey(question: question ?? self.question, nonces: nonces ?? self.nonces)
            .pseudonymiser(cell: cell ?? self.cell()).pseudonyms(of: people)
    }

    @Test func isTheSameAtEveryController() throws {
        #expect(try pseudonyms() == pseudonyms(shares: shares.reversed(), nonces: nonces.reversed()))
        #expect(try pseudonyms().count == 2)
    }

    @Test func differsByEverythingItDependsOn() throws {
        let other = [UInt8](repeating: 9, count: 32)
        let all = try [
            pseudonyms(), pseudonyms(shares: [shares[0], other]), pseudonyms(nonces: [nonces[0], other]),
            pseudonyms(question: Digest(of: [2])), pseudonyms(cell: cell(1)),
        ]
        #expect(Set(all.joined()).count == 2 * all.count)
    }

    /// Whatever stands before it, and against another implementation's AES-256 under a key in the open.
    @Test func isAESOfTheNumberAlone() throws {
        let pseudonymiser = Pseudonymiser(key: SymmetricKey(data: [UInt8](0..<32)))
        let alone = people.flatMap { pseudonymiser.pseudonyms(of: [$0]) }
        #expect(alone == pseudonymiser.pseudonyms(of: people))
        #expect(pseudonymiser.pseudonyms(of: []).isEmpty)
        let fips197: [Int64] = [0]
        #expect(
            pseudonymiser.pseudonyms(of: fips197).map { String($0.byteSwapped, radix: 16) } == [
                "6d9f08eb2a2e277ab48984cff1ab9a09"
            ])
    }

    /// One controller alone, or one that sends another's share or nonce back, does not make a key.
    @Test func refusesSharesAndNoncesThatAreNotOfEveryController() async throws {
        let secret = try LinkageSecret(shares: shares, agreement: question)
        #expect(await code { _ = try LinkageSecret(shares: [shares[0]], agreement: question) } == .malformed)
        let same = await code { _ = try LinkageSecret(shares: [shares[0], shares[0]], agreement: question) }
        #expect(same == .malformed)
        #expect(
            await code { _ = try secret.queryKey(question: question, nonces: [nonces[0], nonces[0]]) }
                == .malformed)
    }

    @Test func takesTheNoncesOfAllParticipants() async throws {
        let federation = try Federation.shared.get()
        let directory = try federation.directory()
        let plain = try federation.request()
        let response = try SealingPrivateKey()
        func envelope(_ organisation: OrganisationCode, question: Digest) throws -> DSSEEnvelope {
            let nonce = LinkNonce(
                queryID: plain.queryID, questionDigest: question, organisation: organisation,
                nonce: Base64Bytes(LinkageSecret.makeShare()))
            let sealed = try Envelope.seal(
                nonce,
                addressing: Envelope.Addressing(
                    from: organisation, to: Federation.requester, key: response.publicKey,
                    issuedAt: Federation.now, expiresAt: Federation.now.advanced(bySeconds: 60)),
                signedBy: federation.keys(of: organisation).query)
            return try Envelope.open(
                sealed.bytes, as: LinkNonce.self,
                expecting: Envelope.Expectation(recipient: Federation.requester, keys: [response]),
                directory: directory, at: Federation.now
            ).envelope
        }
        func verify(_ nonces: [DSSEEnvelope]) throws -> [OrganisationCode: [UInt8]] {
            try LinkNonces.verified(in: plain.with(nonces), directory: directory, at: Federation.now)
        }
        let first = try envelope(Federation.trust, question: plain.questionDigest)
        let second = try envelope(Federation.otherTrust, question: plain.questionDigest)
        #expect(Set(try verify([first, second]).keys) == [Federation.trust, Federation.otherTrust])
        #expect(await code { _ = try verify([first]) } == .wrongRequest)
        #expect(await code { _ = try verify([first, first]) } == .wrongRequest)
        let other = try envelope(Federation.otherTrust, question: Digest(of: [8]))
        #expect(await code { _ = try verify([first, other]) } == .wrongRequest)
        let unsigned = DSSEEnvelope(
            payloadType: second.payloadType, payload: second.payload, signatures: first.signatures)
        #expect(await code { _ = try verify([first, unsigned]) } == .badSignature)
    }
}

extension QueryRequest {
    fileprivate func with(_ nonces: [DSSEEnvelope]) -> QueryRequest {
        QueryRequest(
            queryID: queryID, requester: requester, user: user, agreementID: agreementID,
            agreementDigest: agreementDigest, purpose: purpose, fragments: fragments,
            releaseForm: releaseForm,
            participants: participants, catalogDigest: catalogDigest, referenceDigests: referenceDigests,
            deadlineMilliseconds: deadlineMilliseconds, nowMicroseconds: nowMicroseconds,
            responseKey: responseKey, linkNonces: nonces)
    }
}

@Suite("Cell labels")
struct CellLabelsTests {
    private let key: [Value] = [
        .text("E01000001"), .null, .integer(-3), .double(0.1), .boolean(true), .date(19_000),
        .timestamp(-1), .interval(months: 1, days: -2, microseconds: 3),
    ]

    @Test func opensForTheRequesterAlone() async throws {
        let secret = CellLabels.makeKey()
        let (site, other) = (try CellLabels(key: secret), try CellLabels(key: secret))
        let token = site.token(of: key, fragment: 1)
        let label = try site.label(of: key, token: token)
        #expect(other.token(of: key, fragment: 1) == token)
        #expect(try other.label(of: key, token: token) == label)
        #expect(try other.open(label, fragment: 1) == key)
        #expect(await code { _ = try other.open(label, fragment: 2) } == .changedByte)
        let stranger = try CellLabels(key: CellLabels.makeKey())
        #expect(await code { _ = try stranger.open(label, fragment: 1) } == .changedByte)
        var changed = label
        changed[20] ^= 1
        #expect(await code { _ = try other.open(changed, fragment: 1) } == .changedByte)
    }

    @Test func tellsCellsAndFragmentsApart() throws {
        let labels = try CellLabels(key: CellLabels.makeKey())
        let keys: [[Value]] = [
            [], [.null], [.null, .null], [.text("")], [.text("a"), .text("b")], [.text("ab")], [.integer(1)],
            [.double(1)], [.date(1)], [.timestamp(1)], [.boolean(true)],
        ]
        let tokens = keys.flatMap { key in (0..<2).map { labels.token(of: key, fragment: $0).bytes } }
        #expect(Set(tokens).count == tokens.count)
        #expect(labels.token(of: [.double(-0.0)], fragment: 0) == labels.token(of: [.double(0)], fragment: 0))
    }

    @Test func labelsOfShortKeysHaveOneLength() throws {
        let labels = try CellLabels(key: CellLabels.makeKey())
        let counts = try ["F", "M", "unknown"].map { text in
            try labels.label(of: [.text(text)], token: labels.token(of: [.text(text)], fragment: 0)).count
        }
        #expect(Set(counts).count == 1)
    }
}
