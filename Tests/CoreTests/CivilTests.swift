import Core
import Testing

@Suite struct CivilTests {
    @Test func everyDayOfFiveCenturiesGoesThereAndBack() {
        var expected = Civil.days(year: 1700, month: 1, day: 1)
        for year in 1700..<2200 {
            for month in 1...12 {
                for day in 1...Civil.daysInMonth(year: year, month: month) {
                    #expect(Civil.days(year: year, month: month, day: day) == expected)
                    #expect(Civil.date(days: expected) == (year, month, day))
                    expected += 1
                }
            }
        }
    }

    @Test(
        arguments: [
            ("1970-01-01", 0), ("1969-12-31", -1), ("2024-02-29", 19_782), ("2023-02-29", nil),
            ("2023-13-01", nil),
            ("2023-1-01", nil), ("", nil), ("0000-01-01", nil),
        ] as [(String, Int?)])
    func parse(_ text: String, _ days: Int?) {
        #expect(Civil.parseDate(text) == days)
    }

    @Test func timestampsBeforeTheEpochRoundDown() {
        #expect(Civil.formatTimestamp(-1) == "1969-12-31 23:59:59.999999")
        #expect(Civil.formatTimestamp(0) == "1970-01-01 00:00:00")
        #expect(Civil.formatTimestamp(-86_400_000_000) == "1969-12-31 00:00:00")
    }
}
