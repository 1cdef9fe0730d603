import Query
import Testing

/// What a question says to people who do not read SQL.
struct QuestionWordsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let sql: String
        /// A paragraph a fragment.
        let words: [String]

        var testDescription: String { sql }
    }

    private static let patients = "Read from: patient (one row a person)."
    private static let conditions = "Read from: condition (one row a recorded condition)."

    static let cases = [
        Case(sql: "SELECT count(*) FROM patient", words: ["How many records. \(patients)"]),
        Case(
            sql: "SELECT sex, count(DISTINCT person) FROM patient GROUP BY sex",
            words: ["How many people, for each sex of patient. \(patients)"]),
        Case(
            sql: """
                SELECT extract(year FROM onset_date) AS year, count(*) FROM condition
                WHERE in_codelist(code, 'diabetes') AND onset_date >= DATE '2020-01-01' GROUP BY 1
                """,
            words: [
                "How many records, for each year of onset date of condition. \(conditions) Only where code of "
                    + "condition is on the codelist ‘diabetes’ (version 2024-05-01); and onset date of condition is on or "
                    + "after 2020-01-01."
            ]),
        Case(
            sql: """
                SELECT count(*) FROM patient p WHERE EXISTS (
                  SELECT 1 FROM condition c WHERE c.person = p.person AND c.code = '73211009')
                """,
            words: [
                "How many records. Read from: patient (one row a person); condition (one row a recorded condition). Only where there is a record of condition, such "
                    + "that they are of the same person and code of condition is ‘73211009’."
            ]),
        Case(
            sql: """
                SELECT count(*) FROM patient p WHERE NOT EXISTS (
                  SELECT 1 FROM condition c WHERE c.person = p.person)
                """,
            words: [
                "How many records. Read from: patient (one row a person); condition (one row a recorded condition). Only where there is no record of condition, such "
                    + "that they are of the same person."
            ]),
        Case(
            sql: """
                SELECT count(DISTINCT p.person) AS all_people, count(DISTINCT c.person) AS ill
                FROM patient p LEFT JOIN condition c ON c.person = p.person AND c.code = '73211009'
                """,
            words: [
                "How many people with a record of patient and how many people with a record of condition. Read from: "
                    + "patient (one row a person); condition (one row a recorded condition). Only where records of "
                    + "condition are looked up where there are any, such that they are of the same person and code of "
                    + "condition is ‘73211009’."
            ]),
        Case(
            sql:
                "SELECT avg(value_quantity) FROM observation WHERE code = '8480-6' AND (value_quantity > 140 OR value_quantity IS NULL)",
            words: [
                "The average of value quantity of observation. Read from: observation (one row a measurement or finding). Only where code of observation is "
                    + "‘8480-6’; and (value quantity of observation is above 140 or value quantity of observation is not recorded)."
            ]),
        Case(
            sql: """
                SELECT CASE WHEN sex = 'female' THEN 'women' ELSE 'others' END AS who,
                  count(*) FILTER (WHERE deceased) FROM patient GROUP BY 1
                """,
            words: [
                "How many records (only where deceased of patient is yes), for each one of [‘women’ where sex of "
                    + "patient is ‘female’; otherwise ‘others’]. \(patients)"
            ]),
    ]

    @Test(arguments: cases)
    func words(_ example: Case) throws {
        let fragments = try Planning.plan(example.sql).fragments
        #expect(fragments.map { QuestionWords($0, catalog: TestCatalog.catalog).sentence } == example.words)
    }
}
