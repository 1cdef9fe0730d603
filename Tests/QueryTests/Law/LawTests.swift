import Catalog
import Core
import Testing

@testable import Query

/// The law of a fragment: what it refuses, with the whole fault, and what it lets through.
@Suite struct LawTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let sql: String
        let sqlstate: SQLState
        let message: String

        init(_ name: String, _ sql: String, _ sqlstate: SQLState, _ message: String) {
            self.name = name
            self.sql = sql
            self.sqlstate = sqlstate
            self.message = message
        }

        init(_ name: String, _ sql: String, _ message: String) {
            self.init(name, sql, .insufficientPrivilege, message)
        }

        var testDescription: String { name }
    }

    private static let year = "birth_date may only be used by its year"
    private static let areas = "lsoa may only be a group key, joined or looked up in a codelist"
    private static let person = "person may only be joined, grouped per person in a sub-query, or counted"
    private static let gate = "a sub-query about other people may not decide which rows count"
    private static let two = "tables about people may only be joined person to person"
    private static let weights = "sum over people gives its conditions one weight only"
    private static let over = "a sub-query that aggregates over people is a query of its own"
    private static let reference =
        "an age is taken today, at an event, or on the first or last day of a month"

    static let refused: [Case] = [
        Case(
            "gating sub-query",
            "SELECT count(*) FROM patient WHERE EXISTS (SELECT 1 FROM condition WHERE code = '86406008')",
            gate),
        Case(
            "gating by a negation",
            "SELECT count(*) FROM patient p WHERE NOT EXISTS (SELECT 1 FROM condition c WHERE c.code = p.sex)",
            gate),
        Case(
            "second person by area", "SELECT count(*) FROM patient a JOIN patient b ON a.lsoa = b.lsoa", two),
        Case(
            "second person by a list of areas",
            "SELECT count(*) FROM patient WHERE lsoa IN (SELECT lsoa FROM patient WHERE sex = 'male')", gate),
        Case(
            "area by VALUES",
            "SELECT count(*) FROM patient p JOIN (VALUES ('E01000001')) v(l) ON v.l = p.lsoa", areas),
        Case(
            "area by a computed reference",
            """
            SELECT count(*) FROM patient p JOIN
              (SELECT lsoa || '' AS l FROM reference.imd WHERE lsoa = 'E01000001') i ON i.l = p.lsoa
            """, areas),
        Case(
            "date in FILTER", "SELECT count(*) FILTER (WHERE birth_date = DATE '1980-05-17') FROM patient",
            year),
        Case(
            "union without its person",
            """
            SELECT code, count(*) FROM (SELECT code FROM condition UNION ALL SELECT code FROM observation) x
            GROUP BY code
            """, "UNION mixes the rows of several people"),
        Case(
            "reference without a condition", "SELECT count(*) FROM patient CROSS JOIN reference.imd",
            "a reference table is joined to people without a key or band between them"),
        Case(
            "reference by a key or anything",
            "SELECT count(*) FROM patient p JOIN reference.imd i ON i.lsoa_year > 0 OR i.decile = length(p.sex)",
            "a reference table is joined to people without a key or band between them"),
        Case(
            "reference by half a band",
            """
            SELECT count(*) FROM patient p JOIN reference.age_band b
              ON date_part('year', age(p.birth_date)) >= b.lo
            """, "a reference table is joined to people without a key or band between them"),
        Case(
            "text that doubles",
            """
            SELECT count(*) FROM (SELECT b || b || b || b AS c FROM (SELECT a || a || a || a AS b
              FROM (SELECT code || code AS a FROM condition) x) y) z WHERE c = 'x'
            """, .programLimitExceeded, "the text would grow too long"),
        Case(
            "second person by code", "SELECT count(*) FROM condition a JOIN observation b ON a.code = b.code",
            two),
        Case("second person by product", "SELECT count(*) FROM patient a CROSS JOIN condition b", two),
        Case(
            "same person for some rows only",
            "SELECT count(*) FROM patient a JOIN condition b ON a.person = b.person OR b.code = 'x'", person),
        Case("person and a literal", "SELECT count(*) FROM patient WHERE person = '9990000018'", person),
        Case("person in a list", "SELECT count(*) FROM patient WHERE person IN ('9990000018')", person),
        Case("function of person", "SELECT count(*) FROM patient WHERE left(person, 3) = '999'", person),
        Case("person in CASE", "SELECT count(CASE WHEN sex = 'female' THEN person END) FROM patient", person),
        Case("person is null", "SELECT count(*) FROM patient WHERE person IS NULL", person),
        Case(
            "people counted as rows", "SELECT count(person) FROM patient",
            "person may only be counted as count(DISTINCT person)"),
        Case(
            "resource id and a literal", "SELECT count(*) FROM condition WHERE encounter_id = 'e1'",
            "encounter_id identifies a record and may only be joined"),
        Case(
            "resource id as a group", "SELECT encounter_id, count(*) FROM condition GROUP BY encounter_id",
            "encounter_id identifies a record and may only be joined"),
        Case(
            "exact date as a selector", "SELECT count(*) FROM patient WHERE birth_date = DATE '1980-05-17'",
            year),
        Case("date range", "SELECT count(*) FROM patient WHERE birth_date < DATE '1980-05-17'", year),
        Case("date as a group", "SELECT birth_date, count(*) FROM patient GROUP BY birth_date", year),
        Case("date shifted", "SELECT count(*) FROM patient WHERE birth_date + 1 > DATE '1980-01-01'", year),
        Case(
            "date as text", "SELECT count(*) FROM patient WHERE CAST(birth_date AS text) LIKE '1980%'", year),
        Case("day of a date", "SELECT count(*) FROM patient WHERE date_part('day', birth_date) = 17", year),
        Case(
            "month of a date", "SELECT count(*) FROM patient WHERE extract(month FROM birth_date) = 5", year),
        Case(
            "date through CASE and a derived table",
            """
            SELECT count(*) FROM (SELECT CASE WHEN sex = 'male' THEN birth_date END AS d FROM patient) x
            WHERE d = DATE '1980-05-17'
            """, year),
        Case(
            "date through coalesce",
            "SELECT count(*) FROM patient WHERE coalesce(birth_date, DATE '1900-01-01') > DATE '1980-05-17'",
            year),
        Case(
            "date through a minimum per person",
            """
            SELECT count(*) FROM (SELECT person, min(birth_date) AS d FROM patient GROUP BY person) x
            WHERE d = DATE '1980-05-17'
            """, year),
        Case(
            "age on a day of one's choice",
            "SELECT count(*) FROM patient WHERE date_part('year', age(DATE '2020-05-17', birth_date)) >= 40",
            reference),
        Case(
            "age at a made-up event",
            """
            SELECT count(*) FROM (SELECT p.birth_date AS b, coalesce(c.onset_date, DATE '2020-05-17') AS d
              FROM patient p JOIN condition c USING (person)) x
            WHERE date_part('year', age(d, b)) >= 40
            """, reference),
        Case(
            "age in days",
            "SELECT count(*) FROM patient WHERE date_part('day', age(DATE '2025-12-31', birth_date)) = 3",
            "an age may only be used in whole years"),
        Case("area and a literal", "SELECT count(*) FROM patient WHERE lsoa = 'E01000001'", areas),
        Case("area in a list", "SELECT count(*) FROM patient WHERE lsoa IN ('E01000001')", areas),
        Case("pattern on an area", "SELECT count(*) FROM patient WHERE lsoa LIKE 'E01%'", areas),
        Case(
            "substring of an area", "SELECT count(*) FROM patient WHERE substring(lsoa, 1, 3) = 'E01'", areas),
        Case(
            "area by its reference table",
            "SELECT count(*) FROM patient p JOIN reference.imd i ON i.lsoa = p.lsoa WHERE i.lsoa = 'E01000001'",
            areas),
        Case(
            "sub-query over people",
            """
            SELECT count(*) FROM observation
            WHERE value_quantity > (SELECT avg(value_quantity) FROM observation)
            """, over),
        Case(
            "product with an aggregate over people",
            "SELECT count(*) FROM patient CROSS JOIN (SELECT count(*) AS n FROM condition) x", over),
        Case(
            "minimum over people", "SELECT min(value_quantity) FROM observation",
            "min over people is one person's value"),
        Case(
            "maximum over people",
            "SELECT sex, max(rank) FROM patient JOIN condition USING (person) GROUP BY sex",
            "max over people is one person's value"),
        Case(
            "list over people", "SELECT string_agg(code, ',') FROM condition", .featureNotSupported,
            "aggregate string_agg is not supported"),
        Case(
            "spread over people", "SELECT stddev_samp(value_quantity) FROM observation",
            .featureNotSupported, "stddev_samp over people is not released yet"),
        Case(
            "percentile of what has no public range", "SELECT median(value_quantity) FROM observation",
            .featureNotSupported, "percentile_cont needs a value in a public range"),
        Case(
            "percentile per person",
            "SELECT count(*) FROM (SELECT person, median(rank) AS m FROM condition GROUP BY person) x WHERE m > 1",
            .featureNotSupported, "percentile_cont per person is not supported"),
        Case(
            "percentiles of more values than sites answer",
            "SELECT " + (0..<16).map { "median(least(greatest(rank, \($0)), 99))" }.joined(separator: ", ")
                + " FROM condition", .programLimitExceeded,
            "the statement needs 17 fragments, and sites answer 16 at most"),
        Case(
            "distinct codes over people", "SELECT count(DISTINCT code) FROM condition", .featureNotSupported,
            "only people are counted with DISTINCT"),
        Case(
            "measurement as a group",
            "SELECT value_quantity, count(*) FROM observation GROUP BY value_quantity",
            "value_quantity is too fine to group by"),
        Case(
            "time as a group", "SELECT effective_at, count(*) FROM observation GROUP BY effective_at",
            "effective_at is too fine to group by"),
        Case(
            "window over people",
            """
            SELECT count(*) FROM (SELECT code, row_number() OVER (ORDER BY onset_date) AS r FROM condition) x
            WHERE r = 1
            """, "row_number() OVER (…) mixes the rows of several people"),
        Case(
            "first rows of all people", "SELECT count(*) FROM (SELECT code FROM condition LIMIT 10) x",
            "LIMIT mixes the rows of several people"),
        Case(
            "people added to places",
            "SELECT i.decile, count(p.sex) FROM reference.imd i "
                + "LEFT JOIN patient p ON p.lsoa = i.lsoa GROUP BY i.decile",
            "rows without a person may not be joined to people"),
        Case(
            "buckets beyond number",
            "SELECT width_bucket(value_quantity, 0, 10, 2000000000), count(*) FROM observation GROUP BY 1",
            .featureNotSupported, "width_bucket takes 1 to 1,000,000 buckets"),
        Case(
            "buckets with bounds of the data",
            "SELECT width_bucket(value_quantity, 0, value_quantity, 10), count(*) FROM observation GROUP BY 1",
            .featureNotSupported,
            "width_bucket takes only constants here besides its subject"),
        Case(
            "buckets with bounds without measure",
            "SELECT count(*) FROM observation WHERE width_bucket(value_quantity, 0, 1e300, 10) = 1",
            .featureNotSupported,
            "width_bucket takes numbers as its bounds, up to 1e150 and not closer than 1e-140"),
        Case(
            "a mean of intervals",
            """
            SELECT count(*) FROM (SELECT person, avg(end_at - start_at) AS s FROM encounter GROUP BY person) t
            WHERE s > interval '1 day'
            """, .featureNotSupported, "intervals of data are not summed here"),
        Case(
            "a running sum of intervals",
            """
            SELECT count(*) FROM (SELECT sum(end_at - start_at) OVER (PARTITION BY person) AS s FROM encounter) t
            WHERE s > interval '1 day'
            """, .featureNotSupported, "intervals of data are not summed here"),
        Case(
            "an interval without measure",
            "SELECT count(*) FROM encounter WHERE end_at - start_at + interval '100000000 years' > interval '1 day'",
            .featureNotSupported, "an interval is 10,000 years long at most"),
        Case(
            "no bucket",
            "SELECT count(*) FROM observation WHERE width_bucket(value_quantity, 0, 10, 0) = 1",
            .featureNotSupported, "width_bucket takes 1 to 1,000,000 buckets"),
        Case(
            "as many tiles as a column says",
            """
            SELECT count(*) FROM (SELECT ntile(rank) OVER (PARTITION BY person ORDER BY onset_date) AS t
              FROM condition) x WHERE t = 1
            """, .featureNotSupported, "ntile takes a number of rows from 1 to 1,000,000 here"),
        Case(
            "interval times a column",
            "SELECT count(*) FROM condition WHERE onset_date + rank * INTERVAL '1 year' > DATE '2024-01-01'",
            .featureNotSupported, "an interval is multiplied by a constant only, to 10,000 years at most"),
        Case(
            "interval beyond time",
            "SELECT count(*) FROM condition WHERE onset_date + 100000 * INTERVAL '1 year' > DATE '2024-01-01'",
            .featureNotSupported, "an interval is multiplied by a constant only, to 10,000 years at most"),
        Case(
            "two weights",
            """
            SELECT sum(CASE WHEN sex = 'female' THEN 1000 WHEN sex = 'male' THEN 1 ELSE 0 END) FROM patient
            """, .featureNotSupported, weights),
        Case(
            "two conditions added",
            """
            SELECT sum(CASE WHEN sex = 'female' THEN 1000 ELSE 0 END + CASE WHEN deceased THEN 1 ELSE 0 END)
            FROM patient
            """, .featureNotSupported, weights),
        Case(
            "a measure weighted by a condition",
            "SELECT sum(CASE WHEN status = 'final' THEN value_quantity * 1000 ELSE value_quantity END) "
                + "FROM observation", .featureNotSupported, weights),
        Case(
            "a weight beside a measure",
            "SELECT sum(CASE WHEN status = 'final' THEN 40 ELSE value_quantity END) FROM observation",
            .featureNotSupported, weights),
        Case(
            "a weight for what is missing", "SELECT sum(coalesce(value_quantity, 40)) FROM observation",
            .featureNotSupported, weights),
        Case(
            "a condition and a constant",
            "SELECT sum(CASE WHEN status = 'final' THEN 1 ELSE 0 END + 5) FROM observation",
            .featureNotSupported, weights),
        Case(
            "more aggregates than one question has",
            "SELECT \((1...33).map { "sum(\($0) * rank)" }.joined(separator: ", ")) FROM condition",
            .programLimitExceeded, "a question has at most 32 aggregates"),
    ]

    @Test("refused, with the sentence", arguments: refused)
    func refuses(_ example: Case) throws {
        let fault = #expect(throws: SQLFault.self) { try Planning.plan(example.sql) }
        #expect(fault?.sqlstate == example.sqlstate)
        #expect(fault?.message == example.message)
        #expect(fault?.hint?.isEmpty == false)
        #expect(fault?.position != nil)
    }

    static let legal = [
        "SELECT sum(CASE WHEN code = '8480-6' THEN value_quantity END) FROM observation",
        "SELECT sum(CASE WHEN code = '8480-6' THEN value_quantity ELSE 0 END), avg(coalesce(value_quantity, 0)) FROM observation",
        "SELECT avg(CASE WHEN sex = 'female' THEN 1.0 ELSE 0 END) FROM patient",
        "SELECT sum(CASE WHEN sex = 'female' THEN 7 END) FROM patient",
        "SELECT avg(round(CAST(CASE WHEN code = '8480-6' THEN value_quantity / 10 END AS numeric), 2)) FROM observation",
        "SELECT sum(least(greatest(value_quantity, 0), 300)) FROM observation",
        "SELECT sum(least(greatest(coalesce(value_quantity, 0), 0), 300)) FROM observation",
        "SELECT count(*) FROM patient",
        "SELECT count(DISTINCT person) FROM patient",
        "SELECT date_part('year', birth_date) AS born, count(*) FROM patient GROUP BY date_part('year', birth_date)",
        "SELECT count(*) FROM patient WHERE date_part('year', age(birth_date)) >= 40",
        "SELECT count(*) FROM patient WHERE date_part('year', age(DATE '2020-02-29', birth_date)) >= 40",
        "SELECT count(*) FROM patient WHERE birth_date IS NULL",
        "SELECT date_trunc('decade', birth_date), count(*) FROM patient GROUP BY date_trunc('decade', birth_date)",
        """
        SELECT count(*) FROM patient p JOIN condition c USING (person)
        WHERE date_part('year', age(c.onset_date, p.birth_date)) < 40
        """,
        "SELECT lsoa, count(DISTINCT person) FROM patient GROUP BY lsoa",
        "SELECT count(*) FROM patient WHERE in_codelist(lsoa, 'diabetes')",
        "SELECT i.decile, count(*) FROM patient p JOIN reference.imd i USING (lsoa) GROUP BY i.decile",
        "SELECT count(*) FROM patient WHERE lsoa IN (SELECT lsoa FROM reference.imd WHERE decile = 1)",
        "SELECT count(*) FROM patient a, condition b, observation c WHERE a.person = b.person AND a.person = c.person",
        """
        SELECT count(*) FROM patient p WHERE EXISTS
          (SELECT 1 FROM condition c WHERE c.person = p.person AND c.code = '86406008')
        """,
        """
        SELECT avg(n) FROM (SELECT person, count(*) AS n FROM condition GROUP BY person) x
        """,
        """
        SELECT count(*) FROM (SELECT person, max(effective_at) AS t FROM observation GROUP BY person) x
        WHERE t > TIMESTAMP '2024-05-17 00:00:00'
        """,
        """
        SELECT avg(v) FROM (SELECT person, value_quantity AS v,
          row_number() OVER (PARTITION BY person ORDER BY effective_at DESC) AS r FROM observation) x WHERE r = 1
        """,
        """
        SELECT b.name, count(*) FROM patient p JOIN reference.age_band b
          ON date_part('year', age(p.birth_date)) BETWEEN b.lo AND b.hi GROUP BY b.name
        """,
        "SELECT date_trunc('month', effective_at), count(*) FROM observation GROUP BY date_trunc('month', effective_at)",
        "SELECT onset_date, count(*) FROM condition GROUP BY onset_date",
        "SELECT round(value_quantity), count(*) FROM observation GROUP BY round(value_quantity)",
        """
        SELECT sex, count(*) FROM patient WHERE person IN
          (SELECT person FROM condition GROUP BY person HAVING count(*) >= 2) GROUP BY sex
        """,
        "SELECT count(*) FROM (SELECT DISTINCT person, code FROM condition) x",
        """
        SELECT code, count(DISTINCT person) FROM (SELECT person, code FROM condition
          UNION ALL SELECT person, code FROM observation) x GROUP BY code
        """,
        """
        SELECT count(*) FROM patient p LEFT JOIN
          (SELECT person, max(value_quantity) AS top FROM observation WHERE code = '8480-6' GROUP BY person) o
          ON o.person = p.person WHERE o.top > 140
        """,
        "SELECT count(*) FROM condition c JOIN encounter e ON e.person = c.person AND e.encounter_id = c.encounter_id",
    ]

    @Test("legal", arguments: legal)
    func permits(_ sql: String) throws {
        #expect(try Planning.plan(sql).fragments.count == 1)
    }

    @Test("the person behind an empty side does not group")
    func nullablePerson() throws {
        let sql = """
            SELECT avg(n) FROM (SELECT c.person, count(*) AS n
              FROM patient p LEFT JOIN condition c ON c.person = p.person GROUP BY c.person) x
            """
        let fault = #expect(throws: SQLFault.self) { try Planning.plan(sql) }
        #expect(fault?.message == "a sub-query that aggregates over people is a query of its own")
    }

    @Test("today may be a day off at the site")
    func dayOff() throws {
        let sql = "SELECT count(*) FROM patient WHERE date_part('year', age(birth_date)) >= 40"
        let day: Int64 = 86_400_000_000
        let asked = TestCatalog.now + 10 * day
        let catalog = TestCatalog.catalog
        guard case .select(let query) = try Binder(catalog: catalog, now: asked).bind(sql) else { return }
        let planner = FederatedPlanner(catalog: catalog, today: Int(asked / day))
        let sent = try planner.plan(query).fragments[0].sql
        for shift in [-1, 0, 1] {
            _ = try SiteReplan.fragment(
                sql: sent, catalog: catalog, now: asked + Int64(shift) * day)
        }
        #expect(throws: SQLFault.self) {
            try SiteReplan.fragment(sql: sent, catalog: catalog, now: asked + 2 * day)
        }
    }
}
