import Core

/// The engines whose SQL is printed.
package enum EngineDialectKind: String, Hashable, Codable, Sendable {
    case duckdb
    case postgresql
}

/// In which words and with whose failures an expression is printed.
enum PrintDialect: Hashable {
    /// What travels and what controllers read: PostgreSQL's own words, no guards.
    case logical
    /// Below the cut: total, so that no value of a person can raise an error.
    case site(EngineDialectKind)
    /// Above the cut, in DuckDB: raises PostgreSQL's errors, on released values.
    case merge

    var isPostgreSQL: Bool { self == .site(.postgresql) }
    var isDuckDB: Bool { self == .merge || self == .site(.duckdb) }
    var isTotal: Bool { self != .merge && self != .logical }
}

/// How tightly a piece of SQL holds together, loosest first (PostgreSQL 15, "Operator Precedence").
enum Binding: Int, Comparable {
    case or, and, not, test, comparison, membership, other, sum, product, sign, atom

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// One step tighter: what the right side of a left-associative operator needs.
    var tighter: Binding { Binding(rawValue: rawValue + 1) ?? .atom }
}

/// A piece of SQL with the tightness of its outermost operator.
struct SQLText: Hashable {
    let text: String
    let binding: Binding

    init(_ text: String, _ binding: Binding = .atom) {
        self.text = text
        self.binding = binding
    }

    /// The text, in parentheses unless it holds at least as tightly as `minimum`.
    func at(_ minimum: Binding) -> String { binding >= minimum ? text : "(\(text))" }

    var parenthesized: SQLText { SQLText("(\(text))") }

    /// Whether there may be a sub-query in it, such as that of a codelist: DuckDB takes none in TRY.
    var hasQuery: Bool { text.contains("SELECT ") }

    /// Whether repeating it costs nothing: a column or a literal.
    var isRepeatable: Bool { binding >= .sign && text.utf8.count < 48 && !text.contains("(") }
}

/// The words of SQL that may not be used as bare names in PostgreSQL or DuckDB.
enum SQLName {
    /// Reserved or type-function words of PostgreSQL 15 (Appendix C) and DuckDB 1.5.
    private static let reserved: Set<String> = [
        "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization",
        "between", "bigint", "binary", "bit", "boolean", "both", "case", "cast", "char", "character",
        "check", "coalesce", "collate", "collation", "column", "concurrently", "constraint", "create",
        "cross", "current_catalog", "current_date", "current_role", "current_schema", "current_time",
        "current_timestamp", "current_user", "dec", "decimal", "default", "deferrable", "desc",
        "describe", "distinct", "do", "else", "end", "except", "exists", "extract", "false", "fetch",
        "float", "for", "foreign", "freeze", "from", "full", "grant", "greatest", "group", "grouping",
        "having", "ilike", "in", "initially", "inner", "inout", "int", "integer", "intersect", "interval",
        "into", "is", "isnull", "join", "lambda", "lateral", "leading", "least", "left", "like", "limit",
        "localtime", "localtimestamp", "national", "natural", "nchar", "none", "normalize", "not",
        "notnull", "null", "nullif", "numeric", "offset", "on", "only", "or", "order", "out", "outer",
        "overlaps", "overlay", "pivot", "placing", "position", "precision", "primary", "qualify", "real",
        "references", "returning", "right", "row", "select", "session_user", "setof", "show", "similar",
        "smallint", "some", "substring", "summarize", "symmetric", "table", "tablesample", "then", "time",
        "timestamp", "to", "trailing", "treat", "trim", "true", "union", "unique", "unpivot", "user",
        "using", "values", "varchar", "variadic", "verbose", "when", "where", "window", "with",
    ]

    /// The name, in double quotes if it needs them.
    static func quoted(_ name: String) -> String {
        let plain = name.utf8.enumerated().allSatisfy { index, byte in
            (0x61...0x7A).contains(byte) || byte == 0x5F || (index > 0 && (0x30...0x39).contains(byte))
        }
        return plain && !name.isEmpty && !reserved.contains(name) ? name : SQLQuoting.identifier(name)
    }
}
