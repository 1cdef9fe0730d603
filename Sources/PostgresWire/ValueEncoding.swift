internal import Core

/// Values as PostgreSQL's output and send functions write them.
enum ValueEncoding {
    /// nil for NULL.
    static func encode(_ value: Value, oid: Int32, _ format: WireFormat) -> [UInt8]? {
        guard !value.isNull else { return nil }
        return format == .binary ? binary(value, oid) : Array(text(value, oid).utf8)
    }

    /// As text of a type.
    static func text(_ value: Value, _ oid: Int32) -> String {
        switch value {
        case .boolean(let truth): truth ? "t" : "f"
        case .double(let number) where oid == 1700: Decimals.plain(number)
        case .double(let number): double(number)
        case .timestamp(let time): Civil.formatTimestamp(time) + (oid == 1184 ? "+00" : "")
        case .interval(let months, let days, let microseconds): interval(months, days, microseconds)
        default: value.text
        }
    }

    /// The shortest text that gives the number again, with PostgreSQL's form of exponents.
    private static func double(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        if value == value.rounded(), abs(value) < 1e15 {
            return value == 0 && value.sign == .minus ? "-0" : String(Int64(value))
        }
        let text = "\(value)"
        guard text.hasSuffix(".0") else { return text }
        // Whole numbers of sixteen digits, which Swift writes out.
        let digits = text.dropLast(2).drop { $0 == "-" }
        var rest = digits.dropFirst()
        while rest.last == "0" { rest.removeLast() }
        return (value < 0 ? "-" : "") + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest)
            + "e+\(digits.count - 1)"
    }

    /// IntervalStyle postgres.
    private static func interval(_ months: Int32, _ days: Int32, _ microseconds: Int64) -> String {
        func part(_ count: Int32, _ unit: String) -> String? {
            count == 0 ? nil : "\(count) \(unit)\(count == 1 ? "" : "s")"
        }
        var parts = [part(months / 12, "year"), part(months % 12, "mon"), part(days, "day")]
            .compactMap(\.self)
        if microseconds != 0 || parts.isEmpty {
            let size = microseconds.magnitude
            let hours = String(size / 3_600_000_000)
            let rest = Civil.formatTimestamp(Int64(size % 3_600_000_000)).split(separator: " ")[1].dropFirst(
                3)
            parts.append((microseconds < 0 ? "-" : "") + (hours.count < 2 ? "0" : "") + hours + ":" + rest)
        }
        return parts.joined(separator: " ")
    }

    private static func binary(_ value: Value, _ oid: Int32) -> [UInt8] {
        var wire = WireBytes()
        if let element = WireType.element(oid) {
            return array(value, of: element, vector: oid == 22 || oid == 30)
        }
        switch (oid, value) {
        case (16, .boolean(let truth)): wire.bytes.append(truth ? 1 : 0)
        case (21, .integer(let number)): wire.integer(Int16(clamping: number))
        case (23, .integer(let number)): wire.integer(Int32(clamping: number))
        case (20, .integer(let number)): wire.integer(number)
        case (24, .integer(let number)), (26, .integer(let number)), (28, .integer(let number)),
            (2205, .integer(let number)), (2206, .integer(let number)):
            wire.integer(UInt32(clamping: number))
        case (700, _): wire.integer(Float(value.number ?? .nan).bitPattern)
        case (701, _): wire.integer((value.number ?? .nan).bitPattern)
        case (1700, _): wire.bytes = Decimals.binary(text(value, 1700))
        case (1082, .date(let days)): wire.integer(days - Int32(WireType.epochDays))
        case (1114, .timestamp(let time)), (1184, .timestamp(let time)):
            wire.integer(time - WireType.epochMicroseconds)
        case (1186, .interval(let months, let days, let microseconds)):
            wire.integer(microseconds)
            wire.integer(days)
            wire.integer(months)
        case (3802, _): wire.bytes = [1] + Array(value.text.utf8)
        default: return scalar(text(value, oid), oid)
        }
        return wire.bytes
    }

    /// The text of a value in the binary form of a type: for values that are held as text.
    private static func scalar(_ text: String, _ oid: Int32) -> [UInt8] {
        var wire = WireBytes()
        switch oid {
        case 16: wire.bytes.append(text == "t" || text == "true" ? 1 : 0)
        case 21: wire.integer(Int16(text) ?? 0)
        case 23: wire.integer(Int32(text) ?? 0)
        case 20: wire.integer(Int64(text) ?? 0)
        case 24, 26, 28, 2205, 2206: wire.integer(UInt32(text) ?? 0)
        case 700: wire.integer((Float(text) ?? .nan).bitPattern)
        case 701: wire.integer((Double(text) ?? .nan).bitPattern)
        case 1700: wire.bytes = Decimals.binary(text)
        case 1082: wire.integer(Int32(clamping: (Civil.parseDate(text) ?? 0) - WireType.epochDays))
        default: wire.bytes = Array(text.utf8)
        }
        return wire.bytes
    }

    /// One dimension, from the text `{a,b}`; from `a b` for vectors, which count from 0.
    private static func array(_ value: Value, of element: Int32, vector: Bool) -> [UInt8] {
        let items =
            vector
            ? value.text.split(separator: " ").map { Optional(String($0)) }
            : ((try? ArrayText.items(value.text)) ?? [])
        var wire = WireBytes()
        wire.int32(items.isEmpty && !vector ? 0 : 1)
        wire.int32(items.contains(nil) ? 1 : 0)
        wire.integer(element)
        guard !items.isEmpty || vector else { return wire.bytes }
        wire.int32(items.count)
        wire.int32(vector ? 0 : 1)
        for item in items { wire.field(item.map { scalar($0, element) }) }
        return wire.bytes
    }
}

