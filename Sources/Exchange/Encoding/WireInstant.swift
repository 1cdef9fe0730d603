/// A moment, in milliseconds since 1970-01-01 00:00:00 UTC, as documents carry it.
package struct WireInstant: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package func advanced(bySeconds seconds: Int64) -> WireInstant {
        WireInstant(milliseconds: milliseconds &+ seconds &* 1000)
    }

    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }
}

extension WireInstant: Codable {
    package init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}
