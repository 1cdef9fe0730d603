import Audit
import Catalog
import Core
import Exchange
import Foundation
import Policy
import Query
import Store
import Testing

@testable import Node

/// However SQL is spelled, a column that the agreement does not name and a codelist that a policy keeps are refused by
/// the decision of the site itself, and what is allowed is answered.
@Suite(.serialized) struct NoWayAroundTests {
    private static let site = NodeFederation.organisation("RJ1")
    private static let (kept, open) = ("ethnic_category", "sex")
    /// Every column of a patient but the one that is kept, as an agreement names them.
    private static let named = [
        "person", "birth_date", "sex", "lsoa", "practice", "deceased", "deceased_date",
    ]

    private struct Site {
        let node: NodeContext
        let requester: NodeContext

        /// The fragments are sent as they are.
        func ask(_ sql: [String], under agreement: String) async throws -> QueryResult {
            var question = try await QuestionByHand(sql[0], under: agreement, at: requester)
            question.fragments = sql.map { RequestFragment(sql: $0, linked: false) }
            question.nameReferences(of: requester)
            return try await question.ask(node, from: requester).body
        }
    }

    private func withSite(
        policies: String = "", datasets: [String: [String]] = ["patient": named],
        _ body: (Site) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { root in
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(organisation: Self.site, role: .controller),
                ]
            ) { federation in
                let site = Site(
                    node: try federation.node(Self.site),
                    requester: try federation.node(NodeFederation.requester))
                if !policies.isEmpty {
                    let folder = try PolicyFolder(at: root + "/mine", adding: policies)
                    let bundle = try await site.node.policyCommand(.sign(path: folder.path, version: nil))
                    try await site.node.policyCommand(.load(document: bundle))
                }
                try await federation.agree(
                    .init(id: "narrow", controllers: [Self.site], datasets: datasets))
                try await federation.fill([Self.site], patients: 60, seed: 5)
                try await body(site)
            }
        }
    }

    /// The site's own decision, in its answer and in its log.
    private func expectRefusal(_ result: QueryResult, naming column: String, _ words: String) {
        #expect(result.outcome == .refused, "\(words)")
        #expect(result.releases.isEmpty, "\(words)")
        #expect(
            result.refusal?.rule == "columns-outside-agreement", "\(words): \(result.refusal?.words ?? "")")
        #expect(result.refusal?.words.contains(column) == true, "\(words): \(result.refusal?.words ?? "")")
        #expect(result.evidence.policyVersion != nil, "\(words)")
    }

    @Test func noSpellingReachesAColumnThatIsNotNamed() async throws {
        #expect(Spelling.fragments.count + Spelling.statements.count >= 60)
        try await withSite { site in
            for spelling in Spelling.fragments {
                let refused = try await site.ask([spelling.using(Self.kept)], under: "narrow")
                expectRefusal(refused, naming: "patient.\(Self.kept)", spelling.description)
                let answered = try await site.ask([spelling.using(Self.open)], under: "narrow")
                #expect(
                    answered.outcome == .answered,
                    "\(spelling): \(answered.refusal?.words ?? "") in \(spelling.using(Self.open))")
            }
            for spelling in Spelling.statements {
                let refused = try await site.ask(
                    try plan(spelling.using(Self.kept), site.requester), under: "narrow")
                expectRefusal(refused, naming: "patient.\(Self.kept)", spelling.description)
                let answered = try await site.ask(
                    try plan(spelling.using(Self.open), site.requester), under: "narrow")
                #expect(answered.outcome == .answered, "\(spelling): \(answered.refusal?.words ?? "")")
            }
        }
    }

    /// What the requester's own node sends for a statement.
    private func plan(_ sql: String, _ requester: NodeContext) throws -> [String] {
        let statement = try Binder(catalog: requester.catalog, now: Clock.now * 1_000).bind(sql)
        guard case .select(let query) = statement else { throw TestFailure(description: "no SELECT") }
        let planner = FederatedPlanner(catalog: requester.catalog, today: Int(Clock.days(Clock.now)))
        return try planner.plan(query).fragments.map(\.sql)
    }

    @Test func whatIsNeverLegalIsRefusedWithEveryColumn() async throws {
        try await withSite { site in
            for spelling in Spelling.neverLegal {
                for column in [Self.kept, Self.open] {
                    let result = try await site.ask([spelling.using(column)], under: "narrow")
                    #expect(result.outcome == .refused, "\(spelling)")
                    #expect(result.refusal?.rule == "law", "\(spelling): \(result.refusal?.words ?? "")")
                }
            }
        }
    }

    /// One forbidden fragment among allowed ones takes the whole question with it.
    @Test func anAllowedFragmentCarriesNoOther() async throws {
        try await withSite { site in
            let allowed = "SELECT count(*) AS n FROM patient"
            let kept = "SELECT count(*) AS n FROM patient WHERE \(Self.kept) = 'A'"
            for fragments in [[allowed, kept], [kept, allowed], [allowed, allowed, kept]] {
                expectRefusal(
                    try await site.ask(fragments, under: "narrow"), naming: Self.kept,
                    "\(fragments.count) fragments")
            }
        }
    }

    /// A codelist that a policy of the controller keeps to itself.
    private static let keptCodelist = """
        @id("kept-codelist") @reason("this codelist is not for questions")
        forbid (principal, action in Action::"useOfData", resource)
        when { context.codelists.contains(Codelist::"hypertension") };
        """

    private static let codelistSpellings = [
        "SELECT count(*) AS n FROM condition WHERE in_codelist(code, '«l»')",
        "SELECT count(*) AS n FROM condition WHERE NOT in_codelist(code, '«l»')",
        "SELECT count(*) AS n FROM condition c WHERE in_codelist(lower(c.\"code\"), '«l»')",
        "SELECT count(*) FILTER (WHERE in_codelist(code, '«l»')) AS n FROM condition",
        "SELECT count(*) AS n FROM condition c JOIN codelist.«l» l ON l.code = c.code",
        "SELECT count(*) AS n FROM condition c JOIN \"codelist\".\"«l»\" AS x(a, b) ON x.a = c.code",
        "SELECT count(*) AS n FROM condition WHERE code IN (SELECT code FROM codelist.«l»)",
        "SELECT count(*) AS n FROM condition c LEFT JOIN codelist.«l» l USING (code)",
        "SELECT l.term, count(*) AS n FROM condition c JOIN codelist.«l» l ON l.code = c.code GROUP BY l.term",
        "WITH l AS (SELECT code AS a FROM codelist.«l») SELECT count(*) AS n FROM condition WHERE code IN (SELECT a FROM l)",
        "SELECT count(*) AS n FROM patient p WHERE EXISTS (SELECT 1 FROM condition c WHERE c.person = p.person AND in_codelist(c.code, '«l»'))",
        "SELECT count(*) AS n FROM patient p WHERE p.person IN (SELECT c.person FROM condition c JOIN codelist.«l» l ON l.code = c.code)",
        "SELECT sum(CASE WHEN in_codelist(code, '«l»') THEN 1 ELSE 0 END) AS n FROM condition",
        "SELECT in_codelist(code, '«l»') AS k, count(*) AS n FROM condition GROUP BY 1",
    ]

    @Test func noSpellingReachesACodelistThatIsKept() async throws {
        try await withSite(policies: Self.keptCodelist, datasets: [:]) { site in
            for sql in Self.codelistSpellings {
                let refused = try await site.ask(
                    [sql.replacing("«l»", with: "hypertension")], under: "narrow")
                #expect(refused.outcome == .refused, "\(sql)")
                #expect(refused.refusal?.rule == "kept-codelist", "\(sql): \(refused.refusal?.words ?? "")")
                let answered = try await site.ask([sql.replacing("«l»", with: "diabetes")], under: "narrow")
                #expect(answered.outcome == .answered, "\(sql): \(answered.refusal?.words ?? "")")
            }
        }
    }

    /// A prohibition that breaks when it is evaluated denies, and says so, in the answer and in the log.
    @Test func aProhibitionThatBreaksDeniesAndSaysSo() async throws {
        let broken = """
            @id("breaks") @reason("never said") forbid (principal, action in Action::"useOfData", resource)
            when { context.columns.contains("condition.rank") && 9223372036854775807 + 1 > 0 };
            """
        try await withSite(policies: broken, datasets: [:]) { site in
            let fine = try await site.ask(["SELECT count(*) AS n FROM condition"], under: "narrow")
            #expect(fine.outcome == .answered, "\(fine.refusal?.words ?? "")")
            let log = try LogWatch(site.node)
            let result = try await site.ask(
                ["SELECT count(*) AS n FROM condition WHERE rank = 1"], under: "narrow")
            #expect(result.outcome == .refused)
            #expect(result.refusal?.rule == "breaks")
            #expect(
                result.refusal?.words
                    == "the rule breaks could not be evaluated, and a prohibition that cannot be evaluated denies"
            )
            let details = try #require(try log.records.first).details
            #expect(details["rule"] == "breaks")
            #expect(details["policies"] == "breaks")
            #expect(details["policyVersion"] == "1")
        }
    }
}
