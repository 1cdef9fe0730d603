/// A decimal as FHIRPath means it, for arithmetic without the errors of binary fractions: 0.1 + 0.2 is 0.3.
///
/// Values travel as `Double`, which holds every decimal of 15 digits apart from every other; what is computed
/// is computed on the shortest decimal that a `Double` stands for.
struct ExactDecimal {
    /// More digits than this are left to binary arithmetic.
    private static let digitLimit = 18

    var mantissa: Int128
    /// Digits after the point.
    var places: Int

    init(mantissa: Int128, places: Int) {
        self.mantissa = mantissa
        self.places = places
    }

    /// Reads `-12.50`, `1.5e-7`.
    /// - Returns: nil if it is not a number, or one of more digits than are held.
    init?(text: some StringProtocol) {
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        guard let number = parts.first, let exponent = parts.count > 1 ? Int(parts[1]) : 0,
            abs(exponent) <= 40
        else { return nil }
        let isNegative = number.first == "-"
        let digits = number.drop { $0 == "-" || $0 == "+" }
        var (mantissa, places, count) = (Int128(0), 0, 0)
        var isFraction = false
        for character in digits.utf8 {
            if character == UInt8(ascii: "."), !isFraction {
                isFraction = true
                continue
            }
            guard (0x30...0x39).contains(character) else { return nil }
            mantissa = mantissa * 10 + Int128(character - 0x30)
            count += mantissa == 0 ? 0 : 1
            if isFraction { places += 1 }
            guard count <= Self.digitLimit, places <= 60 else { return nil }
        }
        guard !digits.isEmpty else { return nil }
        self.init(mantissa: isNegative ? -mantissa : mantissa, places: places - exponent)
        if self.places < 0 {
            guard count - self.places <= 30 else { return nil }
            self.mantissa *= Self.power(-self.places)
            self.places = 0
        }
    }

    /// The shortest decimal that the number stands for.
    init?(_ double: Double) {
        guard double.isFinite, let read = Self(text: "\(double)") else { return nil }
        self = read.trimmed
    }

    static func power(_ exponent: Int) -> Int128 {
        var result: Int128 = 1
        for _ in 0..<exponent { result *= 10 }
        return result
    }

    var double: Double { Double("\(mantissa)e\(-places)") ?? 0 }

    /// Without zeros at the end.
    var trimmed: ExactDecimal {
        var result = self
        while result.places > 0, result.mantissa % 10 == 0 {
            result.mantissa /= 10
            result.places -= 1
        }
        return result
    }

    /// As FHIRPath writes it, with every place.
    var text: String {
        guard places > 0 else { return String(mantissa) }
        let digits = String(mantissa.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return (mantissa < 0 ? "-" : "") + padded.dropLast(places) + "." + padded.suffix(places)
    }

    enum Rounding { case down, up, nearest, towardsZero }

    /// With so many places: down is towards negative infinity, nearest takes halves away from zero.
    func rounded(to wanted: Int, _ rounding: Rounding) -> ExactDecimal {
        guard places > wanted else { return self }
        let unit = Self.power(min(places - wanted, 37))
        var (quotient, rest) = mantissa.quotientAndRemainder(dividingBy: unit)
        switch rounding {
        case .down: if rest < 0 { quotient -= 1 }
        case .up: if rest > 0 { quotient += 1 }
        case .nearest: if rest.magnitude * 2 >= unit.magnitude { quotient += mantissa < 0 ? -1 : 1 }
        case .towardsZero: rest = 0
        }
        return ExactDecimal(mantissa: quotient, places: max(wanted, 0))
    }

    /// Both with the same places; nil beyond what is held.
    static func aligned(_ a: ExactDecimal, _ b: ExactDecimal) -> (Int128, Int128, Int)? {
        let places = max(a.places, b.places)
        guard places - min(a.places, b.places) <= 18 else { return nil }
        return (a.mantissa * power(places - a.places), b.mantissa * power(places - b.places), places)
    }
}
