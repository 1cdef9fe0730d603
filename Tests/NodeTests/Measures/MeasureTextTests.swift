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
