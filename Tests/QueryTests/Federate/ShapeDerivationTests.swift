import Catalog
import Core
import Testing

@testable import Query

/// Ranges and conditionality, derived from the plan and the catalog's bounds.
@Suite struct ShapeDerivationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let sql: String
        let lower: Double?
        let upper: Double?
        let isConditional: Bool

        init(_ sql: String, _ range: ClosedRange<Double>?, conditional: Bool = false) {
            self.sql = sql
            lower = range?.lowerBound
            upper = range?.upperBound
            isConditional = conditional
        }

        var testDescription: String { sql }
    }

    static let cases = [
        Case("SELECT count(*) FROM patient", 0...1),
        Case("SELECT count(*) FILTER (WHERE sex = 'female') FROM patient", 0...1, conditional: true),
        Case("SELECT count(deceased) FROM patient", 0...1, conditional: true),
        Case("SELECT sum(CASE WHEN sex = 'female' THEN 1 ELSE 0 END) FROM patient", 0...1, conditional: true),
        Case("SELECT sum(CASE WHEN sex = 'female' THEN 7 END) FROM patient", 7...7, conditional: true),
        // Sums of these may be no doubles.
        Case(
            "SELECT sum(CASE WHEN sex = 'female' THEN 0 ELSE -1e308 END) FROM patient", nil, conditional: true
        ),
        Case("SELECT avg(value_quantity) FROM observation", nil),
        Case("SELECT avg(value_quantity) FROM observation WHERE code = '8480-6'", 40...300),
        Case("SELECT avg(value_quantity) FROM observation WHERE code IN ('8480-6')", 40...300),
        Case("SELECT avg(value_quantity) FROM observation WHERE code IN ('8480-6', 'x')", nil),
        Case("SELECT avg(value_quantity) FROM observation WHERE code = '8480-6' OR status = 'final'", nil),
        Case(
            "SELECT avg(value_quantity) FILTER (WHERE code = '8480-6') FROM observation", 40...300,
            conditional: true),
        Case(
            "SELECT sum(CASE WHEN code = '8480-6' THEN value_quantity ELSE 0 END) FROM observation", 0...300,
            conditional: true),
        Case("SELECT sum(2 * value_quantity - 10) FROM observation WHERE code = '8480-6'", 70...590),
        Case(
            "SELECT avg(greatest(0, least(100, value_quantity))) FROM observation", 0...100),
        Case(
            "SELECT sum(least(greatest(value_quantity, 139), 140)) FROM observation", 139...140,
            conditional: true),
        Case(
            "SELECT sum(ceil(date_part('year', age(DATE '2025-12-31', birth_date)) / 120)) FROM patient",
            0...1, conditional: true),
        Case("SELECT sum(date_part('century', birth_date)) FROM patient", nil, conditional: true),
        Case(
            "SELECT sum(CAST(date_part('year', age(birth_date)) / 120 AS integer)) FROM patient", 0...1,
            conditional: true),
        Case("SELECT sum(sqrt(value_quantity)) FROM observation", nil, conditional: true),
        Case("SELECT avg(value_quantity * value_quantity) FROM observation", nil),
        Case("SELECT avg(value_quantity) FROM observation WHERE value_quantity BETWEEN 5 AND 9", 5...9),
        Case("SELECT avg(date_part('year', age(birth_date))) FROM patient", 0...120),
        Case("SELECT sum(extract(month FROM onset_date)) FROM condition", 1...12),
        Case(
            """
            SELECT avg(o.value_quantity) FROM patient p
            LEFT JOIN observation o ON o.person = p.person AND o.code = '8480-6'
            """, 40...300, conditional: true),
        Case(
            """
            SELECT avg(v) FROM (SELECT person, max(value_quantity) AS v FROM observation
              WHERE code = '8480-6' GROUP BY person) x
            """, 40...300),
        Case("SELECT avg(n) FROM (SELECT person, count(*) AS n FROM condition GROUP BY person) x", nil),
    ]

    @Test("shape", arguments: cases)
    func shape(_ example: Case) throws {
        let shape = try #require(try Planning.plan(example.sql).fragments.first?.shapes.first)
        #expect(shape.lower == example.lower)
        #expect(shape.upper == example.upper)
        #expect(shape.isConditional == example.isConditional)
    }
}
