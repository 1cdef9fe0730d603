/// Quoting of names and literals, common to PostgreSQL and DuckDB.
package enum SQLQuoting {
    /// A name in double quotes, with inner quotes doubled.
    package static func identifier(_ name: String) -> String { quoted(name, "\"") }

    /// A string literal in single quotes, with inner quotes doubled (standard_conforming_strings is on
    /// everywhere: a backslash is a backslash).
    package static func literal(_ text: String) -> String { quoted(text, "'") }

    /// By scalars, as the engines read: with a mark that combines before or behind it a quote is not the `Character`
    /// that it looks like.
    private static func quoted(_ text: String, _ quote: Unicode.Scalar) -> String {
        var result = String.UnicodeScalarView()
        result.append(quote)
        for scalar in text.unicodeScalars {
            if scalar == quote { result.append(quote) }
            result.append(scalar)
        }
        result.append(quote)
        return String(result)
    }
}
