/// A calendar day, written `YYYY-MM-DD`.
package struct CivilDate: Codable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Since 1970-01-01.
    package let days: Int

    package init(days: Int) { self.days = days }

    package init?(_ text: String) {
        guard let days = Civil.parseDate(text) else { return nil }
        self.days = days
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let date = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a date YYYY-MM-DD")
        }
        self = date
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    package var description: String { Civil.formatDate(days) }

    package static func < (left: Self, right: Self) -> Bool { left.days < right.days }
}
