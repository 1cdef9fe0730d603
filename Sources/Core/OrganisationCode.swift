/// The ODS code of an organisation, e.g. `RJ1` for a trust or `QWE` for an ICB.
package struct OrganisationCode: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    /// - Returns: nil unless `text` is 3 to 10 upper-case letters and digits (ODS: 3 to 5 for organisations
    ///   in use today, up to 10 for sites).
    package init?(_ text: String) {
        let allowed = text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
        guard (3...10).contains(text.utf8.count), allowed else { return nil }
        self.text = text
    }

    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

extension OrganisationCode: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let code = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an ODS code")
        }
        self = code
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
