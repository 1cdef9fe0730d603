import Catalog
import Core
import Testing

@testable import Query

/// Where statements are cut, and what is refused for want of a cut.
@Suite struct FederatedPlannerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let sql: String
        let message: String
        var testDescription: String { sql }
    }

    static let refused = [
        Case(sql: "SELECT sex FROM patient", message: "the statement would return one row a person"),
        Case(
            sql: "SELECT person, count(*) FROM condition GROUP BY person",
            message: "the statement would return one row a person"),
        Case(sql: "SELECT * FROM condition LIMIT 5", message: "the statement would return one row a person"),
        Case(sql: "SELECT DISTINCT code FROM condition", message: "SELECT DISTINCT lists values of people"),
        Case(
            sql: "SELECT code FROM condition GROUP BY code",
            message: "GROUP BY without an aggregate releases nothing"),
        Case(
            sql: """
                SELECT c.code, count(*) FROM condition c
                JOIN (SELECT code, count(*) AS n FROM condition GROUP BY code) t ON t.code = c.code GROUP BY c.code
                """,
            message: "a sub-query that aggregates over people is a query of its own"),
    ]

    @Test("no legal cut", arguments: refused)
    func refuses(_ example: Case) throws {
        let fault = #expect(throws: SQLFault.self) { try Planning.plan(example.sql) }
        #expect(fault?.sqlstate == .insufficientPrivilege)
        #expect(fault?.message == example.message)
        #expect(fault?.hint?.isEmpty == false)
    }

    @Test("what reads released values stays above the cut")
    func above() throws {
        let plan = try Planning.plan(
            """
            SELECT code, 100.0 * n / sum(n) OVER () AS share FROM
              (SELECT code, count(DISTINCT person) AS n FROM condition GROUP BY code) x
            WHERE n > 20 ORDER BY share DESC LIMIT 3
            """)
        #expect(plan.fragments.count == 1)
        #expect(plan.fragments[0].aggregate.input.peopleTables == 1)
        #expect(plan.merge.peopleTables == 0)
    }

    @Test("one question is asked once")
    func once() throws {
        let plan = try Planning.plan(
            """
            WITH n AS (SELECT sex, count(*) AS n FROM patient GROUP BY sex)
            SELECT a.sex, a.n, b.n FROM n a JOIN n b ON a.sex = b.sex
            """)
        #expect(plan.fragments.count == 1)
        try PlanVerifier.verify(plan.merge)
    }

    @Test("numerator and denominator are two questions")
    func two() throws {
        let plan = try Planning.plan(
            """
            WITH all_people AS (SELECT sex, count(*) AS n FROM patient GROUP BY sex),
              cases AS (SELECT p.sex, count(DISTINCT p.person) AS n FROM patient p
                JOIN condition c USING (person) WHERE in_codelist(c.code, 'diabetes') GROUP BY p.sex)
            SELECT a.sex, 1000.0 * c.n / a.n AS rate FROM all_people a LEFT JOIN cases c ON a.sex = c.sex
            """)
        #expect(plan.fragments.count == 2)
    }

    @Test("a statement about no person asks no site")
    func referenceOnly() throws {
        let plan = try Planning.plan("SELECT decile, sum(population) FROM reference.imd GROUP BY decile")
        #expect(plan.fragments.isEmpty)
    }

    @Test("a site re-plans to the same fragment", arguments: LawTests.legal)
    func replans(_ sql: String) throws {
        let asked = try Planning.plan(sql).fragments[0]
        let found = try SiteReplan.fragment(
            sql: asked.sql, catalog: TestCatalog.catalog, now: TestCatalog.now)
        #expect(found.aggregate.renumbered() == asked.aggregate.renumbered())
        #expect(found.shapes == asked.shapes)
        #expect(found.sql == asked.sql)
    }

    @Test(
        "a site refuses what is more than a fragment",
        arguments: [
            "SELECT sex, count(*) FROM patient GROUP BY sex HAVING count(*) > 1",
            "SELECT sex, count(*) FROM patient GROUP BY sex ORDER BY 2 LIMIT 1",
            "SELECT count(*) + 1 FROM patient", "SELECT sex FROM patient",
            "SELECT median(rank) FROM condition WHERE rank < 9",
            "SELECT count(*) FROM patient WHERE birth_date = DATE '1980-05-17'",
        ])
    func replanRefuses(_ sql: String) {
        #expect(throws: SQLFault.self) {
            try SiteReplan.fragment(sql: sql, catalog: TestCatalog.catalog, now: TestCatalog.now)
        }
    }
}
