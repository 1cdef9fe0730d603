import Core
import Exchange
import Foundation
import Store
import Testing

@testable import Node
@testable import Policy

/// What the policies say of commands at the node itself, and of caps.
@Suite(.serialized) struct LocalAuthorisationTests {
    private static let site = NodeFederation.organisation("RJ1")

    /// What a command comes to at a node whose own policies have these rules beside the shipped ones.
    private func replies(to commands: [NodeCommand], under rules: String) async throws -> [NodeReply] {
        try await withTemporaryDirectory { root in
            let open = try await NodeHome.make(at: "\(root)/home", Self.site, roles: [.requester])
            _ = try PolicyFolder(at: "\(root)/home/policies", adding: rules)
            let node = try await open()
            var replies: [NodeReply] = []
            for command in commands {
                let runner = CommandRunner(context: node, isServing: false)
                replies.append(await runner.run(command, progress: { _, _, _, _ in }))
            }
            await node.close()
            return replies
        }
    }

    private func failure(_ reply: NodeReply) -> String? {
        if case .failed(let words) = reply { return words }
        return nil
    }

    @Test func anOperatorAdministersUnlessThePoliciesForbid() async throws {
        let rules = """
            @id("as-it-is") @reason("{controller} stays as it is")
            forbid (principal, action == Action::"administer", resource);
            """
        let commands: [NodeCommand] = [.createFederation(name: "Tests"), .status, .membershipCard]
        let closed = try await replies(to: commands, under: rules)
        #expect(
            closed.map(failure) == [
                "the node's policies refuse this command (administer): RJ1 stays as it is", nil, nil,
            ])
        let open = try await replies(to: commands, under: "")
        #expect(open.map(failure) == [nil, nil, nil])
    }

    @Test func whatAControllerSeesOfItsDataIsTheOperators() async throws {
        let rules = """
            @id("as-it-is") @reason("{controller} stays as it is")
            forbid (principal, action == Action::"administer", resource);
            """
        let replies = try await replies(to: [.quality(QualityRequest())], under: rules)
        #expect(
            replies.map(failure) == [
                "the node's policies refuse this command (administer): RJ1 stays as it is"
            ])
    }

    @Test func ingestionIsDecidedOnItsOwn() async throws {
        let rules = """
            @id("another-source") @reason("data comes from elsewhere")
            forbid (principal, action == Action::"ingest", resource);
            """
        let replies = try await replies(
            to: [.ingest(paths: ["/nowhere.ndjson"]), .createFederation(name: "Tests")], under: rules)
        #expect(
            replies.map(failure) == [
                "the node's policies refuse this command (ingest): data comes from elsewhere", nil,
            ])
    }

    @Test func theSmallestCapOfPoliciesAndAgreementIsCharged() async throws {
        try await withTemporaryDirectory { root in
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(organisation: Self.site, role: .controller),
                ]
            ) { federation in
                try await federation.agree(.init(id: "capped", controllers: [Self.site]))
                try await federation.fill([Self.site], patients: 60, seed: 3)
                let (asker, site) = (
                    try federation.node(NodeFederation.requester), try federation.node(Self.site)
                )
                _ = try PolicyFolder(
                    at: "\(root)/\(Self.site)/policies",
                    adding: """
                        @id("own-cap") @release_cap("1")
                        permit (principal, action == Action::"aggregate", resource);
                        """)
                try await site.policyCommand(.reload)
                func ask(_ sql: String) async throws -> QueryResult {
                    try await QuestionByHand(sql, under: "capped", at: asker).ask(site, from: asker).body
                }
                let first = try await ask("SELECT count(*) AS n FROM patient")
                #expect(first.outcome == .answered)
                #expect(
                    first.evidence.obligations.contains(
                        "no more than 1 questions are answered under the agreement"))
                let second = try await ask("SELECT sex, count(*) AS n FROM patient GROUP BY sex")
                #expect(second.refusal?.rule == "budget")
                #expect(
                    second.refusal?.words == "the releases that agreement and policies allow are used up")
            }
        }
    }

    /// What was allowed when the question came must still be allowed when the answer leaves.
    @Test func nothingLeavesAfterTheLastDay() throws {
        let day = try #require(Civil.parseDate("2026-06-01"))
        let shipped = URL(filePath: NodeHome.shared.root + "/Policies")
        let permit = Enforcement.Permit(
            decision: Decision(
                outcome: .permit, determining: ["p"], reason: "",
                obligations: Obligations(validUntil: CivilDate(days: day))),
            policy: PolicyInForce(
                engine: try PolicyEngine(directory: shipped), origin: .shipped, version: "shipped",
                digest: Digest(of: []), since: 0))
        let last = Int64(day) * 86_400_000
        try permit.holds(at: WireInstant(milliseconds: last + 86_399_999))
        let refusal = #expect(throws: SiteRefusal.self) {
            try permit.holds(at: WireInstant(milliseconds: last + 86_400_000))
        }
        #expect(refusal?.words == "the permission ended on 2026-06-01, before the answer was ready")
    }
}
