internal import Core

/// Boundaries of partial dates and times.
///
/// Source: HL7 FHIRPath (continuous build), "lowBoundary", "highBoundary"; HL7 FHIR R5, "FHIRPath", for the
/// zones
/// of what bears none: the earliest (+14:00) of a low boundary, the latest (-12:00) of a high one.
struct TimeBoundary {
    let isLow: Bool
    /// As FHIRPath's `precision()` counts digits; nil for the greatest of the type.
    let precision: Int?

    /// - Parameter hint: `date` gives a date, `time` a time of day, everything else a `dateTime`.
    /// - Returns: nil if it is not a date or time; empty if it has no boundary of that precision.
    func text(_ text: Tape.Text, _ hint: TypeHint) -> String? {
        if hint == .time {
            guard let clock = FHIRTime.Clock(text, from: 0), clock.end == text.count else { return nil }
            return self.clock(text, clock, from: 0, precision ?? 9)
        }
        guard let time = FHIRTime(text, offset: .optional) else { return nil }
        let wanted = precision ?? (hint == .date ? 8 : 17)
        guard hint != .date || wanted <= 8 else { return "" }
        guard let date = date(text, time, min(wanted, 8)) else { return "" }
        guard wanted > 8 else { return date }
        let digits = self.clock(
            text, time.hasClock ? FHIRTime.Clock(text, from: 11) : nil, from: 11, wanted - 8)
        guard !digits.isEmpty else { return "" }
        return date + "T" + digits + zone(text, time)
    }

    private func zone(_ text: Tape.Text, _ time: FHIRTime) -> String {
        guard time.offset != nil, let clock = FHIRTime.Clock(text, from: 11) else {
            return isLow ? "+14:00" : "-12:00"
        }
        return String(decoding: text[clock.end...], as: UTF8.self)
    }

    private func date(_ text: Tape.Text, _ time: FHIRTime, _ wanted: Int) -> String? {
        let (year, month, day) = Civil.date(days: time.days)
        let edgeMonth = time.precision >= 6 ? month : isLow ? 1 : 12
        let lastDay = Civil.daysInMonth(year: year, month: edgeMonth)
        let edgeDay = time.precision >= 8 ? day : isLow ? 1 : lastDay
        let whole = Civil.formatDate(Civil.days(year: year, month: edgeMonth, day: edgeDay))
        switch wanted {
        case 4: return String(whole.prefix(4))
        case 6: return String(whole.prefix(7))
        case 8: return whole
        default: return nil
        }
    }

    /// `hh`, `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff`.
    private func clock(
        _ text: Tape.Text, _ clock: FHIRTime.Clock?, from start: Int, _ wanted: Int
    ) -> String {
        let written = clock.map { String(decoding: text[start..<$0.end], as: UTF8.self) } ?? ""
        let edge = isLow ? "00:00:00.000" : "23:59:59.999"
        let filled = written + edge.dropFirst(written.count)
        // A fraction of more digits than three is kept: it is more than was asked for, and no less.
        switch wanted {
        case 2, 4, 6: return String(filled.prefix(wanted / 2 * 3 - 1))
        case 9: return filled
        default: return ""
        }
    }
}

/// A part of a date or time that a function such as `yearOf()` takes out.
enum TimeComponent: Int32, CaseIterable {
    case year, month, day, hour, minute, second, millisecond, date, time

    init?(function name: String) {
        guard let found = Self.allCases.first(where: { name == "\($0)Of" }) else { return nil }
        self = found
    }

    /// Digits of precision that a value must have.
    var needed: Int {
        switch self {
        case .year, .date: 4
        case .month: 6
        case .day: 8
        case .hour, .time: 10
        case .minute: 12
        case .second: 14
        case .millisecond: 17
        }
    }

    /// Of a value that has it.
    func number(_ time: FHIRTime) -> Int64 {
        let (year, month, day) = Civil.date(days: time.days)
        let seconds = time.microseconds / 1_000_000
        switch self {
        case .year: return Int64(year)
        case .month: return Int64(month)
        case .day: return Int64(day)
        case .hour: return seconds / 3600
        case .minute: return seconds / 60 % 60
        case .second: return seconds % 60
        case .millisecond: return time.microseconds / 1000 % 1000
        case .date, .time: return 0
        }
    }
}

/// Dates and times one after the other, as far as what is written tells.
///
/// Source: HL7 FHIRPath, "Date/Time Equality", "Comparison": precision by precision, seconds with their
/// fraction;
/// where one has a precision that the other lacks, the answer is open.
enum TimeOrder: Equatable {
    /// One of the two is not a date or time.
    case notTimes
    case open
    /// Negative, zero or positive.
    case known(Int)

    static func of(_ a: Tape.Text, _ b: Tape.Text, isTime: Bool) -> TimeOrder {
        if isTime {
            guard let left = FHIRTime.Clock(a, from: 0), let right = FHIRTime.Clock(b, from: 0),
                left.end == a.count, right.end == b.count
            else { return .notTimes }
            return compare(left.microseconds, right.microseconds, left.precision + 8, right.precision + 8)
        }
        guard let left = FHIRTime(a, offset: .optional), let right = FHIRTime(b, offset: .optional) else {
            return .notTimes
        }
        if left.hasClock, right.hasClock, (left.offset == nil) == (right.offset == nil) {
            return compare(left.instant, right.instant, left.precision, right.precision)
        }
        // Days, where one has no time of day or no zone that would move it to another day.
        let shared = min(left.precision, right.precision, 8)
        let order = signum(left.day(shared), right.day(shared))
        return order != 0
            ? .known(order)
            : left.precision == right.precision && shared < 9 && !left.hasClock
                ? .known(0) : .open
    }

    private static func compare(_ a: Int64, _ b: Int64, _ x: Int, _ y: Int) -> TimeOrder {
        let shared = min(x, y)
        let unit: Int64 = shared >= 14 ? 1 : shared == 12 ? 60_000_000 : 3_600_000_000
        let order = signum(floor(a, unit), floor(b, unit))
        if order != 0 { return .known(order) }
        return min(x, 14) == min(y, 14) ? .known(0) : .open
    }

    private static func floor(_ value: Int64, _ unit: Int64) -> Int64 {
        value >= 0 ? value / unit : (value - unit + 1) / unit
    }

    private static func signum(_ a: Int64, _ b: Int64) -> Int { a < b ? -1 : a > b ? 1 : 0 }
}

extension FHIRTime {
    /// A number that orders days of so many digits.
    fileprivate func day(_ digits: Int) -> Int64 {
        let (year, month, day) = Civil.date(days: days)
        return Int64(digits < 6 ? year * 10_000 : digits < 8 ? year * 10_000 + month * 100 : 0)
            + (digits < 8 ? 0 : Int64(year * 10_000 + month * 100 + day))
    }
}
