import Audit
import Core
import Disclosure
import Exchange
import Foundation
import Store
import Testing

@testable import Node

extension DoorSuite {
    /// People counted once across sites: each state, each nonce and each participant has its place.
    @Suite struct LinkTests {
        static let people = "SELECT sex, count(DISTINCT person) AS people FROM patient GROUP BY sex"

        /// A linked question with the nonces of both controllers.
        private func linked(_ door: Door, id: String? = nil, sql: String = people) async throws
            -> QuestionByHand
        {
            var question = try await door.question(sql)
            if let id { question.queryID = id }
            question.fragments = [RequestFragment(sql: sql, linked: true)]
            question.linker = NodeFederation.linker
            question.cellKey = Base64Bytes(CellLabels.makeKey())
            try await question.collectNonces([door.first, door.second], from: door.requester)
            return question
        }

        private func state(
            of site: NodeContext, _ question: QuestionByHand, _ door: Door
        ) async throws -> [UInt8] {
            let answer = try await question.ask(site, from: door.requester)
            #expect(answer.body.outcome == .answered)
            #expect(answer.attachments.count == 1)
            return try TestFailure.unwrap(answer.attachments.first, "no state for the linker")
        }

        private func link(
            _ question: QuestionByHand, _ states: [[UInt8]], _ door: Door,
            participants: [OrganisationCode]? = nil
        ) throws -> (sealed: Envelope.Sealed, key: SealingPrivateKey) {
            let key = try SealingPrivateKey()
            let sealed = try Envelope.seal(
                LinkRequest(
                    queryID: question.queryID, questionDigest: try question.request.questionDigest,
                    participants: participants ?? question.participants, agreementID: question.agreementID,
                    responseKey: key.publicKey),
                attachments: states, addressing: question.addressing(to: door.linker),
                signedBy: door.requester.keys.query)
            return (sealed, key)
        }

        private func result(
            _ question: QuestionByHand, _ states: [[UInt8]], _ door: Door,
            participants: [OrganisationCode]? = nil
        ) async throws -> LinkResult {
            let (sealed, key) = try link(question, states, door, participants: participants)
            let bytes = try await FederationDoor(context: door.linker, peer: NodeFederation.requester).handle(
                sealed.bytes)
            return try Envelope.open(
                bytes, as: LinkResult.self,
                expecting: .init(
                    recipient: door.requester.organisation, keys: [key], answering: sealed.digest),
                directory: door.requester.directory, at: WireInstant(milliseconds: Clock.now)
            ).body
        }

        private func expectRefusal(
            _ question: QuestionByHand, _ states: [[UInt8]], _ door: Door, words: String,
            participants: [OrganisationCode]? = nil, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let log = try LogWatch(door.linker)
            let result = try await result(question, states, door, participants: participants)
            #expect(result.outcome == .refused, sourceLocation: sourceLocation)
            #expect(result.refusal?.words == words, sourceLocation: sourceLocation)
            #expect(result.fragments == [], sourceLocation: sourceLocation)
            #expect(try log.kinds == [.decision], sourceLocation: sourceLocation)
        }

        /// The rule itself: the linker's totals are the distinct people of both sites' data.
        @Test func thePeopleOfBothSitesAreCountedOnce() async throws {
            let door = try Door()
            let question = try await linked(door)
            let states = [
                try await state(of: door.first, question, door),
                try await state(of: door.second, question, door),
            ]
            let log = try LogWatch(door.linker)
            let result = try await result(question, states, door)
            #expect(result.outcome == .answered)
            #expect(try log.kinds == [.release])
            let labels = try CellLabels(key: question.cellKey?.bytes ?? [])
            let fragment = try #require(result.fragments.first)
            let keys = try fragment.labels.map { try labels.open($0.bytes, fragment: 0)[0] }
            let counts = fragment.aggregates[0].aggregate.rows
            #expect(Dictionary(uniqueKeysWithValues: zip(keys, counts)) == (try await pooled(door)))
        }

        /// Sex to distinct people over both warehouses; who has no NHS number counts once a site.
        private func pooled(_ door: Door) async throws -> [Value: Int64?] {
            var people: [Value: Set<String>] = [:]
            for site in [door.first, door.second] {
                let rows = try await site.rows(
                    """
                    SELECT p.sex, n.person FROM snapshot_1.patient p
                    JOIN snapshot_1.person n ON n.person_id = p.person_id
                    """)
                for row in rows {
                    let isLocal = row[1].text.hasPrefix("local:")
                    people[row[0], default: []].insert((isLocal ? site.organisation.text : "") + row[1].text)
                }
            }
            return people.mapValues { Int64($0.count) }
        }

