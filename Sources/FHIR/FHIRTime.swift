internal import Core

/// A FHIR `date`, `dateTime` or `instant`: what is written, not more.
///
/// Source: HL7 FHIR R4, "Data Types", primitive types; HL7 FHIRPath 3.0.0 (ballot), "DateTime".
struct FHIRTime: Hashable {
    /// Whether a time of day must bear an offset: FHIR says so, FHIRPath does not.
    enum OffsetRule { case required, optional }

    /// Digits that are written, as FHIRPath's `precision()` counts them: 4 year, 6 month, 8 day, 10 hour,
    /// 12 minute, 14 second, 17 millisecond.
    let precision: Int
    /// Days since the epoch of the low boundary, on the calendar of the place of writing.
    let days: Int
    /// Microseconds since local midnight.
    let microseconds: Int64
    /// Minutes east of UTC; nil where none is written.
    let offset: Int?

    var hasClock: Bool { precision > 8 }

    /// The instant, in microseconds since the epoch, UTC; a date without time counts as midnight UTC.
    var instant: Int64 { Int64(days) * 86_400_000_000 + microseconds - Int64(offset ?? 0) * 60_000_000 }

    init?(_ text: Tape.Text, offset rule: OffsetRule = .required) {
        guard let year = text.digits(0, 4), year >= 1 else { return nil }
        var (month, day) = (1, 1)
        var precision = 4
        if text.count > 4 {
            guard text[4] == 0x2D, let read = text.digits(5, 2), (1...12).contains(read) else { return nil }
            (month, precision) = (read, 6)
        }
        if text.count > 7 {
            guard text[7] == 0x2D, let read = text.digits(8, 2),
                (1...Civil.daysInMonth(year: year, month: month)).contains(read)
            else { return nil }
            (day, precision) = (read, 8)
        }
        days = Civil.days(year: year, month: month, day: day)
        guard text.count > 10 else {
            (self.precision, microseconds, offset) = (precision, 0, nil)
            return
        }
        guard text[10] == UInt8(ascii: "T"), let clock = Clock(text, from: 11) else { return nil }
        let isBare = clock.end == text.count
        guard !isBare || rule == .optional, clock.precision > 2 || rule == .optional else { return nil }
        offset = isBare ? nil : Self.offset(text, from: clock.end)
        guard isBare || offset != nil else { return nil }
        (self.precision, microseconds) = (8 + clock.precision, clock.microseconds)
    }

    /// `Z` or `+hh:mm` to the end of the text.
    private static func offset(_ text: Tape.Text, from start: Int) -> Int? {
        guard start < text.count else { return nil }
        if text[start] == UInt8(ascii: "Z") { return text.count == start + 1 ? 0 : nil }
        guard text.count == start + 6, text[start] == 0x2B || text[start] == 0x2D, text[start + 3] == 0x3A,
            let hours = text.digits(start + 1, 2), let minutes = text.digits(start + 4, 2),
            hours <= 14, minutes < 60
        else { return nil }
        return (text[start] == 0x2D ? -1 : 1) * (hours * 60 + minutes)
    }

    /// `hh[:mm[:ss[.f…]]]` within a text.
    struct Clock: Hashable {
        /// 2, 4, 6 or 9 digits.
        let precision: Int
        let microseconds: Int64
        /// First byte behind it.
        let end: Int

        init?(_ text: Tape.Text, from start: Int) {
            guard let hour = text.digits(start, 2), hour < 24 else { return nil }
            var total = Int64(hour) * 3_600_000_000
            var (precision, at) = (2, start + 2)
            if at < text.count, text[at] == 0x3A {
                guard let minute = text.digits(at + 1, 2), minute < 60 else { return nil }
                total += Int64(minute) * 60_000_000
                (precision, at) = (4, at + 3)
                if at < text.count, text[at] == 0x3A {
                    // 60 is a leap second: it counts as the second that follows.
                    guard let second = text.digits(at + 1, 2), second <= 60 else { return nil }
                    total += Int64(second) * 1_000_000
                    (precision, at) = (6, at + 3)
                    if at < text.count, text[at] == 0x2E {
                        guard let (fraction, end) = Self.fraction(text, from: at + 1) else { return nil }
                        total += fraction
                        (precision, at) = (9, end)
                    }
                }
            }
            (self.precision, microseconds, end) = (precision, total, at)
        }

        private static func fraction(_ text: Tape.Text, from start: Int) -> (Int64, Int)? {
            var (value, scale, at) = (Int64(0), Int64(100_000), start)
            while at < text.count, (0x30...0x39).contains(text[at]) {
                value += Int64(text[at] - 0x30) * scale
                scale /= 10
                at += 1
            }
            return at == start ? nil : (value, at)
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// A number of exactly `length` digits.
    fileprivate func digits(_ start: Int, _ length: Int) -> Int? {
        guard start + length <= count else { return nil }
        var value = 0
        for index in start..<start + length {
            guard (0x30...0x39).contains(self[index]) else { return nil }
            value = value * 10 + Int(self[index] - 0x30)
        }
        return value
    }
}
