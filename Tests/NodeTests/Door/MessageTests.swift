import Audit
import Core
import NIOSSL
import Store
import Testing

@testable import Exchange
@testable import Node

extension DoorSuite {
    /// Messages that are not what a member sealed for this node, for this moment, once.
    @Suite struct MessageTests {
        /// Header, encapsulated key and ciphertext: every byte is either authenticated or a length.
        @Test func aChangedByteIsRefused() async throws {
            let door = try Door()
            let bytes = try await door.question().sealed(to: door.first, signedBy: door.requester.keys).bytes
            // Magic and header stand first; then the encapsulated key of 1,120 bytes; the rest is ciphertext.
            let places =
                Array(stride(from: 0, to: 260, by: 5)) + stride(from: 260, to: bytes.count, by: 173)
                + [bytes.count - 1]
            let codes: Set<String> = [
                "changedByte", "malformed", "wrongType", "unknownSuite", "wrongRecipient", "unknownSender",
            ]
            for place in places {
                var changed = bytes
                changed[place] ^= 0x01
                let code = try await refusalCode(of: changed, at: door.first)
                #expect(codes.contains(code), "byte \(place)")
            }
            try await refusalCode(of: Array(bytes.dropLast()), at: door.first)
            try await refusalCode(of: bytes + [0], at: door.first)
            try await refusalCode(of: [], at: door.first)
        }

        @Test func theSameBytesAreAnsweredOnce() async throws {
            let door = try Door()
            let question = try await door.question()
            let sealed = try question.sealed(to: door.first, signedBy: door.requester.keys)
            let log = try LogWatch(door.first)
            let answer = try await FederationDoor(context: door.first, peer: NodeFederation.requester).handle(
                sealed.bytes)
            let again = try await FederationDoor(context: door.first, peer: NodeFederation.requester).handle(
                sealed.bytes)
            #expect(answer == again)
            #expect(try log.kinds == [.release])
            let result = try question.open(answer, answering: sealed.digest, door.requester)
            #expect(result.body.outcome == .answered)
            #expect(result.sender == DoorSuite.first)
        }

        /// The same payload in another seal is the same message.
        @Test func sealedAgainItIsStillTheSameMessage() async throws {
            let door = try Door()
            let question = try await door.question()
            let log = try LogWatch(door.first)
            var answers: Set<[UInt8]> = []
            for _ in 0..<2 {
                let sealed = try question.sealed(to: door.first, signedBy: door.requester.keys)
                answers.insert(
                    try await FederationDoor(context: door.first, peer: NodeFederation.requester).handle(
                        sealed.bytes))
            }
            #expect(answers.count == 1)
            #expect(try log.kinds == [.release])
        }

        @Test func anIDWithAnotherPayloadIsRefused() async throws {
            let door = try Door()
            let question = try await door.question()
            _ = try await question.ask(door.first, from: door.requester)
            var other = try await door.question("SELECT sex, count(*) AS n FROM patient GROUP BY sex")
            other.queryID = question.queryID
            let sealed = try other.sealed(to: door.first, signedBy: door.requester.keys)
            #expect(try await refusalCode(of: sealed.bytes, at: door.first) == "replay")
        }

        @Test func aMessageForAnotherControllerIsRefused() async throws {
            let door = try Door()
            let question = try await door.question()
            let sealed = try question.sealed(to: door.first, signedBy: door.requester.keys)
            #expect(try await refusalCode(of: sealed.bytes, at: door.second) == "wrongRecipient")
        }

        /// A controller that opened a question cannot pass it on as one to another.
        @Test func aForwardedMessageIsRefused() async throws {
            let door = try Door()
            let question = try await door.question()
            let sealed = try question.sealed(to: door.first, signedBy: door.requester.keys)
            let opened = try Envelope.open(
                sealed.bytes, as: QueryRequest.self, expecting: door.first.expectation(),
                directory: door.first.directory, at: WireInstant(milliseconds: Clock.now))
            let forwarded = try Envelope.seal(
                opened.envelope, attachments: [], as: .queryRequest,
                addressing: question.addressing(to: door.second))
            #expect(try await refusalCode(of: forwarded, at: door.second) == "wrongRecipient")
        }

        struct Moment: Sendable {
            let issued: Int64
            let lifetime: Int64
            let code: String
        }

        @Test(arguments: [
            Moment(issued: -3_600, lifetime: 60, code: "expired"),
            Moment(issued: -2 * 86_400, lifetime: 86_400, code: "expired"),
            Moment(issued: 3_600, lifetime: 60, code: "notYetValid"),
            Moment(issued: 0, lifetime: 86_400 + 60, code: "malformed"),
            Moment(issued: 0, lifetime: -60, code: "malformed"),
        ])
        func aMessageOfAnotherTimeIsRefused(_ moment: Moment) async throws {
            let door = try Door()
            var question = try await door.question()
            question.issuedAt = question.issuedAt.advanced(bySeconds: moment.issued)
            question.lifetimeSeconds = moment.lifetime
            let sealed = try question.sealed(to: door.first, signedBy: door.requester.keys)
            #expect(try await refusalCode(of: sealed.bytes, at: door.first) == moment.code)
        }

