import Audit
import Catalog
import Core
import Exchange
import Foundation
import Store
import Testing

@testable import Node

extension DoorSuite {
    /// Questions of a member that does not keep the rules: opened, and refused by the site itself.
    @Suite struct RefusalTests {
        /// The result says which rule refused, releases nothing, and the log has the decision.
        private func expectRefusal(
            _ question: QuestionByHand, by rule: String, words: String? = nil, at site: NodeContext,
            _ door: Door, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let log = try LogWatch(site)
            let result = try await question.ask(site, from: door.requester).body
            #expect(result.outcome == .refused, sourceLocation: sourceLocation)
            #expect(result.releases == [], sourceLocation: sourceLocation)
            #expect(result.linkerAttachments == [], sourceLocation: sourceLocation)
            #expect(result.refusal?.rule == rule, sourceLocation: sourceLocation)
            if let words { #expect(result.refusal?.words == words, sourceLocation: sourceLocation) }
            let records = try log.records
            #expect(records.map(\.kind) == [.decision], sourceLocation: sourceLocation)
            #expect(records.first?.details["rule"] == rule, sourceLocation: sourceLocation)
            #expect(records.first?.details["query"] == question.queryID, sourceLocation: sourceLocation)
        }

        @Test(arguments: [
            // A gating sub-query: everybody or nobody, by one person's diagnosis.
            "SELECT count(*) AS n FROM patient WHERE EXISTS (SELECT 1 FROM condition WHERE code = '44054006')",
            "SELECT count(*) AS n FROM patient WHERE birth_date = DATE '1950-04-01'",
            "SELECT count(*) AS n FROM patient WHERE person = '9990000018'",
            "SELECT person, count(*) AS n FROM patient GROUP BY person",
            "SELECT count(*) AS n FROM patient a JOIN patient b ON a.lsoa = b.lsoa",
            "SELECT min(birth_date) AS first FROM patient",
            "SELECT person FROM patient",
            "SELECT count(*) AS n FROM patient HAVING count(*) > 3",
            "SELECT sex, count(*) AS n FROM patient GROUP BY sex ORDER BY n LIMIT 1",
            "SELECT count(*) AS n FROM live.patient",
            "SELECT count(*) AS n FROM governance.allowed",
            "DELETE FROM patient", "SELECT 1; SELECT 2", "",
        ])
        func aFragmentOutsideTheLawIsRefusedByTheSite(_ sql: String) async throws {
            let door = try Door()
            try await expectRefusal(try await door.question(sql), by: "law", at: door.first, door)
        }

        @Test func noFragmentAndTooManyAreRefused() async throws {
            let door = try Door()
            var question = try await door.question()
            let fragment = question.fragments[0]
            question.fragments = []
            try await expectRefusal(question, by: "law", at: door.first, door)
            var long = try await door.question()
            long.fragments = Array(repeating: fragment, count: 17)
            try await expectRefusal(long, by: "law", at: door.first, door)
        }

        @Test func anotherTextOfTheAgreementIsRefused() async throws {
            let door = try Door()
            var question = try await door.question()
            question.agreementDigest = Digest(of: [1])
            try await expectRefusal(
                question, by: "agreement", words: "requester and controller hold different texts of it",
                at: door.first, door)
        }

        @Test func anUnknownAgreementIsRefused() async throws {
            let door = try Door()
            var question = try await door.question()
            question.agreementID = "unheard-of"
            try await expectRefusal(question, by: "agreement", at: door.first, door)
        }

        /// `planning` is between the requester and another controller.
        @Test func anAgreementOfOthersIsRefused() async throws {
            let door = try Door()
            try await expectRefusal(
                try await door.question(under: "planning"), by: "agreement", at: door.first, door)
        }

        /// A controller cannot ask under the requester's agreement.
        @Test func anotherSenderIsRefused() async throws {
            let door = try Door()
            var question = try await door.question()
            question.requester = DoorSuite.second
            let sealed = try question.sealed(to: door.first, signedBy: door.second.keys)
            let bytes = try await FederationDoor(context: door.first, peer: DoorSuite.second).handle(
                sealed.bytes)
            let result = try question.open(bytes, answering: sealed.digest, door.second).body
            #expect(result.refusal?.rule == "agreement")
        }

        @Test func participantsOutsideTheAgreementAreRefused() async throws {
            let door = try Door()
            for participants in [[DoorSuite.first, DoorSuite.real], [DoorSuite.second], []] {
                var question = try await door.question()
                question.participants = participants
                try await expectRefusal(question, by: "agreement", at: door.first, door)
            }
        }

        @Test func aRevokedAgreementIsRefusedAtOnce() async throws {
            let door = try Door()
            let before = try await door.question(under: "revoked").ask(door.first, from: door.requester)
            #expect(before.body.outcome == .answered)
            try await door.first.run(.revokeAgreement(id: "revoked", reason: "for the test"))
            try await expectRefusal(
                try await door.question(under: "revoked"), by: "agreement-not-in-force",
                words: "for RJ1 the agreement is revoked, and only one in force permits anything",
                at: door.first, door)
        }

        @Test func anExpiredAgreementIsRefused() async throws {
            let door = try Door()
            try await expectRefusal(
                try await door.question(under: "expired"), by: "agreement-not-in-force",
                words: "for RJ1 the agreement is expired, and only one in force permits anything",
                at: door.first, door)
        }

        @Test func anotherCatalogIsRefused() async throws {
            let door = try Door()
            var question = try await door.question()
            question.catalogDigest = Digest(of: [2])
            try await expectRefusal(question, by: "catalog", at: door.first, door)
        }

        @Test func anotherReferenceTableIsRefused() async throws {
            let door = try Door()
            let sql = """
                SELECT b.name AS band, count(*) AS n FROM patient p JOIN reference.age_band b
                ON date_part('year', age(p.birth_date)) BETWEEN b.lo AND b.hi GROUP BY b.name
                """
            try await expectRefusal(try await door.question(sql), by: "catalog", at: door.first, door)
        }

        @Test func noDisclosureControlOnRealDataIsRefused() async throws {
            let door = try Door()
            try await expectRefusal(
                try await door.question(under: "bare"), by: "no-disclosure-control-on-real-data",
                at: door.real, door)
        }
    }
}
