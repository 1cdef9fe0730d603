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
            let nodes = try AgreementFederation()
            let both = [AgreementSuite.first, AgreementSuite.second]
            try await nodes.federation.agree(
                .init(id: "n-linked", controllers: both, linker: NodeFederation.linker))
            let first = try nodes.first
            let said = try await first.run(.revokeAgreement(id: "n-linked", reason: "ended by the board"))
            #expect(said.hasPrefix("'n-linked' is revoked here, at once and for good"))
            #expect(said.contains("notice not delivered yet: QWE, X26"))
            #expect(
                try await nodes.ask(under: "n-linked", at: first).refusal?.rule == "agreement-not-in-force")
            #expect(try await nodes.ask(under: "n-linked", at: try nodes.second).outcome == .answered)
            let waiting = try await nodes.listed("n-linked", at: first)
            #expect(waiting["state"] == "revoked" && waiting["notice"] == "not delivered yet: QWE, X26")
            // The requester does not know yet.
            #expect(try await nodes.listed("n-linked", at: try nodes.requester)["halted"] == "")
            let watch = try LogWatch(try nodes.requester)
            try await nodes.deliverNotices(of: first)
            #expect(try await nodes.listed("n-linked", at: first)["notice"] == "")
            for node in [try nodes.requester, try nodes.linker] {
                #expect(try await nodes.listed("n-linked", at: node)["halted"] == "RJ1 revoked")
            }
            // What others had left to be told goes on the same way.
            let told = try watch.records.filter {
                $0.details["act"] == "notice" && $0.details["agreement"] == "n-linked"
            }
            let record = try #require(told.first)
            #expect(told.count == 1 && record.kind == .agreement)
            #expect(record.details["said"] == "revoked" && record.details["by"] == "RJ1")
            #expect(
                try first.records().filter {
                    $0.details["act"] == "notice-delivered" && $0.details["agreement"] == "n-linked"
                }.count == 2)
        }

        @Test func theRequesterAsksNoMore() async throws {
            let nodes = try AgreementFederation()
            let both = [AgreementSuite.first, AgreementSuite.second]
            try await nodes.federation.agree(.init(id: "n-both", controllers: both))
            #expect(try await nodes.sites(under: "n-both").map(\.outcome) == [.unreachable, .unreachable])
            try await nodes.first.run(.revokeAgreement(id: "n-both", reason: "ended by the board"))
            try await nodes.deliverNotices(of: try nodes.first)
            let all = try await nodes.sites(under: "n-both")
            #expect(all.map(\.outcome) == [.refused, .failed])
            #expect(all[0].rules == ["agreement-not-in-force"])
            let today = Civil.formatDate(Int(Clock.days(Clock.now)))
            #expect(all[0].reason == "RJ1 revoked the agreement on \(today): ended by the board")
            #expect(all[1].reason == "not asked: the question cannot be answered without the others")
            // Where one answer is enough the other is still asked.
            let any = try await nodes.sites(under: "n-both", require: .any)
            #expect(any.map(\.outcome) == [.refused, .unreachable])
        }

        @Test func aSuspensionIsTakenBackByWhoeverMadeIt() async throws {
            let nodes = try AgreementFederation()
            try await nodes.federation.agree(.init(id: "n-suspended", controllers: [AgreementSuite.first]))
            let (first, requester) = (try nodes.first, try nodes.requester)
            try await first.run(.agreement(.suspend(id: "n-suspended", reason: "an incident")))
            try await nodes.deliverNotices(of: first)
            let refusal = try await nodes.ask(under: "n-suspended", at: first).refusal
            #expect(
                refusal?.words
                    == "for RJ1 the agreement is suspended, and only one in force permits anything")
            #expect(try await nodes.listed("n-suspended", at: requester)["halted"] == "RJ1 suspended")
            #expect(try await nodes.sites(under: "n-suspended").map(\.outcome) == [.refused])
            // Only who suspended it resumes it.
            await #expect(throws: TestFailure.self) {
                try await requester.run(.agreement(.resume(id: "n-suspended", reason: "all clear")))
            }
            try await first.run(.agreement(.resume(id: "n-suspended", reason: "all clear")))
            try await nodes.deliverNotices(of: first)
            #expect(try await nodes.ask(under: "n-suspended", at: first).outcome == .answered)
            #expect(try await nodes.listed("n-suspended", at: requester)["halted"] == "")
        }

        /// The requester's own halt stops everybody, also those who have not heard of it from anybody else.
        @Test func theRequestersHaltIsEverybodys() async throws {
            let nodes = try AgreementFederation()
            let both = [AgreementSuite.first, AgreementSuite.second]
            try await nodes.federation.agree(.init(id: "n-requester", controllers: both))
            try await nodes.requester.run(.revokeAgreement(id: "n-requester", reason: "the project ended"))
            try await nodes.deliverNotices(of: try nodes.requester)
            for site in [try nodes.first, try nodes.second] {
                #expect(
                    try await nodes.ask(under: "n-requester", at: site).refusal?.rule
                        == "agreement-not-in-force"
                )
            }
        }

        @Test func noticesThatComeLateUndoNothing() async throws {
            let nodes = try AgreementFederation()
            try await nodes.federation.agree(.init(id: "n-late", controllers: [AgreementSuite.first]))
            let store = try nodes.requester.agreements
            let site = AgreementSuite.first
            func heed(_ act: AgreementHalt.Act, _ at: Int64) async throws -> Bool {
                try await store.heed(act, "n-late", by: site, reason: "r", at: at)
            }
            #expect(try await heed(.suspended, 2_000))
            #expect(try await !heed(.resumed, 1_000))
            #expect(try await store.halts("n-late").map(\.act) == [.suspended])
            #expect(try await heed(.resumed, 3_000))
            #expect(try await !heed(.suspended, 2_000))
            #expect(try await store.halts("n-late") == [])
            #expect(try await heed(.revoked, 1_000))
            #expect(try await heed(.resumed, 4_000))
            #expect(try await store.halts("n-late").map(\.act) == [.revoked])
        }

        /// A notice speaks for its sender alone, over the sender's own connection, about what concerns it.
        @Test func othersCannotSpeakForAParty() async throws {
            let nodes = try AgreementFederation()
            try await nodes.federation.agree(.init(id: "n-others", controllers: [AgreementSuite.first]))
            let (requester, second) = (try nodes.requester, try nodes.second)
            let now = WireInstant(milliseconds: Clock.now)
            func sealed(
                as sender: OrganisationCode, by node: NodeContext, at: WireInstant
            ) throws -> Envelope.Sealed {
                try Envelope.seal(
                    AgreementNotice(agreementID: "n-others", act: .revoked, reason: "r", at: at),
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
            #expect(try await requester.agreements.halts("n-others") == [])
        }

        /// Who cannot be reached is tried again when it is due, not before, and until it works.
        @Test func whatCannotBeDeliveredIsTriedAgain() async throws {
            let nodes = try AgreementFederation()
            try await nodes.federation.agree(.init(id: "n-again", controllers: [AgreementSuite.first]))
            let first = try nodes.first
            try await first.run(.agreement(.suspend(id: "n-again", reason: "an incident")))
            func due(_ seconds: Int64) async throws -> [Int] {
                let then = WireInstant(milliseconds: Clock.now).advanced(bySeconds: seconds)
                return try await first.notices.due(at: then)
                    .filter { $0.notice.agreementID == "n-again" }.map(\.attempts)
            }
            #expect(try await due(0) == [])
            #expect(try await due(31) == [1])
            let status = try await StatusReport(context: first, isServing: false).make()
            #expect(status.warnings.contains("notice about 'n-again' not delivered yet: QWE"))
            try await nodes.deliverNotices(of: first)
            #expect(try await due(100_000) == [])
        }

        /// The bodies have the fields that `Schemas/wire` gives them, no other and none less.
        @Test(arguments: ["agreement-notice", "agreement-notice-receipt"])
        func bodiesAreAsTheirSchemasSay(_ name: String) throws {
            let notice = AgreementNotice(
                agreementID: "a", act: .revoked, reason: "r", at: WireInstant(milliseconds: 1))
            let receipt = AgreementNoticeReceipt(
                agreementID: "a", noticeDigest: Digest(of: []), isKnown: true)
            let bytes =
                name == "agreement-notice" ? try JSON.encode(notice) : try JSON.encode(receipt)
            let body = try #require(
                try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
            let file = URL(filePath: NodeHome.shared.schemas + "/wire/\(name).schema.json")
            let schema = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
            let properties = try #require(schema["properties"] as? [String: Any])
            #expect(body.keys.sorted() == properties.keys.sorted())
            #expect(body.keys.sorted() == schema["required"] as? [String])
            let message = URL(filePath: NodeHome.shared.schemas + "/wire/message.schema.json")
            #expect(try String(contentsOf: message, encoding: .utf8).contains("\"\(name).schema.json\""))
        }

        @Test func theWaitGrowsAndEnds() {
            #expect(
                (1...9).map { NoticeQueue.wait(after: $0) / 1_000 }
                    == [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600])
            #expect(NoticeQueue.wait(after: 1_000_000) == 3_600_000)
        }
    }
}
