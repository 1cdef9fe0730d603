/// Functions and methods of the extension types: decimal, ipaddr, datetime, duration.
enum CedarExtension {
    /// The functions that make a value from a string, with the type of what they make.
    static let constructors: [String: CedarType] = [
        "decimal": .decimal, "ip": .ipaddr, "datetime": .datetime, "duration": .duration,
    ]

    /// Cedar's own methods, with how many arguments each takes.
    static let ownMethods: [String: Int] = [
        "contains": 1, "containsAll": 1, "containsAny": 1, "isEmpty": 0, "hasTag": 1, "getTag": 1,
    ]

    struct Signature {
        /// Of the receiver and the arguments.
        let takes: [CedarType]
        let gives: CedarType
    }

    /// The methods of the extension types.
    static let methods: [String: Signature] = [
        "lessThan": Signature(takes: [.decimal, .decimal], gives: .bool),
        "lessThanOrEqual": Signature(takes: [.decimal, .decimal], gives: .bool),
        "greaterThan": Signature(takes: [.decimal, .decimal], gives: .bool),
        "greaterThanOrEqual": Signature(takes: [.decimal, .decimal], gives: .bool),
        "isIpv4": Signature(takes: [.ipaddr], gives: .bool),
        "isIpv6": Signature(takes: [.ipaddr], gives: .bool),
        "isLoopback": Signature(takes: [.ipaddr], gives: .bool),
        "isMulticast": Signature(takes: [.ipaddr], gives: .bool),
        "isInRange": Signature(takes: [.ipaddr, .ipaddr], gives: .bool),
        "offset": Signature(takes: [.datetime, .duration], gives: .datetime),
        "durationSince": Signature(takes: [.datetime, .datetime], gives: .duration),
        "toDate": Signature(takes: [.datetime], gives: .datetime),
        "toTime": Signature(takes: [.datetime], gives: .duration),
        "toMilliseconds": Signature(takes: [.duration], gives: .long),
        "toSeconds": Signature(takes: [.duration], gives: .long),
        "toMinutes": Signature(takes: [.duration], gives: .long),
        "toHours": Signature(takes: [.duration], gives: .long),
        "toDays": Signature(takes: [.duration], gives: .long),
    ]

    /// Whether there is a method of that name.
    static func isMethod(_ name: String) -> Bool { ownMethods[name] != nil || methods[name] != nil }

    private static let day: Int64 = 86_400_000

    static func call(
        _ name: String, _ arguments: [CedarValue], at position: CedarPosition
    ) throws(CedarFault) -> CedarValue {
        if constructors[name] != nil { return try construct(name, arguments, position) }
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
        guard let value = value(name, of: text) else {
            throw CedarFault(.extensionValue, "not a valid \(name)", at: position)
        }
        return value
    }

    /// What a constructor makes of a text; nil where the text is not one.
    static func value(_ name: String, of text: String) -> CedarValue? {
        let bytes = Array(text.utf8)
        switch name {
        case "decimal": return decimal(bytes).map(CedarValue.decimal)
        case "ip": return CedarAddress(text).map(CedarValue.ip)
        case "datetime": return datetime(bytes).map(CedarValue.datetime)
        case "duration": return duration(bytes).map(CedarValue.duration)
        default: return nil
        }
    }

    /// `[-]digits.digits` with one to four decimal places, in units of 1/10,000.
    static func decimal(_ text: [UInt8]) -> Int64? {
        var rest = text[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        guard let point = rest.firstIndex(of: UInt8(ascii: ".")), point > rest.startIndex else { return nil }
        let fraction = rest[(point + 1)...]
        guard (1...4).contains(fraction.count) else { return nil }
        let zeros = Array(repeating: UInt8(ascii: "0"), count: 4 - fraction.count)
        return number(rest[..<point] + fraction + zeros, isNegative: isNegative)
    }

    /// The digits as a number; nil where there are none, or other characters, or too many.
    private static func number(_ digits: ArraySlice<UInt8>, isNegative: Bool = false) -> Int64? {
        guard !digits.isEmpty else { return nil }
        var total: Int64 = 0
        for byte in digits {
            guard CedarLexer.isDigit(byte) else { return nil }
            let (product, overflow) = total.multipliedReportingOverflow(by: 10)
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (sum, tooMuch) =
                isNegative
                ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            if overflow || tooMuch { return nil }
            total = sum
        }
        return total
    }

    /// `2024-10-15`, or with `T11:38:02Z`, `T11:38:02.101Z`, `T11:38:02+0130`, `T11:38:02.101-0130`.
    static func datetime(_ text: [UInt8]) -> Int64? {
        guard text.count >= 10, let date = CedarCalendar.days(text[..<10]) else { return nil }
        var clock = text[10...]
        if clock.isEmpty { return date * day }
        let first = clock.startIndex
        guard clock.count >= 10, clock[first] == UInt8(ascii: "T"), clock[first + 3] == UInt8(ascii: ":"),
            clock[first + 6] == UInt8(ascii: ":"), let hours = number(clock[first + 1...first + 2]),
            let minutes = number(clock[first + 4...first + 5]),
            let seconds = number(clock[first + 7...first + 8]), hours < 24, minutes < 60, seconds < 60
        else { return nil }
        clock = clock.dropFirst(9)
        var milliseconds: Int64 = 0
        if clock.first == UInt8(ascii: ".") {
            guard clock.count >= 4, let fraction = number(clock.dropFirst().prefix(3)) else { return nil }
            milliseconds = fraction
            clock = clock.dropFirst(4)
        }
        guard let shift = zone(Array(clock)) else { return nil }
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

    private static let units: [(name: [UInt8], size: Int64)] = [
        (Array("d".utf8), day), (Array("h".utf8), 3_600_000), (Array("m".utf8), 60_000),
        (Array("s".utf8), 1000), (Array("ms".utf8), 1),
    ]

    /// `1d2h3m4s5ms`, units in this order, each at most once; may be negative as a whole.
    static func duration(_ text: [UInt8]) -> Int64? {
        let isNegative = text.first == UInt8(ascii: "-")
        var rest = isNegative ? text.dropFirst() : text[...]
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        var next = 0
        while !rest.isEmpty {
            let digits = rest.prefix(while: CedarLexer.isDigit)
            let unit = rest.dropFirst(digits.count).prefix { !CedarLexer.isDigit($0) }
            guard let place = units[next...].firstIndex(where: { $0.name.elementsEqual(unit) }),
                let count = number(digits, isNegative: isNegative)
            else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: units[place].size)
            let (sum, tooMuch) = total.addingReportingOverflow(product)
            if overflow || tooMuch { return nil }
            (total, next) = (sum, place + 1)
            rest = rest.dropFirst(digits.count + unit.count)
        }
        return total
    }
}
