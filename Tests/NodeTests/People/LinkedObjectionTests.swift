import Core
import Disclosure
import Exchange
import Foundation
import Policy
import Store
import Testing

@testable import Node

extension DoorSuite {
    /// A linked question counts nobody who objects at a site, also where the linker does the counting.
    @Suite(.serialized) struct LinkedObjectionTests {
        private static let people = "SELECT count(DISTINCT person) AS people FROM patient"

        @Test func whoObjectsIsNotLinked() async throws {
            let door = try Door()
            let everybody = try #require(try await total(door))
            // Somebody whom only the first site knows, so that nobody else's record counts them.
            let seconds = Set(
                try await door.second.rows("SELECT person FROM snapshot_1.person").map { $0[0].text })
            let person = try await door.first.rows(
                "SELECT person FROM snapshot_1.person WHERE nhs_number IS NOT NULL ORDER BY person"
            ).map { $0[0].text }.first { !seconds.contains($0) }
            let number = try #require(person)
            try await door.first.run(
                .people(
                    .recordObjection(
                        number: number, scope: "agreement", of: "linked", decision: "upheld", reason: "r")))
            #expect(try await total(door) == everybody - 1)
            let id = try #require(try await door.first.objections.all().last).id
            try await door.first.run(.people(.withdrawObjection(id: id, reason: "r")))
            #expect(try await total(door) == everybody)
        }

        /// Asks both sites and the linker, each as a requester that keeps the rules.
        private func total(_ door: Door) async throws -> Int64? {
            var question = try await door.question(Self.people)
            question.fragments = [RequestFragment(sql: Self.people, linked: true)]
            question.linker = NodeFederation.linker
            question.cellKey = Base64Bytes(CellLabels.makeKey())
            try await question.collectNonces([door.first, door.second], from: door.requester)
            var states: [[UInt8]] = []
            for site in [door.first, door.second] {
                states += try await question.ask(site, from: door.requester).attachments
            }
            let key = try SealingPrivateKey()
            let sealed = try Envelope.seal(
                LinkRequest(
                    queryID: question.queryID, questionDigest: try question.request.questionDigest,
                    participants: question.participants, agreementID: question.agreementID,
                    responseKey: key.publicKey),
                attachments: states, addressing: question.addressing(to: door.linker),
                signedBy: door.requester.keys.query)
            let bytes = try await FederationDoor(context: door.linker, peer: NodeFederation.requester)
                .handle(sealed.bytes)
            let result = try Envelope.open(
                bytes, as: LinkResult.self,
                expecting: .init(
                    recipient: door.requester.organisation, keys: [key], answering: sealed.digest),
                directory: door.requester.directory, at: WireInstant(milliseconds: Clock.now)
            ).body
            return try #require(result.fragments.first).aggregates[0].aggregate.rows[0]
        }
    }
}
