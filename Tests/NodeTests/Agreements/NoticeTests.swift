import Audit
import Core
import Exchange
import Foundation
import Policy
import Testing

@testable import Node

extension AgreementSuite {
    /// What one party does by itself: in force at once there, and told to those whom it concerns.
    @Suite struct NoticeTests {
        @Test func aRevocationIsInForceAtOnceAndToldWhenItCanBe() async throws {
            try await AgreementSuite.with { nodes in
                let both = [AgreementSuite.first, AgreementSuite.second]
                try await nodes.federation.agree(
                    .init(id: "linked", controllers: both, linker: NodeFederation.linker))
                let first = try nodes.first
                let said = try await first.run(.revokeAgreement(id: "linked", reason: "ended by the board"))
                #expect(said.hasPrefix("'linked' is revoked here, at once and for good"))
                #expect(said.contains("notice not delivered yet: QWE, X26"))
                #expect(
                    try await nodes.ask(under: "linked", at: first).refusal?.rule == "agreement-not-in-force")
                #expect(try await nodes.ask(under: "linked", at: try nodes.second).outcome == .answered)
                let waiting = try await nodes.rows(.listAgreements, at: first)[0]
                #expect(waiting["state"] == "revoked" && waiting["notice"] == "not delivered yet: QWE, X26")
                // The requester does not know yet.
                #expect(try await nodes.rows(.listAgreements, at: try nodes.requester)[0]["halted"] == "")
                let watch = try LogWatch(try nodes.requester)
                try await nodes.deliverNotices(of: first)
                #expect(try await nodes.rows(.listAgreements, at: first)[0]["notice"] == "")
                for node in [try nodes.requester, try nodes.linker] {
                    #expect(try await nodes.rows(.listAgreements, at: node)[0]["halted"] == "RJ1 revoked")
                }
                let record = try #require(try watch.records.first)
                #expect(record.kind == .agreement)
                #expect(record.details["act"] == "notice" && record.details["said"] == "revoked")
                #expect(record.details["by"] == "RJ1" && record.details["agreement"] == "linked")
                #expect(try first.records().filter { $0.details["act"] == "notice-delivered" }.count == 2)
            }
        }

        @Test func theRequesterAsksNoMore() async throws {
            try await AgreementSuite.with { nodes in
                let both = [AgreementSuite.first, AgreementSuite.second]
                try await nodes.federation.agree(.init(id: "both", controllers: both))
                #expect(try await nodes.sites(under: "both").map(\.outcome) == [.unreachable, .unreachable])
                try await nodes.first.run(.revokeAgreement(id: "both", reason: "ended by the board"))
                try await nodes.deliverNotices(of: try nodes.first)
                let all = try await nodes.sites(under: "both")
                #expect(all.map(\.outcome) == [.refused, .failed])
                #expect(all[0].rules == ["agreement-not-in-force"])
                let today = Civil.formatDate(Int(Clock.days(Clock.now)))
                #expect(all[0].reason == "RJ1 revoked the agreement on \(today): ended by the board")
                #expect(all[1].reason == "not asked: the question cannot be answered without the others")
                // Where one answer is enough the other is still asked.
                let any = try await nodes.sites(under: "both", require: .any)
                #expect(any.map(\.outcome) == [.refused, .unreachable])
            }
        }