        /// Ed25519 alone, ML-DSA-65 alone, neither, and one of each of two keys.
        @Test(arguments: ["classical", "post-quantum", "none", "mixed"])
        func bothSignaturesOfOneKeyAreNeeded(_ kept: String) async throws {
            let door = try Door()
            let question = try await door.question()
            let whole = try envelope(question, to: door.first, by: door.requester.keys)
            let other = try envelope(question, to: door.first, by: door.second.keys)
            let signatures: [DSSEEnvelope.Signature] =
                switch kept {
                case "classical": [whole.signatures[0]]
                case "post-quantum": [whole.signatures[1]]
                case "mixed": [whole.signatures[0], other.signatures[1]]
                default: []
                }
            let stripped = DSSEEnvelope(
                payloadType: whole.payloadType, payload: whole.payload, signatures: signatures)
            let bytes = try Envelope.seal(
                stripped, attachments: [], as: .queryRequest, addressing: question.addressing(to: door.first))
            let code = try await refusalCode(of: bytes, at: door.first)
            #expect(code == (kept == "mixed" ? "badSignature" : "missingSignature"))
        }

        private func envelope(
            _ question: QuestionByHand, to site: NodeContext, by keys: NodeKeys
        ) throws -> DSSEEnvelope {
            let addressing = question.addressing(to: site)
            let message = Message(
                suite: .hybrid1, type: .queryRequest, sender: addressing.sender,
                recipient: addressing.recipient, recipientKey: addressing.recipientKey.keyID,
                issuedAt: addressing.issuedAt, expiresAt: addressing.expiresAt, requestDigest: nil,
                attachments: [], body: try question.request)
            return try DSSEEnvelope(
                signing: try WireJSON.encode(message), type: DocumentType.queryRequest.payloadType,
                by: keys.query)
        }

        @Test func aStrangerIsRefused() async throws {
            let door = try Door()
            var question = try await door.question()
            question.requester = NodeFederation.organisation("ZZZ99")
            let stranger = try NodeKeys.generate(
                organisation: question.requester, validFrom: question.issuedAt)
            let sealed = try question.sealed(to: door.first, signedBy: stranger)
            #expect(try await refusalCode(of: sealed.bytes, at: door.first) == "unknownSender")
        }

        /// A member's own message, brought over another member's connection.
        @Test func aColleaguesConnectionIsRefused() async throws {
            let door = try Door()
            let sealed = try await door.question().sealed(to: door.first, signedBy: door.requester.keys)
            let code = try await refusalCode(of: sealed.bytes, at: door.first, over: DoorSuite.second)
            #expect(code == "unknownSender")
        }

        /// At the handshake: members by their own certificates, strangers refused and recorded, with an end to it.
        @Test func aStrangersCertificateIsRefusedAndRecorded() async throws {
            let door = try Door()
            let log = try LogWatch(door.first)
            let member = try certificate(door.requester.keys)
            #expect(await door.first.admit([member]) == NodeFederation.requester)
            #expect(try log.records.isEmpty)
            let stranger = try certificate(
                NodeKeys.generate(
                    organisation: NodeFederation.requester, validFrom: WireInstant(milliseconds: Clock.now)))
            for _ in 0..<60 {
                #expect(await door.first.admit([stranger]) == nil)
                #expect(await door.first.admit([]) == nil)
            }
            let records = try log.records
            #expect(
                records.allSatisfy { $0.kind == .refusedMessage && $0.details["code"] == "unknownSender" })
            #expect((20...40).contains(records.count))
        }

        private func certificate(_ keys: NodeKeys) throws -> NIOSSLCertificate {
            try NIOSSLCertificate(bytes: keys.publicKeys.tlsCertificate.bytes, format: .der)
        }

        @Test func aMembersNameWithAnotherKeyIsRefused() async throws {
            let door = try Door()
            let question = try await door.question()
            let forged = try NodeKeys.generate(organisation: question.requester, validFrom: question.issuedAt)
            for keys in [forged, door.second.keys] {
                let sealed = try question.sealed(to: door.first, signedBy: keys)
                #expect(try await refusalCode(of: sealed.bytes, at: door.first) == "badSignature")
            }
        }

        /// Each door is for the messages of its node's role.
        @Test func aQuestionToTheLinkerIsRefused() async throws {
            let door = try Door()
            let sealed = try await door.question().sealed(to: door.linker, signedBy: door.requester.keys)
            #expect(try await refusalCode(of: sealed.bytes, at: door.linker) == "wrongType")
        }
    }
}
