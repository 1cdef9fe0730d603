/// Quoting of names and literals, common to PostgreSQL and DuckDB.
package enum SQLQuoting {
    /// A name in double quotes, with inner quotes doubled.
    package static func identifier(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// A string literal in single quotes, with inner quotes doubled (standard_conforming_strings is on
    /// everywhere: a backslash is a backslash).
    package static func literal(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
