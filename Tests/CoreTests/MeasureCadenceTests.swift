import Testing

@testable import Core

@Suite struct MeasureCadenceTests {
    struct Case: CustomTestStringConvertible {
        let every: MeasureCadence
        let day: String
        let end: String
        var testDescription: String { "\(every) of \(day)" }
    }

    private static func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

    @Test(arguments: [
        Case(every: .day, day: "2026-02-28", end: "2026-02-28"),
        // 2026-11-22 is a Sunday.
        Case(every: .week, day: "2026-11-22", end: "2026-11-22"),
        Case(every: .week, day: "2026-11-23", end: "2026-11-29"),
        Case(every: .week, day: "1969-12-31", end: "1970-01-04"),
        Case(every: .month, day: "2024-02-01", end: "2024-02-29"),
        Case(every: .month, day: "2100-02-10", end: "2100-02-28"),
        Case(every: .quarter, day: "2026-01-01", end: "2026-03-31"),
        Case(every: .quarter, day: "2026-12-31", end: "2026-12-31"),
        Case(every: .year, day: "2026-06-01", end: "2026-12-31"),
    ])
    func aPeriodEndsWithItsLastDay(_ c: Case) throws {
        let end = c.every.end(of: try Self.day(c.day))
        #expect(end == (try Self.day(c.end)))
        #expect(c.every.end(of: end) == end)
    }

    @Test func periodsFollowOneAnother() throws {
        let months = MeasureCadence.month.ends(
            from: try Self.day("2025-12-15"), before: try Self.day("2026-03-31"))
        #expect(months.map(\.description) == ["2025-12-31", "2026-01-31", "2026-02-28"])
        #expect(
            MeasureCadence.year.ends(from: try Self.day("2026-01-01"), before: try Self.day("2026-12-31"))
                == [])
    }

    /// For every day of some years: the last end is before the day, and the next one is not.
    @Test(arguments: MeasureCadence.allCases) func theLastEndIsTheLast(_ every: MeasureCadence) {
        for days in 19_000..<20_500 {
            let day = CivilDate(days: days)
            let last = every.lastEnd(before: day)
            #expect(last < day && every.end(of: last) == last)
            #expect(every.end(of: CivilDate(days: last.days + 1)) >= day)
        }
    }
}
