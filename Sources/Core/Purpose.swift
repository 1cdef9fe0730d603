/// A term of the purpose hierarchy, written as its name, e.g. `planning`; what is above it is `Policy`'s to say.
package struct Purpose: Hashable, Sendable, Codable, CustomStringConvertible {
    package let name: String

    /// - Returns: nil unless the name is lower-case letters, digits and hyphens, 1 to 64 of them.
    package init?(_ name: String) {
        let allowed = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
        }
        guard (1...64).contains(name.utf8.count), allowed else { return nil }
        self.name = name
    }

    package var description: String { name }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let purpose = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a purpose")
        }
        self = purpose
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}
