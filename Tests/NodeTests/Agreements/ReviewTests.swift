import Audit
import Core
import Exchange
import Foundation
import Policy
import Testing

@testable import Node

extension AgreementSuite {
    /// Where the first releases wait for a person.
    @Suite struct ReviewTests {
        private static let bySex = "SELECT sex, count(*) AS n FROM patient GROUP BY sex"

        private func waiting(
            _ nodes: AgreementFederation, _ id: String, count: Int, cap: String = ""
        ) async throws {
            try await nodes.federation.agree(
                .init(
                    id: id, controllers: [AgreementSuite.first],
                    more: "pendingReview: \(count)\n\(cap)"))
        }

        private func releases(_ id: String, _ nodes: AgreementFederation) async throws -> [[String: String]] {
            try await nodes.rows(.review(.list), at: try nodes.first).filter { $0["agreement"] == id }
        }

        /// The number of the first release that waits under an agreement.
        private func number(_ id: String, _ nodes: AgreementFederation) async throws -> Int64 {
            let text = try await releases(id, nodes).first?["id"]
            return try TestFailure.unwrap(text.flatMap(Int64.init), "nothing waits")
        }

        @Test func theFirstReleasesWaitAndTheNextDoNot() async throws {
            let nodes = try AgreementFederation()
            try await waiting(nodes, "r-first", count: 1)
            let first = try nodes.first
            let log = try LogWatch(first)
            for _ in 0..<2 {
                let result = try await nodes.ask(under: "r-first", at: first)
                #expect(result.outcome == .refused && result.releases == [])
                #expect(result.refusal?.rule == "pending-review")
                #expect(
                    result.refusal?.words == "the release waits for a person at RJ1; ask again later")
            }
            #expect(try log.kinds == [.decision, .decision])
            #expect(try await releases("r-first", nodes).map { $0["state"] } == ["waiting"])
            // Another question waits as well: nothing has been approved.
            #expect(
                try await nodes.ask(Self.bySex, under: "r-first", at: first).refusal?.rule
                    == "pending-review")
            let shown = try await first.run(
                .review(.show(id: try await number("r-first", nodes), json: false)))
            #expect(shown.contains("count(*)") && shown.contains("what would leave:"))
            let count = try await first.rows(
                "SELECT count(*) FROM \(try #require(try first.publications.current()).schema).patient")[0][0]
            #expect(shown.contains("\n  \(count.text)\n"))
            try await first.run(.review(.approve(id: try await number("r-first", nodes))))
            let result = try await nodes.ask(under: "r-first", at: first)
            #expect(result.outcome == .answered)
            #expect(result.releases[0]?.block.aggregates[0].rows.first == count.number.map(Int64.init))
            // One was approved, which is as many as wait; what waits still does, what is new does not.
            #expect(
                try await nodes.ask(Self.bySex, under: "r-first", at: first).refusal?.rule
                    == "pending-review")
            #expect(
                try await nodes.ask(
                    "SELECT count(*) AS n FROM condition", under: "r-first", at: first
                ).outcome == .answered)
            let acts = try log.records.compactMap { $0.details["act"] }
            #expect(acts == ["review-shown", "review-approved"])
        }

        @Test func whatIsDeclinedIsNotReleasedAndTheReasonStaysHere() async throws {
            let nodes = try AgreementFederation()
            try await waiting(nodes, "r-declined", count: 2)
            let first = try nodes.first
            _ = try await nodes.ask(under: "r-declined", at: first)
            try await first.run(
                .review(.decline(id: try await number("r-declined", nodes), reason: "too fine a grain")))
            let result = try await nodes.ask(under: "r-declined", at: first)
            #expect(result.outcome == .refused && result.releases == [])
            #expect(result.refusal?.rule == "review-declined")
            #expect(result.refusal?.words.contains("grain") == false)
            #expect(try await releases("r-declined", nodes).map { $0["state"] } == ["declined"])
            await #expect(throws: TestFailure.self) {
                try await first.run(.review(.approve(id: try await number("r-declined", nodes))))
            }
            await #expect(throws: TestFailure.self) { try await first.run(.review(.approve(id: 999_999))) }
        }

        /// Approved is the question; over a newer publication it is answered anew, and not looked at again.
        @Test func theApprovalOutlastsThePublication() async throws {
            let nodes = try AgreementFederation()
            try await waiting(nodes, "r-outlasts", count: 1)
            let first = try nodes.first
            _ = try await nodes.ask(under: "r-outlasts", at: first)
            _ = try await first.run(.publish)
            try await first.run(.review(.approve(id: try await number("r-outlasts", nodes))))
            let result = try await nodes.ask(under: "r-outlasts", at: first)
            #expect(result.outcome == .answered)
            #expect(result.evidence.snapshot?.id == (try first.publications.current()?.id).map(String.init))
        }

        /// What would leave is in the store, and not to be read there.
        @Test func whatWaitsSurvivesARestartSealed() async throws {
            let nodes = try AgreementFederation()
            try await waiting(nodes, "r-sealed", count: 1)
            let first = try nodes.first
            _ = try await nodes.ask(under: "r-sealed", at: first)
            let entries = try await ReviewStore(store: first.store, vault: first.vault).list()
            let entry = try #require(entries.first { $0.agreement == "r-sealed" })
            #expect(try first.reviews.held(entry).sql[0].contains("count(*)"))
            let text = String(decoding: entry.sealed, as: UTF8.self)
            #expect(!text.contains("count") && !text.contains("patient"))
        }

        @Test func aLinkedQuestionWaitsBeforeAnythingGoesToTheLinker() async throws {
            let nodes = try AgreementFederation()
            let both = [AgreementSuite.first, AgreementSuite.second]
            try await nodes.federation.agree(
                .init(
                    id: "r-linked", controllers: both, linker: NodeFederation.linker,
                    more: "pendingReview: 1"))
            let (first, second) = (try nodes.first, try nodes.second)
            func ask() async throws -> QueryResult {
                var question = try await QuestionByHand(
                    "SELECT count(DISTINCT person) AS people FROM patient", under: "r-linked",
                    at: try nodes.requester)
                question.fragments = question.fragments.map { RequestFragment(sql: $0.sql, linked: true) }
                question.linker = NodeFederation.linker
                question.cellKey = Base64Bytes(CellLabels.makeKey())
                try await question.collectNonces([first, second], from: try nodes.requester)
                return try await question.ask(first, from: try nodes.requester).body
            }
            let before = try await ask()
            #expect(before.refusal?.rule == "pending-review" && before.linkerAttachments == [])
            try await first.run(.review(.approve(id: try await number("r-linked", nodes))))
            let after = try await ask()
            #expect(after.outcome == .answered && after.linkerAttachments.count == 1)
        }

        /// A revoked agreement releases nothing, approved or not; a cap counts what waits.
        @Test func theAgreementsOtherLimitsHold() async throws {
            let nodes = try AgreementFederation()
            try await waiting(nodes, "r-limits", count: 5, cap: "releaseCap: 1")
            let first = try nodes.first
            _ = try await nodes.ask(under: "r-limits", at: first)
            #expect(
                try await nodes.ask(Self.bySex, under: "r-limits", at: first).refusal?.rule == "budget")
            try await first.run(.revokeAgreement(id: "r-limits", reason: "ended"))
            await #expect(throws: TestFailure.self) {
                try await first.run(.review(.approve(id: try await number("r-limits", nodes))))
            }
        }

        @Test func theCadenceIsKept() async throws {
            let nodes = try AgreementFederation()
            try await nodes.federation.agree(
                .init(
                    id: "r-slow", controllers: [AgreementSuite.first],
                    more: "cadence: { questions: { most: 1, per: week } }"))
            let first = try nodes.first
            #expect(try await nodes.ask(under: "r-slow", at: first).outcome == .answered)
            // The same again is no new question.
            #expect(try await nodes.ask(under: "r-slow", at: first).outcome == .answered)
            let refusal = try await nodes.ask(Self.bySex, under: "r-slow", at: first).refusal
            #expect(refusal?.rule == "cadence")
            #expect(refusal?.words == "the agreement allows so many questions and no more: 1 in any week")
        }
    }
}
