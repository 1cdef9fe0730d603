/// An NHS number: ten digits of which the last is a modulus 11 check digit.
///
/// Source: NHS Data Dictionary, "NHS Number". Its description is redacted, so that it cannot reach a log by
/// interpolation; `digits` is the only way to the number.
package struct NHSNumber: Hashable, Sendable, CustomStringConvertible {
    package let digits: String

    /// Accepts ten digits, with or without single spaces or hyphens between them.
    /// - Returns: nil if there are not ten digits or the check digit is wrong.
    package init?(_ text: String) {
        let digits = text.utf8.filter { $0 != 0x20 && $0 != 0x2D }
        guard digits.count == 10, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard Self.checkDigit(digits.prefix(9).map { Int($0) - 0x30 }) == Int(digits[9]) - 0x30 else {
            return nil
        }
        self.digits = String(decoding: digits, as: UTF8.self)
    }

    /// Numbers that begin with 999 are never issued: they are for tests and synthetic people.
    package var isSynthetic: Bool { digits.hasPrefix("999") }

    package var description: String { "NHSNumber(redacted)" }

    /// The check digit for nine digits: weights 10 to 2, 11 minus the sum modulo 11; 11 counts as 0.
    /// - Returns: nil where the result is 10, for which no number is issued.
    package static func checkDigit(_ nine: [Int]) -> Int? {
        let sum = zip(nine, stride(from: 10, through: 2, by: -1)).reduce(0) { $0 + $1.0 * $1.1 }
        let digit = 11 - sum % 11
        return digit == 10 ? nil : digit % 11
    }
}
