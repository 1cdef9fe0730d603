import Core
import Testing

@testable import Exchange

@Suite struct RequestMeasureTests {
    private static func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

    @Test func theApprovalIsOfAllButThePeriod() throws {
        let first = RequestMeasure(
            name: "m", sql: "SELECT :as_at", every: .month, from: try Self.day("2026-01-01"),
            asAt: try Self.day("2026-01-31"))
        func with(_ name: String = "m", _ sql: String = "SELECT :as_at", _ every: MeasureCadence = .month)
            throws -> Digest
        {
            RequestMeasure(
                name: name, sql: sql, every: every, from: try Self.day("2026-01-01"),
                asAt: try Self.day("2026-02-28")
            ).digest
        }
        #expect(try with() == first.digest)
        #expect(try with("n") != first.digest)
        #expect(try with("m", "SELECT 1, :as_at") != first.digest)
        #expect(try with("m", "SELECT :as_at", .quarter) != first.digest)
    }
}
