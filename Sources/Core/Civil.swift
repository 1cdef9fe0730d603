/// Proleptic Gregorian dates as day numbers, without Foundation.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil and civil_from_days.
package enum Civil {
    /// Days since 1970-01-01.
    package static func days(year: Int, month: Int, day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    package static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let mp = (5 * dayOfYear + 2) / 153
        let month = mp < 10 ? mp + 3 : mp - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * mp + 2) / 5 + 1)
    }

    package static func daysInMonth(year: Int, month: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 29 : 28
        default: 31
        }
    }

    /// Reads `YYYY-MM-DD`.
    /// - Returns: days since 1970-01-01, or nil if it is not a date that exists.
    package static func parseDate(_ text: some StringProtocol) -> Int? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
            year >= 1, (1...12).contains(month), (1...daysInMonth(year: year, month: month)).contains(day)
        else { return nil }
        return days(year: year, month: month, day: day)
    }

    /// `YYYY-MM-DD`.
    package static func formatDate(_ days: Int) -> String {
        let (year, month, day) = date(days: days)
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
    }

    /// Reads what `formatTimestamp` writes: microseconds since 1970-01-01; nil for anything else.
    package static func parseTimestamp(_ text: some StringProtocol) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let days = parseDate(parts[0]) else { return nil }
        let clock = parts[1].split(separator: ":")
        guard clock.count == 3, let hours = Int64(clock[0]), let minutes = Int64(clock[1]) else { return nil }
        let seconds = clock[2].split(separator: ".")
        guard let first = seconds.first, let whole = Int64(first), seconds.count <= 2 else { return nil }
        var micro: Int64 = 0
        if seconds.count == 2 {
            guard seconds[1].count <= 6, let part = Int64(seconds[1]) else { return nil }
            micro = part
            for _ in seconds[1].count..<6 { micro *= 10 }
        }
        return Int64(days) * 86_400_000_000 + ((hours * 60 + minutes) * 60 + whole) * 1_000_000 + micro
    }

    /// `YYYY-MM-DD HH:MM:SS[.ffffff]`, as PostgreSQL prints a timestamp.
    package static func formatTimestamp(_ microseconds: Int64) -> String {
        let perDay: Int64 = 86_400_000_000
        let day = Int(microseconds / perDay) - (microseconds % perDay < 0 ? 1 : 0)
        var rest = Int(microseconds - Int64(day) * perDay)
        let fraction = rest % 1_000_000
        rest /= 1_000_000
        let clock = "\(pad(rest / 3600, 2)):\(pad(rest / 60 % 60, 2)):\(pad(rest % 60, 2))"
        guard fraction != 0 else { return "\(formatDate(day)) \(clock)" }
        var digits = pad(fraction, 6)
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(formatDate(day)) \(clock).\(digits)"
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
