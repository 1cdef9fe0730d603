import Audit
import Core
import Exchange
import Foundation
import Store
import Testing

@testable import Node
@testable import Policy

extension DoorSuite {
    /// Every decision is in the log with what it was made from, and the answer names it.
    @Suite struct DecisionLogTests {
        @Test func aPermitIsKeptWithItsConditions() async throws {
            let door = try Door()
            let log = try LogWatch(door.first)
            let question = try await door.question("SELECT sex, count(*) AS n FROM patient GROUP BY sex")
            let result = try await question.ask(door.first, from: door.requester).body
            #expect(result.outcome == .answered)
            let details = try #require(try log.records.last).details
            let policy = try door.first.policy.current()
            #expect(details["decision"] == result.evidence.decisionID)
            #expect(details["policyVersion"] == policy.version)
            #expect(details["policyDigest"] == policy.digest.description)
            #expect(result.evidence.policyVersion == policy.version)
            #expect(result.evidence.policyDigest == policy.digest)
            #expect(details["policies"] == result.evidence.determiningPolicies.joined(separator: " "))
            #expect(details["obligations"]?.contains("\"columns\":[\"patient.sex\"]") == true)
        }

        /// From what stands in the log and what the site knows of the agreement anybody can make the digest again.
        @Test func theInputCanBeComputedAgain() async throws {
            let door = try Door()
            let log = try LogWatch(door.first)
            let question = try await door.question("SELECT sex, count(*) AS n FROM patient GROUP BY sex")
            _ = try await question.ask(door.first, from: door.requester)
            let details = try #require(try log.records.last).details
            let at = try #require(details["decidedAt"].flatMap(Int64.init))
            let live = try #require(
                try await door.first.agreement("linked", at: WireInstant(milliseconds: at)))
            let asked = AccessRequest(
                requester: NodeFederation.requester, controller: DoorSuite.first,
                user: try #require(details["user"]), roles: [.analyst], action: .aggregate,
                agreement: live.record,
                statedPurpose: Purpose("planning"), columns: ["patient.sex"], codelists: [],
                isSynthetic: true, now: Date(timeIntervalSince1970: Double(at) / 1000))
            let input = try door.first.policy.current().engine.canonicalInput(
                of: asked, agreementDigest: live.digest.description)
            #expect(details["input"] == Digest(of: Array((input + "\n").utf8)).description)
        }

        @Test func aRefusalIsKeptAsWell() async throws {
            let door = try Door()
            let result = try await door.question(under: "expired").ask(door.first, from: door.requester).body
            #expect(result.outcome == .refused)
            let id = try #require(result.evidence.decisionID)
            let reply = await CommandRunner(context: door.first, isServing: false).run(
                .showDecision(id: String(id.prefix(12))), progress: { _, _, _, _ in })
            guard case .listing(_, let rows) = reply else {
                Issue.record("no listing: \(reply)")
                return
            }
            let said = Dictionary(rows.map { ($0[0], $0[1]) }) { first, _ in first }
            #expect(said["decision"] == id)
            #expect(said["outcome"] == "refused")
            #expect(said["refused by"] == "agreement-not-in-force")
            #expect(said["version of the policies"] == result.evidence.policyVersion)
            #expect(said["proof"]?.hasPrefix("in the log: ") == true)
        }

        @Test(arguments: ["", "abc", "zzzzzzzzzzzzzzzz", "0123456789ab'", "000000000000"])
        func whatIsNoDecisionIsSaid(_ id: String) async throws {
            let door = try Door()
            await #expect(throws: TestFailure.self) { try await door.first.run(.showDecision(id: id)) }
        }

        /// The same question's name at two sites, and of two askers, are different decisions.
        @Test func decisionsHaveNamesOfTheirOwn() {
            let (first, second) = (DoorSuite.first, DoorSuite.second)
            let names = Set([
                DecisionNote.id("q", of: first, at: second), DecisionNote.id("q", of: second, at: first),
                DecisionNote.id("q", of: first, at: first), DecisionNote.id("p", of: first, at: second),
            ])
            #expect(names.count == 4)
        }
    }
}
