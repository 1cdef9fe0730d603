internal import Core

/// Reads the text of a literal as a value of a type, as PostgreSQL's input functions do.
///
/// Messages do not repeat the text: it may be data of a person.
enum LiteralText {
    static func value(_ text: String, as type: ColumnType) throws(SQLFault) -> Value {
        let trimmed = String(text.trimmingSpaces())
        switch type {
        case .text, .unknown: return .text(text)
        case .boolean: return try boolean(trimmed.lowercased())
        case .integer, .bigint: return try integer(trimmed, type)
        case .numeric, .double:
            guard let number = Double(trimmed), !trimmed.lowercased().hasPrefix("0x") else {
                throw invalid(type)
            }
            return .double(number)
        case .date: return .date(try date(trimmed.prefix { $0 != " " && $0 != "T" }))
        case .timestamp: return .timestamp(try timestamp(trimmed))
        case .interval: return try interval(trimmed)
        }
    }

    private static func invalid(_ type: ColumnType) -> SQLFault {
        SQLFault(.invalidTextRepresentation, "invalid input syntax for type \(type.rawValue)")
    }

    private static func boolean(_ text: String) throws(SQLFault) -> Value {
        switch text {
        case "t", "true", "y", "yes", "on", "1": return .boolean(true)
        case "f", "false", "n", "no", "off", "0": return .boolean(false)
        default: throw invalid(.boolean)
        }
    }

    private static func integer(_ text: String, _ type: ColumnType) throws(SQLFault) -> Value {
        guard let digits = text.utf8.last, (0x30...0x39).contains(digits) else { throw invalid(type) }
        guard let number = Int64(text), type == .bigint || Int32(exactly: number) != nil else {
            let isNumber = text.drop { $0 == "-" || $0 == "+" }.utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard isNumber else { throw invalid(type) }
            throw SQLFault(.numericValueOutOfRange, "value is out of range for type \(type.rawValue)")
        }
        return .integer(number)
    }

    private static func date(_ text: some StringProtocol) throws(SQLFault) -> Int32 {
        guard let days = Civil.parseDate(text) else {
            let isShaped = text.map { $0.isASCII && $0.isNumber ? "9" : $0 } == Array("9999-99-99")
            throw SQLFault(
                isShaped ? SQLState(rawValue: "22008") : .invalidDatetimeFormat,
                isShaped ? "date/time field value out of range" : "invalid input syntax for type date",
                hint: "Write dates that exist as YYYY-MM-DD.")
        }
        return Int32(days)
    }

    private static func timestamp(_ text: String) throws(SQLFault) -> Int64 {
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: true) { $0 == " " || $0 == "T" }
        guard let first = parts.first, let days = Civil.parseDate(first) else { throw invalidTimestamp }
        let midnight = Int64(days) * 86_400_000_000
        guard parts.count == 2 else { return midnight }
        var rest = parts[1]
        if rest.hasSuffix("Z") { rest.removeLast() }
        guard let microseconds = clock(rest), microseconds >= 0, microseconds <= 86_400_000_000 else {
            throw invalidTimestamp
        }
        return midnight + microseconds
    }

    private static var invalidTimestamp: SQLFault {
        SQLFault(
            .invalidDatetimeFormat, "invalid input syntax for type timestamp",
            hint: "Write times as YYYY-MM-DD HH:MM:SS.")
    }

    /// `[-]HH:MM[:SS[.ffffff]]` in microseconds.
    private static func clock(_ text: some StringProtocol) -> Int64? {
        let negative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" || $0 == "+" }.split(
            separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let hours = Int64(parts[0]), let minutes = Int64(parts[1]),
            hours >= 0, hours < 1_000_000, (0..<60).contains(minutes)
        else { return nil }
        var seconds = 0.0
        if parts.count == 3 {
            guard let value = Double(parts[2]), value >= 0, value < 60 else { return nil }
            seconds = value
        }
        let total = (hours * 3600 + minutes * 60) * 1_000_000 + Int64((seconds * 1_000_000).rounded())
        return negative ? -total : total
    }

    /// `1 year 2 mons -3 days 04:05:06`.
    private static func interval(_ text: String) throws(SQLFault) -> Value {
        let fault = SQLFault(
            .invalidDatetimeFormat, "invalid input syntax for type interval",
            hint: "Write whole units: interval '90 days', interval '1 year 6 months'.")
        var months: Int64 = 0
        var days: Int64 = 0
        var microseconds: Int64 = 0
        var words = text.lowercased().split(separator: " ").makeIterator()
        var isEmpty = true
        while let word = words.next() {
            isEmpty = false
            if word.contains(":") {
                guard let time = clock(word) else { throw fault }
                microseconds += time
                continue
            }
            let number = word.prefix { "+-0123456789".contains($0) }
            guard let count = Int64(number), abs(count) < 1_000_000_000 else { throw fault }
            let attached = word.dropFirst(number.count)
            guard let unit = attached.isEmpty ? words.next() : attached else { throw fault }
            switch unit.hasSuffix("s") && unit.count > 1 ? unit.dropLast() : unit {
            case "century", "centurie": months += count * 1200
            case "decade": months += count * 120
            case "year", "yr", "y": months += count * 12
            case "month", "mon": months += count
            case "week", "w": days += count * 7
            case "day", "d": days += count
            case "hour", "hr", "h": microseconds += count * 3_600_000_000
            case "minute", "min", "m": microseconds += count * 60_000_000
            case "second", "sec", "s": microseconds += count * 1_000_000
            default: throw fault
            }
        }
        guard !isEmpty, let wholeMonths = Int32(exactly: months), let wholeDays = Int32(exactly: days) else {
            throw fault
        }
        return .interval(months: wholeMonths, days: wholeDays, microseconds: microseconds)
    }
}

extension String {
    fileprivate func trimmingSpaces() -> Substring {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return rest
    }
}
