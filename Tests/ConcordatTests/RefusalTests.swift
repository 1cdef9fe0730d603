import Testing

/// The law of a fragment at the command line: what is refused before any site is asked, and in which words.
extension DifferentialTests {
    struct RefusalCase: Sendable, CustomTestStringConvertible {
        let name: String
        let sql: String
        let sqlstate: String
        let message: String
        var testDescription: String { name }
    }

    private static func illegal(_ name: String, _ sql: String, _ message: String) -> RefusalCase {
        RefusalCase(name: name, sql: sql, sqlstate: "42501", message: message)
    }

    static let refusals = [
        illegal(
            "gating sub-query",
            "SELECT count(*) FROM patient WHERE EXISTS (SELECT 1 FROM condition WHERE code = '86406008')",
            "a sub-query about other people may not decide which rows count"),
        illegal(
            "second person lineage by area",
            "SELECT count(*) FROM patient a JOIN patient b ON a.lsoa = b.lsoa",
            "tables about people may only be joined person to person"),
        illegal(
            "second person lineage by code",
            "SELECT count(*) FROM condition a JOIN observation b ON a.code = b.code",
            "tables about people may only be joined person to person"),
        illegal(
            "an identifier compared", "SELECT count(*) FROM patient WHERE person = '9990000018'",
            "person may only be joined, grouped per person in a sub-query, or counted"),
        illegal(
            "a resource's identifier compared", "SELECT count(*) FROM condition WHERE encounter_id = 'e1'",
            "encounter_id identifies a record and may only be joined"),
        illegal(
            "a function of person", "SELECT count(*) FROM patient WHERE left(person, 3) = '999'",
            "person may only be joined, grouped per person in a sub-query, or counted"),
        illegal(
            "person in a result", "SELECT person, count(*) FROM condition GROUP BY person",
            "the statement would return one row a person"),
        illegal(
            "an exact date as selector", "SELECT count(*) FROM patient WHERE birth_date = DATE '1980-05-17'",
            "birth_date may only be used by its year"),
        illegal(
            "an exact date through age",
            "SELECT count(*) FROM patient WHERE date_part('year', age(DATE '2020-05-17', birth_date)) >= 40",
            "an age is taken today, at an event, or on the first or last day of a month"),
        illegal(
            "an area as selector", "SELECT count(*) FROM patient WHERE lsoa = 'E01000001'",
            "lsoa may only be a group key, joined or looked up in a codelist"),
        illegal(
            "part of an area", "SELECT count(*) FROM patient WHERE substring(lsoa, 1, 3) = 'E01'",
            "lsoa may only be a group key, joined or looked up in a codelist"),
        illegal(
            "rows", "SELECT * FROM condition LIMIT 5", "the statement would return one row a person"),
        illegal(
            "an extreme", "SELECT max(value_quantity) FROM observation",
            "max over people is one person's value"),
        illegal(
            "an average as gate",
            "SELECT count(*) FROM observation "
                + "WHERE value_quantity > (SELECT avg(value_quantity) FROM observation)",
            "a sub-query that aggregates over people is a query of its own"),
        illegal(
            "a rank among people",
            "SELECT count(*) FROM (SELECT row_number() OVER (ORDER BY onset_date) AS r FROM condition) x "
                + "WHERE r = 1",
            "row_number() OVER (…) mixes the rows of several people"),
        RefusalCase(
            name: "a regular expression", sql: "SELECT count(*) FROM condition WHERE code ~ '4'",
            sqlstate: "0A000", message: "a regular expression is not supported"),
        RefusalCase(
            name: "a change", sql: "DELETE FROM patient", sqlstate: "42501",
            message: "DELETE is not permitted: data are only asked, never changed"),
    ]

    @Test("refused at plan time, with a reason that depends on no data", arguments: refusals)
    func refuses(_ example: RefusalCase) async throws {
        let outcome = try await Federation.required().ask(example.sql)
        #expect(outcome.status == 2)
        let fault = try outcome.json()["error"]
        #expect(fault["sqlstate"].text == example.sqlstate)
        #expect(fault["message"].text == example.message)
        #expect(fault["hint"].text?.isEmpty == false)
        #expect(fault["position"].integer != nil)
        #expect(fault["sites"] == .array([]))
    }
}
