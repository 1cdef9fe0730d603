/// A connection string of ODBC: `DSN=…;UID=…;PWD={…}`, or the bare name of a data source.
package struct ODBCConnectionText: Sendable, Hashable {
    private(set) var text: String

    /// - Parameter given: a data source's name, or a whole connection string.
    package init(_ given: String) {
        let trimmed = given.drop { $0.isWhitespace }
        let bare = String(trimmed.reversed().drop { $0.isWhitespace }.reversed())
        text = bare.contains("=") ? bare : "DSN=\(bare)"
    }

    /// Keyword (lower case) and value of each part; a value in braces without them.
    package var parts: [(key: String, value: String)] {
        var parts: [(key: String, value: String)] = []
        var rest = Substring(text)
        while let equals = rest.firstIndex(of: "=") {
            let key = rest[..<equals].filter { !$0.isWhitespace && $0 != ";" }.lowercased()
            rest = rest[rest.index(after: equals)...]
            var value = ""
            if rest.first == "{" {
                rest = rest.dropFirst()
                while let first = rest.first {
                    rest = rest.dropFirst()
                    if first == "}" {
                        guard rest.first == "}" else { break }
                        rest = rest.dropFirst()
                    }
                    value.append(first)
                }
                rest = rest.drop { $0 != ";" }
            } else {
                value = String(rest.prefix { $0 != ";" })
                rest = rest.dropFirst(value.count)
            }
            parts.append((key, value))
            rest = rest.drop { $0 == ";" }
        }
        return parts
    }

    private static let secretWords = ["pwd", "password", "secret", "token"]

    /// Values that nobody may see.
    package var secrets: [String] {
        parts.filter { part in Self.secretWords.contains { part.key.contains($0) } }.map(\.value)
            .filter { !$0.isEmpty }
    }

    /// The same, with what the driver needs to stream a result rather than to hold all of it.
    func adding(_ key: String, _ value: String) -> ODBCConnectionText {
        guard !parts.contains(where: { $0.key == key.lowercased() }) else { return self }
        var more = self
        more.text += (text.hasSuffix(";") ? "" : ";") + "\(key)=\(value)"
        return more
    }
}
