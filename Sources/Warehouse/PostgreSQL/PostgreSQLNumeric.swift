/// `numeric` in binary: a count of base-10,000 digits, the weight of the first, sign, display scale, the
/// digits.
///
/// Source: PostgreSQL 15, `numeric_send` and `numeric_recv` in src/backend/utils/adt/numeric.c.
enum PostgreSQLNumeric {
    private static let negative: UInt16 = 0x4000
    private static let notANumber: UInt16 = 0xC000
    private static let infinity: UInt16 = 0xD000
    private static let negativeInfinity: UInt16 = 0xF000

    /// The nearest `Double`.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> Double {
        let count = Int(bytes.bigEndian(at: 0, as: UInt16.self))
        let weight = Int(bytes.bigEndian(at: 2, as: Int16.self))
        let sign = bytes.bigEndian(at: 4, as: UInt16.self)
        switch sign {
        case notANumber: return .nan
        case infinity: return .infinity
        case negativeInfinity: return -.infinity
        default: break
        }
        var mantissa: UInt64 = 0
        var text = ""
        for index in 0..<count {
            let digit = UInt64(bytes.bigEndian(at: 8 + 2 * index, as: UInt16.self))
            if count <= 4 {
                mantissa = mantissa * 10_000 + digit
            } else {
                text += String(10_000 + digit).dropFirst()
            }
        }
        let exponent = 4 * (weight + 1 - count)
        let magnitude =
            count <= 4
            ? scaled(mantissa, exponent: exponent) : Double("\(text)e\(exponent)") ?? .nan
        return sign == negative ? -magnitude : magnitude
    }

    /// Correctly rounded: one operation on two numbers that `Double` holds exactly, or else by way of text.
    private static func scaled(_ mantissa: UInt64, exponent: Int) -> Double {
        guard mantissa < 1 << 53, abs(exponent) <= 20 else {
            return Double("\(mantissa)e\(exponent)") ?? .nan
        }
        var power = 1.0
        for _ in 0..<abs(exponent) { power *= 10 }
        return exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
    }

    /// The shortest decimal that reads back as `value`.
    static func encode(_ value: Double, into bytes: inout [UInt8]) {
        guard value.isFinite else {
            let sign = value.isNaN ? notANumber : value < 0 ? negativeInfinity : infinity
            return write([], weight: 0, sign: sign, scale: 0, into: &bytes)
        }
        let (digits, exponent) = decimal(value.magnitude)
        // The point moves to a boundary between groups of four.
        let padding = ((exponent % 4) + 4) % 4
        var padded = digits + [UInt8](repeating: 0, count: padding)
        let groupExponent = (exponent - padding) / 4
        padded = [UInt8](repeating: 0, count: (4 - padded.count % 4) % 4) + padded
        let groups = stride(from: 0, to: padded.count, by: 4).map { start in
            padded[start..<(start + 4)].reduce(UInt16(0)) { $0 * 10 + UInt16($1) }
        }
        let weight = value == 0 ? 0 : groups.count - 1 + groupExponent
        write(
            value == 0 ? [] : groups, weight: Int16(weight), sign: value < 0 ? negative : 0,
            scale: UInt16(max(0, -exponent)), into: &bytes)
    }

    /// Decimal digits, and the power of ten of the last.
    private static func decimal(_ magnitude: Double) -> (digits: [UInt8], exponent: Int) {
        let parts = "\(magnitude)".split(separator: "e")
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts[0].split(separator: ".")
        var digits = mantissa[0].utf8.map { $0 - 0x30 }
        if mantissa.count > 1, mantissa[1] != "0" {
            digits += mantissa[1].utf8.map { $0 - 0x30 }
            exponent -= mantissa[1].utf8.count
        }
        return (digits, exponent)
    }

    private static func write(
        _ groups: [UInt16], weight: Int16, sign: UInt16, scale: UInt16, into bytes: inout [UInt8]
    ) {
        bytes.appendBigEndian(UInt16(groups.count))
        bytes.appendBigEndian(weight)
        bytes.appendBigEndian(sign)
        bytes.appendBigEndian(scale)
        for group in groups { bytes.appendBigEndian(group) }
    }
}

extension [UInt8] {
    @inline(__always)
    mutating func appendBigEndian<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }
}