        /// What is linked is not also released by the sites.
        @Test func theSiteKeepsItsOwnCount() async throws {
            let door = try Door()
            let answer = try await linked(door).ask(door.first, from: door.requester)
            let block = try #require(answer.body.releases.first??.block)
            #expect(block.keys.rowCount == 0)
        }

        @Test func aMissingParticipantIsRefused() async throws {
            let door = try Door()
            let words = "the states are not one of each participant"
            let question = try await linked(door)
            let own = try await state(of: door.first, question, door)
            try await expectRefusal(question, [own], door, words: words)
            let second = try await linked(door)
            let twice = try await state(of: door.first, second, door)
            try await expectRefusal(second, [twice, twice], door, words: words)
            try await expectRefusal(try await linked(door), [], door, words: words)
        }

        /// Nor does it help to say that fewer were asked: the state itself names its participants.
        @Test func aSubsetOfTheParticipantsIsRefused() async throws {
            let door = try Door()
            let question = try await linked(door)
            let own = try await state(of: door.first, question, door)
            try await expectRefusal(
                question, [own], door, words: "the participants are not all controllers of the agreement",
                participants: [DoorSuite.first])
        }

        /// A controller gives a nonce for one question under one name: nobody is asked another under it.
        @Test func twoQuestionsUnderOneNameAreRefused() async throws {
            let door = try Door()
            let question = try await linked(door)
            let log = try LogWatch(door.first)
            await #expect(throws: FederationDoor.Problem.refused) {
                _ = try await linked(
                    door, id: question.queryID,
                    sql:
                        "SELECT sex, count(DISTINCT person) AS people FROM patient WHERE deceased GROUP BY sex"
                )
            }
            #expect(try log.records.map(\.kind) == [.refusedMessage])
            #expect(try log.records.map { $0.details["code"] } == ["replay"])
        }

        /// A state of another question with the right participants.
        @Test func aStateOfAnotherQuestionIsRefused() async throws {
            let door = try Door()
            let (question, other) = (try await linked(door), try await linked(door))
            let states = [
                try await state(of: door.first, question, door),
                try await state(of: door.second, other, door),
            ]
            try await expectRefusal(
                question, states, door, words: "the participants were not asked the same question")
        }

        @Test func aChangedStateIsRefusedAndRecorded() async throws {
            let door = try Door()
            let question = try await linked(door)
            var own = try await state(of: door.first, question, door)
            let other = try await state(of: door.second, question, door)
            own[own.count / 2] ^= 1
            let (sealed, _) = try link(question, [own, other], door)
            #expect(try await refusalCode(of: sealed.bytes, at: door.linker) == "changedByte")
        }

        @Test func aNonceIsUsedOnce() async throws {
            let door = try Door()
            var question = try await linked(door)
            _ = try await state(of: door.first, question, door)
            // The same question cannot be given a second nonce once the first was used.
            let log = try LogWatch(door.first)
            await #expect(throws: FederationDoor.Problem.refused) {
                try await question.collectNonces([door.first], from: door.requester)
            }
            #expect(try log.records.map { $0.details["code"] } == ["replay"])
            // Nor does it pass under the name of another question.
            let used = question.nonces
            question = try await linked(door)
            question.nonces = used
            let result = try await question.ask(door.first, from: door.requester).body
            #expect(result.outcome == .refused)
            #expect(result.refusal?.rule == "linkage")
            #expect(result.linkerAttachments == [])
        }

        @Test func everyParticipantsNonceIsNeeded() async throws {
            let door = try Door()
            var question = try await linked(door)
            question.nonces.removeLast()
            let result = try await question.ask(door.first, from: door.requester).body
            #expect(result.refusal?.rule == "linkage")
        }

        /// A nonce is given under an agreement that allows linking, and no other.
        @Test func anAgreementThatDoesNotLinkGetsNoNonce() async throws {
            let door = try Door()
            var question = try await door.question(under: "other")
            question.linker = NodeFederation.linker
            let sealed = try Envelope.seal(
                LinkNonceRequest(
                    queryID: question.queryID, questionDigest: try question.request.questionDigest,
                    participants: question.participants, linker: NodeFederation.linker,
                    agreementID: question.agreementID, responseKey: question.responseKey.publicKey),
                addressing: question.addressing(to: door.first), signedBy: door.requester.keys.query)
            #expect(try await refusalCode(of: sealed.bytes, at: door.first) == "wrongRequest")
        }
    }
}
