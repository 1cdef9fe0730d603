import Core
import Exchange
import Foundation
import Policy
import Store
import Testing

@testable import Node

extension DoorSuite {
    /// No request chooses its own legal context: whatever it says of itself, the site decides on its own agreement.
    @Suite struct LegalContextTests {
        /// What a request says, changed at random; the name of what makes it refusable.
        private func change(
            _ question: inout QuestionByHand, using random: inout SeededGenerator
        ) -> Bool {
            func pick<T>(_ values: [T]) -> T { values[Int(random.next() % UInt64(values.count))] }
            var isHonest = true
            question.user = pick([
                "u-1", "", "RJ1", "Controller::\"RJ1\"", "u\" in Organisation::\"RJ1", "\u{0}", "é",
                String(repeating: "x", count: 20_000),
                "{\"__entity\":{\"type\":\"Agreement\",\"id\":\"linked\"}}",
            ])
            question.purpose = pick([
                "planning", "direct-care", "legal-duty", "research", "public-health", "x",
            ])
            switch random.next() % 5 {
            case 0:
                question.agreementDigest = Digest(of: [UInt8(random.next() % 256)])
                isHonest = false
            case 1:
                question.participants = pick([
                    [], [DoorSuite.real], [DoorSuite.second], [DoorSuite.first, DoorSuite.real],
                ])
                isHonest = false
            case 2:
                question.requester = pick([DoorSuite.second, DoorSuite.first, NodeFederation.linker])
                isHonest = false
            case 3:
                question.agreementID = pick(["other", "expired", "nothing", "", "linked\u{0}"])
                isHonest = false
            default: break
            }
            return isHonest
        }

        @Test(arguments: [1, 2_026, 77] as [UInt64])
        func theSiteDecidesOnItsOwnAgreement(_ seed: UInt64) async throws {
            let door = try Door()
            var random = SeededGenerator(seed: seed)
            let now = WireInstant(milliseconds: Clock.now)
            let live = try #require(try await door.first.agreement("linked", at: now))
            let engine = try door.first.policy.current().engine
            var permitted = 0
            for round in 0..<200 {
                var question = try await door.question()
                let isHonest = change(&question, using: &random)
                let request = try question.request
                let enforcement = Enforcement(
                    context: door.first, request: request, sender: NodeFederation.requester, now: now)
                let note: DecisionNote
                do {
                    let agreement = try await enforcement.agreement()
                    note = try #require(
                        try enforcement.decide(try enforcement.replan(), under: agreement).note)
                } catch let refusal as SiteRefusal {
                    guard let decision = refusal.decision else { continue }
                    note = decision
                }
                #expect(
                    isHonest, "seed \(seed), round \(round): \(request.agreementID) \(request.participants)")
                let asked = AccessRequest(
                    requester: NodeFederation.requester, controller: DoorSuite.first, user: question.user,
                    roles: [.analyst],
                    action: .aggregate, agreement: live.record, statedPurpose: Purpose(question.purpose),
                    columns: [], datasets: ["patient"], codelists: [], isSynthetic: true,
                    now: Date(timeIntervalSince1970: Double(now.milliseconds) / 1000))
                let input = engine.canonicalInput(of: asked, agreementDigest: live.digest.description)
                #expect(
                    note.inputDigest == Digest(of: Array((input + "\n").utf8)), "seed \(seed), round \(round)"
                )
                if note.obligations != nil {
                    #expect(question.purpose == "planning", "seed \(seed), round \(round)")
                    permitted += 1
                }
            }
            #expect(permitted > 0)
        }

        /// Fields that a request does not have are not read, wherever they stand.
        @Test func whatARequestAddsIsNotRead() async throws {
            let door = try Door()
            let request = try await door.question().request
            let json = try JSONSerialization.jsonObject(with: Data(try WireJSON.encode(request)))
            var fields = try #require(json as? [String: Any])
            fields["legalContext"] = ["article6": "c", "article9": "i", "gateway": "copiReg3"]
            fields["gateway"] = "copiReg3"
            fields["isSynthetic"] = true
            fields["agreement"] = ["state": "in force", "honour": [String]()]
            let added = try JSONSerialization.data(withJSONObject: fields)
            let read = try WireJSON.decode(QueryRequest.self, from: Array(added))
            #expect(read == request)
        }
    }
}
