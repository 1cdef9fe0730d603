import Core

/// A FHIR Period in milliseconds UTC, half open; a date without a time is a day in UTC, the end of a period included
/// as far as it is written.
struct ConsentPeriod: Hashable {
    let start: Int64?
    /// The first instant after it.
    let end: Int64?

    /// - Returns: nil if an end cannot be read.
    init?(_ period: FHIRConsent.Period) {
        var (start, end): (Int64?, Int64?)
        if let text = period.start {
            guard let found = Self.span(text) else { return nil }
            start = found.lowerBound
        }
        if let text = period.end {
            guard let found = Self.span(text) else { return nil }
            end = found.upperBound
        }
        (self.start, self.end) = (start, end)
    }

    func contains(_ instant: Int64) -> Bool {
        (start.map { $0 <= instant } ?? true) && (end.map { instant < $0 } ?? true)
    }

    /// `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or a date and time with an offset.
    static func span(_ text: String) -> Range<Int64>? {
        guard text.utf8.count <= 40, text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let parts = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 {
            guard let day = Civil.parseDate(parts[0]), let time = instant(parts[1], day) else { return nil }
            return time
        }
        switch text.utf8.count {
        case 4:
            guard let first = Civil.parseDate(text + "-01-01"), let last = Civil.parseDate(text + "-12-31")
            else { return nil }
            return days(first, last + 1)
        case 7:
            guard let first = Civil.parseDate(text + "-01") else { return nil }
            let date = Civil.date(days: first)
            return days(first, first + Civil.daysInMonth(year: date.year, month: date.month))
        default:
            guard let day = Civil.parseDate(text) else { return nil }
            return days(day, day + 1)
        }
    }

    private static func days(_ first: Int, _ next: Int) -> Range<Int64> {
        Int64(first) * 86_400_000..<Int64(next) * 86_400_000
    }

    /// `hh:mm:ss[.fff](Z|±hh:mm)`: the second, or the millisecond that is written.
    private static func instant(_ text: Substring, _ day: Int) -> Range<Int64>? {
        guard
            let match = text.wholeMatch(
                of: /(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))/),
            let hour = Int64(match.1), let minute = Int64(match.2), let second = Int64(match.3), hour <= 24,
            minute < 60, second <= 60
        else { return nil }
        var milliseconds = (Int64(day) * 86_400 + hour * 3600 + minute * 60 + second) * 1000
        if let sign = match.5, let hours = match.6.flatMap({ Int64($0) }),
            let minutes = match.7.flatMap({ Int64($0) })
        {
            milliseconds -= (sign == "-" ? -1 : 1) * (hours * 60 + minutes) * 60_000
        }
        guard let fraction = match.4 else { return milliseconds..<milliseconds + 1000 }
        let digits = fraction.prefix(3) + String(repeating: "0", count: max(0, 3 - fraction.count))
        milliseconds += Int64(digits) ?? 0
        return milliseconds..<milliseconds + 1
    }
}
