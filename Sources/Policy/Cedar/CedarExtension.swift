/// Functions and methods of the extension types: decimal, ipaddr, datetime, duration.
enum CedarExtension {
    /// Those called as functions; all others are methods.
    static let functions: Set<String> = ["decimal", "ip", "datetime", "duration"]

    private static let day: Int64 = 86_400_000

    static func call(
        _ name: String, _ arguments: [CedarValue], at position: CedarPosition
    ) throws(CedarFault) -> CedarValue {
        if functions.contains(name) { return try construct(name, arguments, position) }
        switch (name, arguments.first, arguments.dropFirst().first, arguments.count) {
        case ("lessThan", .decimal(let x), .decimal(let y), 2): return .bool(x < y)
        case ("lessThanOrEqual", .decimal(let x), .decimal(let y), 2): return .bool(x <= y)
        case ("greaterThan", .decimal(let x), .decimal(let y), 2): return .bool(x > y)
        case ("greaterThanOrEqual", .decimal(let x), .decimal(let y), 2): return .bool(x >= y)
        case ("isIpv4", .ip(let address), nil, 1): return .bool(!address.isVersion6)
        case ("isIpv6", .ip(let address), nil, 1): return .bool(address.isVersion6)
        case ("isLoopback", .ip(let address), nil, 1): return .bool(address.isLoopback)
        case ("isMulticast", .ip(let address), nil, 1): return .bool(address.isMulticast)
        case ("isInRange", .ip(let address), .ip(let range), 2): return .bool(address.isInRange(of: range))
        default: return try time(name, arguments, position)
        }
    }

    private static func time(
        _ name: String, _ arguments: [CedarValue], _ position: CedarPosition
    ) throws(CedarFault) -> CedarValue {
        switch (name, arguments.first, arguments.dropFirst().first, arguments.count) {
        case ("offset", .datetime(let x), .duration(let y), 2):
            return .datetime(try whole(x.addingReportingOverflow(y), position))
        case ("durationSince", .datetime(let x), .datetime(let y), 2):
            return .duration(try whole(x.subtractingReportingOverflow(y), position))
        case ("toDate", .datetime(let x), nil, 1):
            let remainder = x % day < 0 ? x % day + day : x % day
            return .datetime(try whole(x.subtractingReportingOverflow(remainder), position))
        case ("toTime", .datetime(let x), nil, 1):
            return .duration(x % day < 0 ? x % day + day : x % day)
        case ("toMilliseconds", .duration(let x), nil, 1): return .long(x)
        case ("toSeconds", .duration(let x), nil, 1): return .long(x / 1000)
        case ("toMinutes", .duration(let x), nil, 1): return .long(x / 60_000)
        case ("toHours", .duration(let x), nil, 1): return .long(x / 3_600_000)
        case ("toDays", .duration(let x), nil, 1): return .long(x / day)
        default: throw CedarFault(.type, "'\(name)' does not apply to these arguments", at: position)
        }
    }

    private static func whole(
        _ result: (partialValue: Int64, overflow: Bool), _ position: CedarPosition
    ) throws(CedarFault) -> Int64 {
        if result.overflow { throw CedarFault(.overflow, "overflow in time arithmetic", at: position) }
        return result.partialValue
    }

    private static func construct(
        _ name: String, _ arguments: [CedarValue], _ position: CedarPosition
    ) throws(CedarFault) -> CedarValue {
        guard arguments.count == 1, case .string(let text) = arguments[0] else {
            throw CedarFault(.type, "'\(name)' takes one string", at: position)
        }
        let value: CedarValue? =
            switch name {
            case "decimal": decimal(text).map(CedarValue.decimal)
            case "ip": CedarAddress(text).map(CedarValue.ip)
            case "datetime": datetime(text).map(CedarValue.datetime)
            default: duration(text).map(CedarValue.duration)
            }
        guard let value else { throw CedarFault(.extensionValue, "not a valid \(name)", at: position) }
        return value
    }

    /// `[-]digits.digits` with one to four decimal places.
    static func decimal(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        let parts = (isNegative ? text.dropFirst() : text[...])
            .split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...4).contains(parts[1].utf8.count), !parts[0].isEmpty,
            parts.allSatisfy(isDigits)
        else { return nil }
        let padded = parts[1] + String(repeating: "0", count: 4 - parts[1].utf8.count)
        return Int64((isNegative ? "-" : "") + parts[0] + padded)
    }

    /// `2024-10-15`, or with `T11:38:02Z`, `T11:38:02.101Z`, `T11:38:02+0130`, `T11:38:02.101-0130`.
    static func datetime(_ text: String) -> Int64? {
        guard text.utf8.count >= 10, let date = civilDays(text.prefix(10)) else { return nil }
        let rest = text.dropFirst(10)
        if rest.isEmpty { return date * day }
        var clock = Array(rest.utf8)
        guard clock.count >= 10, clock[0] == UInt8(ascii: "T"), clock[3] == UInt8(ascii: ":"),
            clock[6] == UInt8(ascii: ":"), let hours = number(clock[1...2]),
            let minutes = number(clock[4...5]),
            let seconds = number(clock[7...8]), hours < 24, minutes < 60, seconds < 60
        else { return nil }
        clock.removeFirst(9)
        var milliseconds: Int64 = 0
        if clock.first == UInt8(ascii: ".") {
            guard clock.count >= 4, let fraction = number(clock[1...3]) else { return nil }
            milliseconds = fraction
            clock.removeFirst(4)
        }
        guard let shift = zone(clock) else { return nil }
        return date * day + ((hours * 60 + minutes - shift) * 60 + seconds) * 1000 + milliseconds
    }

    /// Minutes east of UTC.
    private static func zone(_ text: [UInt8]) -> Int64? {
        if text == [UInt8(ascii: "Z")] { return 0 }
        guard text.count == 5, text[0] == UInt8(ascii: "+") || text[0] == UInt8(ascii: "-"),
            let hours = number(text[1...2]), let minutes = number(text[3...4]), hours < 24, minutes < 60
        else { return nil }
        return (text[0] == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        digits.allSatisfy { (0x30...0x39).contains($0) }
            ? Int64(String(decoding: digits, as: UTF8.self)) : nil
    }

    private static func civilDays(_ text: Substring) -> Int64? { CedarCalendar.days(text) }

    /// `1d2h3m4s5ms`, units in this order, each at most once; may be negative as a whole.
    static func duration(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        var rest = isNegative ? text.dropFirst() : text[...]
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        for (unit, size) in [("d", day), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let after = rest.dropFirst(digits.count)
            guard after.hasPrefix(unit), unit != "m" || !after.hasPrefix("ms"), !digits.isEmpty else {
                continue
            }
            guard let count = Int64((isNegative ? "-" : "") + digits) else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            let (sum, tooMuch) = total.addingReportingOverflow(product)
            if overflow || tooMuch { return nil }
            total = sum
            rest = after.dropFirst(unit.count)
        }
        return rest.isEmpty ? total : nil
    }

    private static func isDigits(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
