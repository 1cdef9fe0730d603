import Core

/// Dates as Cedar's `datetime` takes them.
enum CedarCalendar {
    /// Days since 1970-01-01 of `YYYY-MM-DD`; the year may be 0000, which PostgreSQL's calendar does not have.
    static func days(_ text: ArraySlice<UInt8>) -> Int64? {
        let first = text.startIndex
        guard text.count == 10, text[first + 4] == UInt8(ascii: "-"), text[first + 7] == UInt8(ascii: "-"),
            let year = number(text[first..<first + 4]), let month = number(text[first + 5..<first + 7]),
            let day = number(text[first + 8..<first + 10]), (1...12).contains(month), day >= 1
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[month - 1] else { return nil }
        return Int64(Civil.days(year: year, month: month, day: day))
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy(CedarLexer.isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
