/// The text form of an array of one dimension (PostgreSQL 15, 8.15.2 and 8.15.6): `{a,"b,c",NULL}`.
package enum ArrayText {
    /// The elements; nil is NULL.
    /// - Throws: `invalidTextRepresentation` for what is no such array, `featureNotSupported` for more dimensions.
    package static func items(_ text: String) throws(SQLFault) -> [String?] {
        let trimmed = Array(text.unicodeScalars.drop { $0.properties.isWhitespace })
        guard trimmed.first == "{" else { throw malformed }
        var reader = Reader(scalars: Array(trimmed.dropFirst()))
        return try reader.items()
    }

    package static func text(_ items: [String?]) -> String {
        let parts = items.map { item in
            guard let item else { return "NULL" }
            let isPlain =
                !item.isEmpty && item.uppercased() != "NULL"
                && item.unicodeScalars.allSatisfy { !special.contains($0) && !$0.properties.isWhitespace }
            if isPlain { return item }
            // By scalars: with a mark that combines a quote is another character.
            var quoted = String.UnicodeScalarView()
            for scalar in item.unicodeScalars {
                if scalar == "\"" || scalar == "\\" { quoted.append("\\") }
                quoted.append(scalar)
            }
            return "\"" + String(quoted) + "\""
        }
        return "{" + parts.joined(separator: ",") + "}"
    }

    private static let special: Set<Unicode.Scalar> = ["{", "}", "\"", "\\", ","]

    private static let malformed = SQLFault(
        .invalidTextRepresentation, "malformed array literal",
        hint: "An array is written '{a,b}', with double quotes around what has a comma, a brace or a space.")

    private struct Reader {
        let scalars: [Unicode.Scalar]
        private var place = 0

        init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

        mutating func items() throws(SQLFault) -> [String?] {
            skipSpace()
            var items: [String?] = []
            if try peek() == "}" {
                place += 1
            } else {
                repeat { items.append(try item()) } while try goesOn()
            }
            skipSpace()
            guard place == scalars.count else { throw malformed }
            return items
        }

        private func peek() throws(SQLFault) -> Unicode.Scalar {
            guard place < scalars.count else { throw malformed }
            return scalars[place]
        }

        private mutating func take() throws(SQLFault) -> Unicode.Scalar {
            defer { place += 1 }
            return try peek()
        }

        private mutating func skipSpace() {
            while place < scalars.count, scalars[place].properties.isWhitespace { place += 1 }
        }

        /// Whether another element follows the one that was read.
        private mutating func goesOn() throws(SQLFault) -> Bool {
            switch try take() {
            case ",": return true
            case "}": return false
            default: throw malformed
            }
        }

        private mutating func item() throws(SQLFault) -> String? {
            skipSpace()
            return try peek() == "\"" ? try quoted() : try bare()
        }

        private mutating func quoted() throws(SQLFault) -> String {
            place += 1
            var text = ""
            while true {
                var scalar = try take()
                if scalar == "\"" { break }
                if scalar == "\\" { scalar = try take() }
                text.unicodeScalars.append(scalar)
            }
            skipSpace()
            return text
        }

        private mutating func bare() throws(SQLFault) -> String? {
            var text = ""
            // What is escaped is neither a space at the end nor part of NULL.
            var (length, kept, isEscaped) = (0, 0, false)
            while true {
                var scalar = try peek()
                if scalar == "," || scalar == "}" { break }
                if scalar == "{" {
                    throw SQLFault(
                        .featureNotSupported, "arrays of more than one dimension are not supported",
                        hint: "Write '{a,b}'.")
                }
                if scalar == "\"" { throw malformed }
                place += 1
                let stands = scalar == "\\"
                if stands { (scalar, isEscaped) = (try take(), true) }
                text.unicodeScalars.append(scalar)
                length += 1
                if stands || !scalar.properties.isWhitespace { kept = length }
            }
            text.unicodeScalars.removeLast(length - kept)
            guard !text.isEmpty else { throw malformed }
            return !isEscaped && text.uppercased() == "NULL" ? nil : text
        }
    }
}

/// Types of arrays by their oid in PostgreSQL's `pg_type`.
package enum ArrayType {
    private static let elements: [Int32: Int32] = [
        1000: 16, 1002: 18, 1003: 19, 1005: 21, 1007: 23, 1009: 25, 1014: 1042, 1015: 1043, 1016: 20,
        1021: 700,
        1022: 701, 1028: 26, 1115: 1114, 1182: 1082, 1185: 1184, 1187: 1186, 1231: 1700, 2951: 2950,
    ]

    /// The type of an array's elements; nil for what is no array.
    package static func element(_ oid: Int32) -> Int32? { elements[oid] }

    /// The type of arrays of such elements; of texts where there is none.
    package static func oid(of element: Int32) -> Int32 {
        elements.first { $0.value == element }?.key ?? 1009
    }
}
