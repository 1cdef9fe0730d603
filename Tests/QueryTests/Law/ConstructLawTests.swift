import Core
import Testing

@testable import Query

/// The law holds in whatever words a question is put: each of these would select by, or return, other people.
@Suite struct ConstructLawTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let sql: String
        var state = "42501"

        init(_ name: String, _ sql: String, _ state: String = "42501") {
            testDescription = name
            self.sql = sql
            self.state = state
        }
    }

    static let refused = [
        Case(
            "the first of many people",
            "SELECT count(*) FROM (SELECT DISTINCT ON (code) code, person FROM condition ORDER BY code, onset_date) x"
        ),
        Case(
            "the first area of a person",
            "SELECT count(*) FROM (SELECT DISTINCT ON (person) person, sex FROM patient ORDER BY person, lsoa) x"
        ),
        Case(
            "LATERAL by area",
            "SELECT count(*) FROM patient p CROSS JOIN LATERAL (SELECT q.sex FROM patient q WHERE q.lsoa = p.lsoa) x"
        ),
        Case(
            "LATERAL of other people",
            "SELECT count(*) FROM patient p, LATERAL (SELECT code FROM condition) c"),
        Case(
            "LATERAL by an exact birth date",
            "SELECT count(*) FROM patient p CROSS JOIN LATERAL (SELECT o.code FROM observation o "
                + "WHERE o.person = p.person AND o.effective_at > p.birth_date) x"),
        Case(
            "LATERAL aggregate of other people",
            "SELECT count(*) FROM condition c CROSS JOIN LATERAL (SELECT max(d.rank) AS most FROM condition d "
                + "WHERE d.code = c.code) x WHERE c.rank = x.most"),
        Case(
            "NOT IN other people's values",
            "SELECT count(*) FROM patient WHERE sex NOT IN (SELECT clinical_status FROM condition)"),
        Case(
            "NOT IN by a person that may be missing",
            "SELECT count(*) FROM patient p LEFT JOIN condition c USING (person) "
                + "WHERE c.person NOT IN (SELECT person FROM encounter)"),
        Case(
            "above all others",
            "SELECT count(*) FROM condition c WHERE c.rank > ALL (SELECT d.rank FROM condition d WHERE d.code = '1')"
        ),
        Case(
            "above any other",
            "SELECT count(*) FROM condition c WHERE c.rank > ANY (SELECT d.rank FROM condition d)"),
        Case(
            "the first row of all",
            "SELECT count(*) FROM condition c WHERE c.code = (SELECT code FROM condition ORDER BY onset_date LIMIT 1)"
        ),
        Case(
            "the first row of a code",
            "SELECT count(*) FROM condition c WHERE c.rank = (SELECT d.rank FROM condition d WHERE d.code = c.code "
                + "ORDER BY d.onset_date LIMIT 1)"),
        Case("a set of each person", "SELECT person, count(*) FROM condition GROUP BY ROLLUP (person)"),
        Case(
            "a person as a value of the first row",
            "SELECT (SELECT c.person FROM condition c WHERE c.person = p.person LIMIT 1) AS k, count(*) "
                + "FROM patient p GROUP BY 1"),
        Case("part of an area, replaced", "SELECT count(*) FROM patient WHERE replace(lsoa, 'E0', '') = '1'"),
        Case(
            "part of an area, at its start", "SELECT count(*) FROM patient WHERE starts_with(lsoa, 'E0100')"),
        Case("part of an area, searched", "SELECT strpos(lsoa, '9') AS k, count(*) FROM patient GROUP BY 1"),
        Case(
            "a pattern of data", "SELECT count(*) FROM condition WHERE starts_with(code, code_system)",
            "0A000"),
        Case(
            "a text that grows",
            "SELECT count(*) FROM condition WHERE replace(code, '1', '\(String(repeating: "x", count: 100))') = 'y'",
            "54000"),
        Case("numbers for every person", "SELECT count(*) FROM patient, generate_series(1, 100) AS g"),
    ]

    @Test("refused", arguments: refused)
    func isRefused(_ example: Case) {
        let fault = #expect(throws: SQLFault.self) { try Planning.plan(example.sql) }
        #expect(fault?.sqlstate.rawValue == example.state, "\(String(describing: fault))")
        #expect(fault?.hint != nil)
    }

    static let legal = [
        "SELECT p.sex, count(*) FROM patient p CROSS JOIN LATERAL (SELECT o.code FROM observation o "
            + "WHERE o.person = p.person ORDER BY o.effective_at DESC LIMIT 1) x GROUP BY p.sex",
        "SELECT count(*) FROM condition c WHERE c.rank >= ALL (SELECT d.rank FROM condition d WHERE d.person = c.person)",
        "SELECT count(*) FROM condition c WHERE c.code NOT IN (SELECT d.code FROM condition d "
            + "WHERE d.person = c.person AND d.onset_date < c.onset_date)",
        "SELECT lsoa, sex, count(*) FROM patient GROUP BY CUBE (lsoa, sex)",
        "SELECT count(*) FROM condition WHERE code = ANY ('{44054006,46635009}')",
        "SELECT (SELECT c.code FROM condition c WHERE c.person = p.person ORDER BY c.onset_date LIMIT 1) AS first, "
            + "count(*) FROM patient p GROUP BY 1",
    ]

    /// Legal at the requester, and once more at a site, which trusts the text alone.
    @Test("legal, at the site too", arguments: legal)
    func isLegal(_ sql: String) throws {
        for fragment in try Planning.plan(sql).fragments {
            let again = try SiteReplan.fragment(
                sql: fragment.sql, catalog: TestCatalog.catalog, now: TestCatalog.now)
            #expect(again.aggregate.renumbered() == fragment.aggregate.renumbered())
        }
    }

    static let hostile = [
        Case(
            "a cube of five",
            "SELECT count(*) FROM patient GROUP BY CUBE (sex, deceased, lsoa, practice, site)", "54001"),
        Case(
            "cubes multiplied",
            "SELECT count(*) FROM patient GROUP BY CUBE (sex, deceased, lsoa), CUBE (practice, site)", "54001"
        ),
        Case("a million rows", "SELECT * FROM generate_series(1, 1000000)", "54000"),
        Case("steps of nothing", "SELECT * FROM generate_series(1, 10, 0)", "22023"),
        Case(
            "first rows of first rows",
            String(repeating: "SELECT (SELECT x FROM (", count: 12) + "SELECT 1 AS x"
                + String(repeating: ") t ORDER BY 1 LIMIT 1) AS x", count: 12), "54001"),
    ]

    @Test("hostile", arguments: hostile)
    func isBounded(_ example: Case) {
        let fault = #expect(throws: SQLFault.self) {
            try Binder(catalog: TestCatalog.catalog, now: TestCatalog.now).bind(
                example.sql)
        }
        #expect(fault?.sqlstate.rawValue == example.state, "\(String(describing: fault))")
    }
}
