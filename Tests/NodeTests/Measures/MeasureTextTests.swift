import Core
import Exchange
import Foundation
import Query
import Testing

@testable import Node

@Suite struct MeasureTextTests {
    private static func statement(_ sql: String) throws -> String {
        try MeasureText.statement(sql, asAt: try #require(CivilDate("2026-10-31"))).sql
    }

    @Test func theLastDayStandsWhereTheNameStood() throws {
        let sql = try Self.statement(
            "SELECT count(*) FROM patient WHERE birth_date <= :as_at AND ':as_at' <> '' -- :as_at")
        #expect(
            sql.filter { $0 != " " }
                == "SELECTcount(*)FROMpatientWHEREbirth_date<=CAST('2026-10-31'ASdate)AND':as_at'<>''--:as_at"
        )
        #expect(try Self.statement("SELECT :AS_AT::text").contains("::text"))
    }

    struct Refused: CustomTestStringConvertible {
        let sql: String
        let state: String
        let position: Int?
        var testDescription: String { sql }
    }

    @Test(arguments: [
        Refused(sql: "SELECT 1", state: "42601", position: nil),
        Refused(sql: "SELECT ':as_at'", state: "42601", position: nil),
        Refused(sql: "SELECT 'é', :today, :as_at", state: "42P02", position: 13),
        Refused(sql: "SELECT $1, :as_at", state: "42P02", position: nil),
        Refused(sql: "SELECT :\"as_at\"", state: "42P02", position: 8),
    ])
    func otherParametersAreNamed(_ c: Refused) throws {
        let fault = try #require(throws: SQLFault.self) { _ = try Self.statement(c.sql) }
        #expect(fault.sqlstate.rawValue == c.state)
        #expect(fault.position == c.position)
        #expect(fault.hint?.contains(":as_at") == true)
    }

    struct Allowed: CustomTestStringConvertible {
        let sql: String
        let isAllowed: Bool
        var testDescription: String { sql }
    }

    /// One approval is of one question: the period says which dated records count, and how old people are.
    @Test(arguments: [
        Allowed(sql: "SELECT count(*) FROM condition WHERE onset_date <= :as_at", isAllowed: true),
        Allowed(
            sql:
                "SELECT count(*) FROM condition WHERE onset_date BETWEEN date_trunc('month', :as_at) AND :as_at",
            isAllowed: true),
        Allowed(
            sql: "SELECT count(*) FROM condition WHERE onset_date > :as_at - interval '1 year'",
            isAllowed: true),
        Allowed(
            sql: "SELECT date_part('year', age(:as_at, birth_date)) AS age, count(*) FROM patient GROUP BY 1",
            isAllowed: true),
        Allowed(
            sql:
                "SELECT count(*) FROM patient p WHERE EXISTS (SELECT 1 FROM condition c WHERE c.person = p.person "
                + "AND c.onset_date <= :as_at)", isAllowed: true),
        Allowed(
            sql:
                "SELECT count(*) FROM (SELECT person, max(onset_date) AS last FROM condition GROUP BY person) l "
                + "WHERE last >= :as_at - interval '90 days'", isAllowed: true),
        Allowed(
            sql:
                "SELECT n, :as_at AS day FROM (SELECT count(*) AS n FROM condition WHERE onset_date <= :as_at) c",
            isAllowed: true),
        // Another question each month.
        Allowed(
            sql:
                "SELECT count(*) FROM condition c JOIN (VALUES (DATE '2026-09-30', 'A'), (DATE '2026-10-31', 'B')) "
                + "v (day, code) ON c.code = v.code AND v.day = :as_at", isAllowed: false),
        Allowed(
            sql:
                "SELECT count(*) FROM condition WHERE code = CASE WHEN :as_at = DATE '2026-10-31' THEN 'A' ELSE 'B' END",
            isAllowed: false),
        Allowed(
            sql: "SELECT count(*) FROM condition WHERE CASE WHEN code = 'A' THEN DATE '2026-09-30' "
                + "ELSE DATE '2026-10-31' END = :as_at", isAllowed: false),
        Allowed(
            sql: "SELECT count(*) FROM condition WHERE :as_at > DATE '2026-10-01' AND code = 'A'",
            isAllowed: false),
        Allowed(
            sql: "SELECT count(*) FROM condition WHERE coalesce(onset_date, DATE '2026-10-31') = :as_at",
            isAllowed: false),
        Allowed(
            sql: "SELECT count(*) FROM condition WHERE code LIKE to_char(:as_at, 'MM') || '%'",
            isAllowed: false),
        Allowed(
            sql:
                "SELECT count(*) FROM condition WHERE date_part('month', :as_at) = 10 AND onset_date <= :as_at",
            isAllowed: false),
        Allowed(
            sql: "SELECT count(*) FROM condition WHERE onset_date IN (:as_at, DATE '2020-01-01')",
            isAllowed: false),
    ])
    func thePeriodDecidesOnlyWhichDatesCount(_ c: Allowed) throws {
        let measure = RequestMeasure(
            name: "m", sql: c.sql, every: .month, from: try #require(CivilDate("2026-01-01")),
            asAt: try #require(CivilDate("2026-10-31")))
        let catalog = try NodeHome.catalog()
        if c.isAllowed {
            _ = try MeasureText.plan(measure, catalog: catalog)
        } else {
            #expect(throws: SQLFault.self) { _ = try MeasureText.plan(measure, catalog: catalog) }
        }
    }

    @Test func placesOfFaultsAreThoseOfTheText() throws {
        let sql = "SELECT count(*) FROM condition WHERE onset_date <= :as_at AND nonsense = 1"
        let measure = RequestMeasure(
            name: "m", sql: sql, every: .month, from: try #require(CivilDate("2026-01-01")),
            asAt: try #require(CivilDate("2026-10-31")))
        let catalog = try NodeHome.catalog()
        let fault = try #require(throws: SQLFault.self) {
            _ = try MeasureText.plan(measure, catalog: catalog)
        }
        #expect(fault.sqlstate.rawValue == "42703")
        let place = try #require(sql.range(of: "nonsense")).lowerBound
        #expect(fault.position == sql.distance(from: sql.startIndex, to: place) + 1)
    }
}
