/// How often a measure recurs: calendar periods, each named by its last day. Weeks end on Sunday (ISO 8601).
package enum MeasureCadence: String, Codable, CaseIterable, Sendable {
    case day, week, month, quarter, year

    /// The last day of the period that a day lies in.
    package func end(of day: CivilDate) -> CivilDate {
        let (year, month, _) = Civil.date(days: day.days)
        switch self {
        case .day: return day
        case .week:
            // Day 0, 1970-01-01, was a Thursday: three days after a Monday.
            let weekday = ((day.days + 3) % 7 + 7) % 7
            return CivilDate(days: day.days + 6 - weekday)
        case .month: return Self.lastDay(year, month)
        case .quarter: return Self.lastDay(year, (month + 2) / 3 * 3)
        case .year: return Self.lastDay(year, 12)
        }
    }

    /// The ends of all periods that end on or after one day, and before another, oldest first.
    package func ends(from first: CivilDate, before limit: CivilDate) -> [CivilDate] {
        var ends: [CivilDate] = []
        var end = end(of: first)
        while end < limit {
            ends.append(end)
            end = self.end(of: CivilDate(days: end.days + 1))
        }
        return ends
    }

    /// The end of the last period that ended before a day.
    package func lastEnd(before day: CivilDate) -> CivilDate {
        var candidate = CivilDate(days: day.days - 1)
        while end(of: candidate) >= day { candidate = CivilDate(days: candidate.days - 1) }
        return end(of: candidate)
    }

    private static func lastDay(_ year: Int, _ month: Int) -> CivilDate {
        CivilDate(
            days: Civil.days(
                year: year, month: month, day: Civil.daysInMonth(year: year, month: month)))
    }
}
