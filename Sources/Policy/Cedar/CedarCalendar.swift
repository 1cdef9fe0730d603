import Core

/// Dates as Cedar's `datetime` takes them.
enum CedarCalendar {
    /// Days since 1970-01-01 of `YYYY-MM-DD`; the year may be 0000,
    /// which PostgreSQL's calendar does not have.
    static func days(_ text: Substring) -> Int64? {
        if let days = Civil.parseDate(text) { return Int64(days) }
        guard text.hasPrefix("0000-"), let leap = Civil.parseDate("2000" + text.dropFirst(4)) else {
            return nil
        }
        let (_, month, day) = Civil.date(days: leap)
        return Int64(Civil.days(year: 0, month: month, day: day))
    }
}
