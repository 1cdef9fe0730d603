internal import Core
internal import Foundation

/// How pages say days, times and numbers.
enum ConsoleWords {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]

    /// `2026-11-23` -> `23 November 2026`; what is no day stays as it is.
    static func day(_ text: some StringProtocol) -> String {
        let parts = text.prefix(10).split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, (1...12).contains(parts[1]) else { return String(text) }
        return "\(parts[2]) \(months[parts[1] - 1]) \(parts[0])"
    }

    /// RFC 3339 in UTC -> `23 November 2026, 20:43 UTC`.
    static func time(_ text: String) -> String {
        guard text.count > 15, text.dropFirst(10).first == "T" else { return day(text) }
        return "\(day(text)), \(text.dropFirst(11).prefix(5)) UTC"
    }

    /// Of milliseconds since 1970.
    static func time(_ milliseconds: Int64) -> String {
        time(Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(.iso8601))
    }

    /// `1 day`, `12 days`, `1,200 days`.
    static func count(_ number: Int, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// With commas between thousands.
    static func grouped(_ number: Int) -> String {
        let digits = Array(String(abs(number)))
        let parts = digits.enumerated().map { place, digit in
            (place > 0 && (digits.count - place).isMultiple(of: 3) ? "," : "") + String(digit)
        }
        return (number < 0 ? "−" : "") + parts.joined()
    }

    /// Whole numbers without a point, others as short as they are exact to three places, small ones to three digits: what is
    /// not zero never reads as zero.
    static func number(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return grouped(Int(value)) }
        if abs(value) < 1 {
            return value.formatted(
                .number.precision(.significantDigits(1...3)).locale(Locale(identifier: "en_GB")))
        }
        return value.formatted(.number.precision(.fractionLength(0...3)).locale(Locale(identifier: "en_GB")))
    }

    /// `A, B and C`.
    static func list(_ parts: [String]) -> String {
        guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
        return parts.dropLast().joined(separator: ", ") + " and " + last
    }
}