        @Test func aSuspensionIsTakenBackByWhoeverMadeIt() async throws {
            try await AgreementSuite.with { nodes in
                try await nodes.federation.agree(.init(id: "one", controllers: [AgreementSuite.first]))
                let (first, requester) = (try nodes.first, try nodes.requester)
                try await first.run(.agreement(.suspend(id: "one", reason: "an incident")))
                try await nodes.deliverNotices(of: first)
                let refusal = try await nodes.ask(under: "one", at: first).refusal
                #expect(
                    refusal?.words
                        == "for RJ1 the agreement is suspended, and only one in force permits anything")
                #expect(try await nodes.rows(.listAgreements, at: requester)[0]["halted"] == "RJ1 suspended")
                #expect(try await nodes.sites(under: "one").map(\.outcome) == [.refused])
                // Only who suspended it resumes it.
                await #expect(throws: TestFailure.self) {
                    try await requester.run(.agreement(.resume(id: "one", reason: "all clear")))
                }
                try await first.run(.agreement(.resume(id: "one", reason: "all clear")))
                try await nodes.deliverNotices(of: first)
                #expect(try await nodes.ask(under: "one", at: first).outcome == .answered)
                #expect(try await nodes.rows(.listAgreements, at: requester)[0]["halted"] == "")
            }
        }

        /// The requester's own halt stops everybody, also those who have not heard of it from anybody else.
        @Test func theRequestersHaltIsEverybodys() async throws {
            try await AgreementSuite.with { nodes in
                let both = [AgreementSuite.first, AgreementSuite.second]
                try await nodes.federation.agree(.init(id: "both", controllers: both))
                try await nodes.requester.run(.revokeAgreement(id: "both", reason: "the project ended"))
                try await nodes.deliverNotices(of: try nodes.requester)
                for site in [try nodes.first, try nodes.second] {
                    #expect(
                        try await nodes.ask(under: "both", at: site).refusal?.rule == "agreement-not-in-force"
                    )
                }
            }
        }

        @Test func noticesThatComeLateUndoNothing() async throws {
            try await AgreementSuite.with { nodes in
                try await nodes.federation.agree(.init(id: "one", controllers: [AgreementSuite.first]))
                let store = try nodes.requester.agreements
                let site = AgreementSuite.first
                func heed(_ act: AgreementHalt.Act, _ at: Int64) async throws -> Bool {
                    try await store.heed(act, "one", by: site, reason: "r", at: at)
                }
                #expect(try await heed(.suspended, 2_000))
                #expect(try await !heed(.resumed, 1_000))
                #expect(try await store.halts("one").map(\.act) == [.suspended])
                #expect(try await heed(.resumed, 3_000))
                #expect(try await !heed(.suspended, 2_000))
                #expect(try await store.halts("one") == [])
                #expect(try await heed(.revoked, 1_000))
                #expect(try await heed(.resumed, 4_000))
                #expect(try await store.halts("one").map(\.act) == [.revoked])
            }
        }

        /// A notice speaks for its sender alone, over the sender's own connection, about what concerns it.
        @Test func othersCannotSpeakForAParty() async throws {
            try await AgreementSuite.with { nodes in
                try await nodes.federation.agree(.init(id: "one", controllers: [AgreementSuite.first]))
                let (requester, second) = (try nodes.requester, try nodes.second)
                let now = WireInstant(milliseconds: Clock.now)
                func sealed(
                    as sender: OrganisationCode, by node: NodeContext, at: WireInstant
                ) throws -> Envelope.Sealed {
                    try Envelope.seal(
                        AgreementNotice(agreementID: "one", act: .revoked, reason: "r", at: at),
                        addressing: .init(
                            from: sender, to: requester.organisation, key: requester.keys.publicKeys.sealing,
                            issuedAt: now, expiresAt: now.advanced(bySeconds: 60)),
                        signedBy: node.keys.query)
                }
                let forged = try sealed(as: AgreementSuite.first, by: second, at: now)
                try await refusalCode(of: forged.bytes, at: requester, over: AgreementSuite.first)
                try await refusalCode(of: forged.bytes, at: requester, over: AgreementSuite.second)
                let early = try sealed(
                    as: AgreementSuite.first, by: try nodes.first, at: now.advanced(bySeconds: 3_600))
                try await refusalCode(of: early.bytes, at: requester, over: AgreementSuite.first)
                // Its own, and no part of it: heard, and without effect.
                let stranger = try sealed(as: AgreementSuite.second, by: second, at: now)
                let door = FederationDoor(context: requester, peer: AgreementSuite.second)
                let receipt = try Envelope.open(
                    try await door.handle(stranger.bytes), as: AgreementNoticeReceipt.self,
                    expecting: second.expectation(
                        from: requester.organisation, answering: stranger.digest),
                    directory: second.directory, at: now)
                #expect(receipt.body.isKnown == false)
                #expect(try await requester.agreements.halts("one") == [])
            }
        }

        @Test func theWaitGrowsAndEnds() {
            #expect(
                (1...9).map { NoticeQueue.wait(after: $0) / 1_000 }
                    == [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600])
            #expect(NoticeQueue.wait(after: 1_000_000) == 3_600_000)
        }
    }
}
