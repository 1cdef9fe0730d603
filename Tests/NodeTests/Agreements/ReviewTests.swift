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

        private func waiting(_ nodes: AgreementFederation, count: Int, cap: String = "") async throws {
            try await nodes.federation.agree(
                .init(
                    id: "looked-at", controllers: [AgreementSuite.first],
                    more: "pendingReview: \(count)\n\(cap)"))
        }

        private func states(_ nodes: AgreementFederation) async throws -> [String?] {
            try await nodes.rows(.review(.list), at: try nodes.first).map { $0["state"] }
        }

        @Test func theFirstReleasesWaitAndTheNextDoNot() async throws {
            try await AgreementSuite.with { nodes in
                try await waiting(nodes, count: 1)
                let first = try nodes.first
                let log = try LogWatch(first)
                for _ in 0..<2 {
                    let result = try await nodes.ask(under: "looked-at", at: first)
                    #expect(result.outcome == .refused && result.releases == [])
                    #expect(result.refusal?.rule == "pending-review")
                    #expect(
                        result.refusal?.words == "the release waits for a person at RJ1; ask again later")
                }
                #expect(try log.kinds == [.decision, .decision])
                #expect(try await states(nodes) == ["waiting"])
                // Another question waits as well: nothing has been approved.
                #expect(
                    try await nodes.ask(Self.bySex, under: "looked-at", at: first).refusal?.rule
                        == "pending-review")
                let shown = try await first.run(.review(.show(id: 1, json: false)))
                #expect(shown.contains("count(*)") && shown.contains("what would leave:"))
                let count = try await first.rows("SELECT count(*) FROM snapshot_1.patient")[0][0]
                #expect(shown.contains("\n  \(count.text)\n"))
                try await first.run(.review(.approve(id: 1)))
                let result = try await nodes.ask(under: "looked-at", at: first)
                #expect(result.outcome == .answered)
                #expect(result.releases[0]?.block.aggregates[0].rows.first == count.number.map(Int64.init))
                // One was approved, which is as many as wait; what waits still does, what is new does not.
                #expect(
                    try await nodes.ask(Self.bySex, under: "looked-at", at: first).refusal?.rule
                        == "pending-review")
                #expect(
                    try await nodes.ask(
                        "SELECT count(*) AS n FROM condition", under: "looked-at", at: first
                    ).outcome == .answered)
                let acts = try log.records.compactMap { $0.details["act"] }
                #expect(acts == ["review-shown", "review-approved"])
            }
        }

        @Test func whatIsDeclinedIsNotReleasedAndTheReasonStaysHere() async throws {
            try await AgreementSuite.with { nodes in
                try await waiting(nodes, count: 2)
                let first = try nodes.first
                _ = try await nodes.ask(under: "looked-at", at: first)
                try await first.run(.review(.decline(id: 1, reason: "too fine a grain")))
                let result = try await nodes.ask(under: "looked-at", at: first)
                #expect(result.outcome == .refused && result.releases == [])
                #expect(result.refusal?.rule == "review-declined")
                #expect(result.refusal?.words.contains("grain") == false)
                #expect(try await states(nodes) == ["declined"])
                await #expect(throws: TestFailure.self) { try await first.run(.review(.approve(id: 1))) }
                await #expect(throws: TestFailure.self) { try await first.run(.review(.approve(id: 9))) }
            }
        }

        /// Approved is the question; over a newer publication it is answered anew, and not looked at again.
        @Test func theApprovalOutlastsThePublication() async throws {
            try await AgreementSuite.with { nodes in
                try await waiting(nodes, count: 1)
                let first = try nodes.first
                _ = try await nodes.ask(under: "looked-at", at: first)
                _ = try await first.run(.publish)
                try await first.run(.review(.approve(id: 1)))
                let result = try await nodes.ask(under: "looked-at", at: first)
                #expect(result.outcome == .answered)
                #expect(result.evidence.snapshot?.id == "2")
            }
        }

        /// What would leave is in the store, and not to be read there.
        @Test func whatWaitsSurvivesARestartSealed() async throws {
            try await AgreementSuite.with { nodes in
                try await waiting(nodes, count: 1)
                let first = try nodes.first
                _ = try await nodes.ask(under: "looked-at", at: first)
                let entries = try await ReviewStore(store: first.store, vault: first.vault).list()
                let entry = try #require(entries.first)
                #expect(try first.reviews.held(entry).sql[0].contains("count(*)"))
                let text = String(decoding: entry.sealed, as: UTF8.self)
                #expect(!text.contains("count") && !text.contains("patient"))
            }
        }

        @Test func aLinkedQuestionWaitsBeforeAnythingGoesToTheLinker() async throws {
            try await AgreementSuite.with { nodes in
                let both = [AgreementSuite.first, AgreementSuite.second]
                try await nodes.federation.agree(
                    .init(
                        id: "linked", controllers: both, linker: NodeFederation.linker,
                        more: "pendingReview: 1"))
                let (first, second) = (try nodes.first, try nodes.second)
                func ask() async throws -> QueryResult {
                    var question = try await QuestionByHand(
                        "SELECT count(DISTINCT person) AS people FROM patient", under: "linked",
                        at: try nodes.requester)
                    question.fragments = question.fragments.map { RequestFragment(sql: $0.sql, linked: true) }
                    question.linker = NodeFederation.linker
                    question.cellKey = Base64Bytes(CellLabels.makeKey())
                    try await question.collectNonces([first, second], from: try nodes.requester)
                    return try await question.ask(first, from: try nodes.requester).body
                }
                let before = try await ask()
                #expect(before.refusal?.rule == "pending-review" && before.linkerAttachments == [])
                try await first.run(.review(.approve(id: 1)))
                let after = try await ask()
                #expect(after.outcome == .answered && after.linkerAttachments.count == 1)
            }
        }

        /// A revoked agreement releases nothing, approved or not; a cap counts what waits.
        @Test func theAgreementsOtherLimitsHold() async throws {
            try await AgreementSuite.with { nodes in
                try await waiting(nodes, count: 5, cap: "releaseCap: 1")
                let first = try nodes.first
                _ = try await nodes.ask(under: "looked-at", at: first)
                #expect(
                    try await nodes.ask(Self.bySex, under: "looked-at", at: first).refusal?.rule == "budget")
                try await first.run(.revokeAgreement(id: "looked-at", reason: "ended"))
                await #expect(throws: TestFailure.self) { try await first.run(.review(.approve(id: 1))) }
            }
        }

        @Test func theCadenceIsKept() async throws {
            try await AgreementSuite.with { nodes in
                try await nodes.federation.agree(
                    .init(
                        id: "slow", controllers: [AgreementSuite.first],
                        more: "cadence: { questions: { most: 1, per: week } }"))
                let first = try nodes.first
                #expect(try await nodes.ask(under: "slow", at: first).outcome == .answered)
                // The same again is no new question.
                #expect(try await nodes.ask(under: "slow", at: first).outcome == .answered)
                let refusal = try await nodes.ask(Self.bySex, under: "slow", at: first).refusal
                #expect(refusal?.rule == "cadence")
                #expect(refusal?.words == "the agreement allows so many questions and no more: 1 in any week")
            }
        }
    }
}
