import Core

extension ExpressionPrinter {
    /// `date_part` and `extract`; DuckDB's parts are whole numbers, so seconds come from microseconds.
    func datePart(_ arguments: [Expression], _ type: ColumnType) -> SQLText {
        guard case .literal(.text(let field)) = arguments[0].node else {
            return casted("date_part(\(print(arguments[0]).text), \(print(arguments[1]).text))", .double)
        }
        let source = print(arguments[1]).text
        let name = SQLQuoting.literal(field.lowercased())
        guard dialect.isDuckDB else { return SQLText("date_part(\(name), \(source))") }
        let instant = arguments[1].type == .date ? "CAST(\(source) AS timestamp)" : source
        switch field.lowercased() {
        case "second", "seconds":
            return SQLText("date_part('microseconds', \(instant)) / 1000000", .product)
        case "millisecond", "milliseconds":
            return SQLText("date_part('microseconds', \(instant)) / 1000", .product)
        default: return casted("date_part(\(name), \(source))", .double)
        }
    }

    /// Always a timestamp, unless of an interval.
    func dateTrunc(_ arguments: [Expression], _ type: ColumnType) -> SQLText {
        let source = print(arguments[1]).text
        let field = print(arguments[0]).text
        guard type != .interval else { return SQLText("date_trunc(\(field), \(source))") }
        if dialect.isDuckDB, case .literal(.text(let unit)) = arguments[0].node,
            let years = ["century": 100, "millennium": 1000][unit.lowercased()]
        {
            // They begin with year 1 (PostgreSQL), not with year 0.
            return bind([print(arguments[1])]) { x in
                "date_trunc('year', CAST(\(x[0]) AS timestamp)) "
                    + "- INTERVAL '1 years' * ((date_part('year', \(x[0])) - 1) % \(years))"
            }.parenthesized
        }
        let truncated = "date_trunc(\(field), CAST(\(source) AS timestamp))"
        // DuckDB takes `date_trunc('year', x) <> TIMESTAMP '1999-12-31'` for true, also where x is NULL, unless something
        // stands between the two.
        return dialect.isDuckDB
            ? SQLText("\(truncated) + INTERVAL '0 days'", .sum) : casted(truncated, .timestamp)
    }

    /// The patterns that both engines print alike; any other fails by name, at sites as NULL.
    func toChar(_ arguments: [Expression]) -> SQLText {
        let source = print(arguments[0])
        guard arguments[0].type == .date || arguments[0].type == .timestamp,
            case .literal(.text(let pattern)) = arguments[1].node,
            let format = ToCharPattern.strftime(pattern)
        else {
            let failure = failure(.featureNotSupported, "to_char pattern is not supported")
            return casted(failure, .text)
        }
        if dialect.isPostgreSQL { return apply("to_char", [source, print(arguments[1])]) }
        return SQLText("strftime(\(source.text), \(SQLQuoting.literal(format)))")
    }
}

/// The part of PostgreSQL's template patterns for dates (15, Table 9.27) that DuckDB's `strftime` can say.
package enum ToCharPattern {
    private static let fields: [(pattern: String, format: String)] = [
        ("YYYY", "%Y"), ("HH24", "%H"), ("Mon", "%b"), ("MM", "%m"), ("DD", "%d"), ("MI", "%M"), ("SS", "%S"),
        ("YY", "%y"), ("Dy", "%a"), ("DDD", "%j"), ("IYYY", "%G"), ("IW", "%V"),
    ]

    /// - Returns: nil if the pattern has a letter that is none of these fields.
    package static func strftime(_ pattern: String) -> String? {
        let ordered = fields.sorted { $0.pattern.utf8.count > $1.pattern.utf8.count }
        var rest = Substring(pattern)
        var format = ""
        while let first = rest.first {
            if let field = ordered.first(where: { rest.hasPrefix($0.pattern) }) {
                format += field.format
                rest.removeFirst(field.pattern.count)
            } else if first.isLetter || first == "%" || first == "\"" || first == "\\" {
                return nil
            } else {
                format.append(rest.removeFirst())
            }
        }
        return format
    }
}
