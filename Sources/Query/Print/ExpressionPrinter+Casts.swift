import Core

extension ExpressionPrinter {
    func cast(_ inner: Expression, to type: ColumnType) -> SQLText {
        let value = print(inner)
        if dialect == .logical || inner.type == .unknown { return casted(value.text, type) }
        if inner.node == .literal(.null) { return casted("NULL", type) }
        switch (inner.type, type) {
        case (.numeric, .double), (.double, .numeric): return value
        case (.text, .text): return value
        case (.text, _):
            // A bare literal would be read as the type while PostgreSQL still parses.
            if dialect.isPostgreSQL, case .literal = inner.node {
                return parsed(casted(value.text, .text), type)
            }
            return parsed(value, type)
        case (.numeric, .integer), (.numeric, .bigint), (.double, .integer), (.double, .bigint):
            return whole(value, from: inner.type, type)
        case (.bigint, .integer): return narrowed(value)
        case (.double, .text), (.numeric, .text):
            guard dialect.isDuckDB else { return casted(value.text, type) }
            return SQLText("regexp_replace(CAST(\(value.text) AS varchar), '\\.0$', '')")
        default: return casted(value.text, type)
        }
    }

    /// `numeric` rounds half away from zero, `double precision` to even.
    private func whole(_ value: SQLText, from source: ColumnType, _ type: ColumnType) -> SQLText {
        let overflow = failure(.numericValueOutOfRange, "\(type.rawValue) out of range")
        let limit = type == .integer ? "2147483647" : "9.2e18"
        return bind([value]) { x in
            let rounded =
                source == .double
                ? x[0] : dialect.isPostgreSQL ? "round(\(decimal(x[0])))" : "round(\(x[0]))"
            return "CASE WHEN abs(\(x[0])) <= \(limit) THEN CAST(\(rounded) AS \(name(of: type))) "
                + "WHEN \(x[0]) IS NOT NULL THEN \(overflow) END"
        }
    }

    private func narrowed(_ value: SQLText) -> SQLText {
        if dialect.isDuckDB, !dialect.isTotal || !value.hasQuery {
            return dialect.isTotal
                ? SQLText("TRY(CAST(\(value.text) AS integer))") : casted(value.text, .integer)
        }
        return bind([value]) { x in
            "CASE WHEN \(x[0]) BETWEEN -2147483648 AND 2147483647 THEN CAST(\(x[0]) AS integer) END"
        }
    }

    /// Text read as a value: only the plain forms, alike in both engines; anything else fails.
    private func parsed(_ value: SQLText, _ type: ColumnType) -> SQLText {
        let state: SQLState =
            type == .date || type == .timestamp ? .invalidDatetimeFormat : .invalidTextRepresentation
        let wrong = failure(state, "invalid input syntax for type \(type.rawValue)")
        return bind([value]) { x in
            "CASE \(accepted(x[0], type)) WHEN \(x[0]) IS NOT NULL THEN \(wrong) END"
        }
    }

    private func matches(_ text: String, _ pattern: String) -> String {
        let pattern = SQLQuoting.literal("^[ \\t\\n]*\(pattern)[ \\t\\n]*$")
        return dialect.isPostgreSQL ? "\(text) ~ \(pattern)" : "regexp_matches(\(text), \(pattern))"
    }

    private func accepted(_ text: String, _ type: ColumnType) -> String {
        let target = name(of: type)
        switch type {
        case .boolean:
            let word = dialect.isPostgreSQL ? "lower(btrim(\(text)))" : "lower(trim(\(text)))"
            return "WHEN \(word) IN ('t', 'true', 'y', 'yes', 'on', '1') THEN true "
                + "WHEN \(word) IN ('f', 'false', 'n', 'no', 'off', '0') THEN false"
        case .bigint: return "WHEN \(matches(text, "[+-]?0*[0-9]{1,18}")) THEN CAST(\(text) AS bigint)"
        case .integer:
            let range = "BETWEEN -2147483648 AND 2147483647"
            return "WHEN \(matches(text, "[+-]?0*[0-9]{1,9}")) THEN CAST(\(text) AS integer) "
                + "WHEN \(matches(text, "[+-]?0*[0-9]{10}")) THEN "
                + "CASE WHEN CAST(\(text) AS bigint) \(range) THEN CAST(\(text) AS integer) "
                + "ELSE \(failure(.numericValueOutOfRange, "value is out of range for type integer")) END"
        case .numeric, .double:
            let pattern = "[+-]?([0-9]{1,100}(\\.[0-9]{0,100})?|\\.[0-9]{1,100})([eE][+-]?[0-9]{1,2})?"
            return "WHEN \(matches(text, pattern)) THEN CAST(\(text) AS \(target))"
        case .date: return "WHEN \(isDate(text, tail: "")) THEN CAST(\(text) AS date)"
        case .timestamp:
            let tail = "([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?)?"
            return "WHEN \(isDate(text, tail: tail)) THEN CAST(\(text) AS timestamp)"
        default:
            // PostgreSQL refuses a unit that stands twice.
            let units = ["years?", "(mons?|months?)", "weeks?", "days?", "hours?", "minutes?", "seconds?"]
            let pattern = units.map { "(-?[0-9]{1,6} \($0)( |$))?" }.joined()
            return "WHEN \(matches(text, pattern)) AND \(matches(text, ".*[0-9].*")) "
                + "THEN CAST(\(text) AS \(target))"
        }
    }

    /// A day that exists, as `YYYY-MM-DD`: years that have 29 February are told by arithmetic.
    private func isDate(_ text: String, tail: String) -> String {
        let day =
            "([0-9]{4}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|[0-9]{4}-(0[469]|11)-(0[1-9]|[12][0-9]|30)"
            + "|[0-9]{4}-02-(0[1-9]|1[0-9]|2[0-8])"
            + "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)"
        let word = dialect.isPostgreSQL ? "btrim(\(text))" : "trim(\(text))"
        return "\(matches(text, day + tail)) AND left(\(word), 4) <> '0000'"
    }
}