/// Decimal numbers in text and in PostgreSQL's binary form.
enum Decimals {
    /// Without an exponent, as `numeric` prints.
    static func plain(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        if value == 0 { return "0" }
        let parts = "\(value.magnitude)".split(separator: "e")
        let digits = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let whole = digits[0]
        let fraction = digits.count > 1 && digits[1] != "0" ? digits[1] : ""
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let sign = value < 0 ? "-" : ""
        let all = whole + fraction
        let point = whole.count + exponent
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + all }
        if point >= all.count {
            return sign + trimmed(all + String(repeating: "0", count: point - all.count))
        }
        return sign + trimmed(String(all.prefix(point))) + "." + all.dropFirst(point)
    }

    private static func trimmed(_ whole: String) -> String {
        let digits = whole.drop { $0 == "0" }
        return digits.isEmpty ? "0" : String(digits)
    }

    /// `numeric_send`: groups of four digits, with the weight of the first.
    static func binary(_ text: String) -> [UInt8] {
        var wire = WireBytes()
        let isNegative = text.hasPrefix("-")
        let body = text.drop { $0 == "-" || $0 == "+" }
        guard body.first?.isNumber == true else {
            let sign = text == "NaN" ? 0xC000 : (isNegative ? 0xF000 : 0xD000)
            wire.int16(0)
            wire.int16(0)
            wire.integer(UInt16(sign))
            wire.int16(0)
            return wire.bytes
        }
        let parts = body.split(separator: ".", omittingEmptySubsequences: false)
        var whole = String(parts[0])
        var fraction = parts.count > 1 ? String(parts[1]) : ""
        let scale = fraction.count
        whole = String(repeating: "0", count: (4 - whole.count % 4) % 4) + whole
        fraction += String(repeating: "0", count: (4 - fraction.count % 4) % 4)
        let all = Array((whole + fraction).utf8)
        var groups = stride(from: 0, to: all.count, by: 4).map { start in
            all[start..<(start + 4)].reduce(0) { $0 * 10 + Int($1) - 48 }
        }
        var weight = whole.count / 4 - 1
        while groups.first == 0 {
            groups.removeFirst()
            weight -= 1
        }
        while groups.last == 0 { groups.removeLast() }
        wire.int16(groups.count)
        wire.int16(groups.isEmpty ? 0 : weight)
        wire.integer(UInt16(isNegative && !groups.isEmpty ? 0x4000 : 0))
        wire.int16(scale)
        for group in groups { wire.int16(group) }
        return wire.bytes
    }

    /// `numeric_recv`; nil for what is none.
    static func text(_ reader: inout WireReader) throws(FrameError) -> String? {
        let count = try reader.int16()
        let weight = try reader.int16()
        let sign = try reader.integer(UInt16.self)
        let scale = try reader.int16()
        switch sign {
        case 0xC000: return "NaN"
        case 0xD000: return "Infinity"
        case 0xF000: return "-Infinity"
        case 0, 0x4000: break
        default: return nil
        }
        guard (0...16_383).contains(scale), (0...4_096).contains(count), abs(weight) <= 4_096 else {
            return nil
        }
        var groups: [Int] = []
        for _ in 0..<count {
            let group = try reader.int16()
            guard (0...9_999).contains(group) else { return nil }
            groups.append(group)
        }
        func group(_ place: Int) -> String {
            let number = String(groups.indices.contains(place) ? groups[place] : 0)
            return String(repeating: "0", count: 4 - number.count) + number
        }
        let whole = weight < 0 ? "0" : trimmed((0...weight).map(group).joined())
        var fraction = ""
        var place = weight + 1
        while fraction.count < scale {
            fraction += place < 0 ? "0000" : group(place)
            place += 1
        }
        let text = scale == 0 ? whole : whole + "." + fraction.prefix(scale)
        return (sign == 0x4000 ? "-" : "") + text
    }
}
