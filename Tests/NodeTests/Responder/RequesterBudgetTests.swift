import Core
import Exchange
import Store
import Testing

@testable import Node

/// What one organisation is answered in a year, whatever agreements and users it makes.
@Suite struct RequesterBudgetTests {
    private static let site = NodeFederation.organisation("RJ1")

    @Test func aRequesterIsAnsweredSoManyQuestionsOverAllAgreements() async throws {
        try await withTemporaryDirectory { root in
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(organisation: Self.site, role: .controller, requesterBudget: 2),
                ]
            ) { federation in
                try await federation.fill([Self.site], patients: 200, seed: 5)
                for (id, profile) in [("one", "concordat"), ("two", "concordat"), ("open", "none")] {
                    try await federation.agree(
                        .init(
                            id: id, controllers: [Self.site], profile: profile, gateway: "notConfidential"))
                }
                let requester = try federation.node(NodeFederation.requester)
                func ask(_ sql: String, _ agreement: String, user: String) async throws -> QueryResult {
                    var question = try await QuestionByHand(sql, under: agreement, at: requester)
                    question.user = user
                    return try await question.ask(try federation.node(Self.site), from: requester).body
                }
                let count = "SELECT count(*) AS n FROM patient"
                let bySex = "SELECT sex, count(*) AS n FROM patient GROUP BY sex"
                let once = try await ask(count, "one", user: "u-1")
                #expect(once.outcome == .answered, "\(once.refusal?.words ?? "")")
                #expect(try await ask(count, "two", user: "u-2").outcome == .answered)
                // Another user and another agreement do not help; what was answered is answered again.
                for agreement in ["one", "two"] {
                    let refused = try await ask(bySex, agreement, user: "u-3")
                    #expect(refused.outcome == .refused && refused.refusal?.rule == "budget")
                    #expect(refused.refusal?.words.contains("2 questions in 365 days") == true)
                    #expect(try await ask(count, agreement, user: "u-3").outcome == .answered)
                }
                // Where nothing is withheld nothing is charged to it.
                for sql in [count, bySex, "SELECT count(*) AS n FROM condition"] {
                    #expect(try await ask(sql, "open", user: "u-1").outcome == .answered)
                }
            }
        }
    }
}
