import Core

extension ExpressionPrinter {
    /// Functions that are called by name.
    func named(_ function: Function, _ arguments: [Expression], _ type: ColumnType) -> SQLText {
        if dialect == .logical { return logicalCall(function, arguments) }
        let values = arguments.map(print)
        switch function {
        case .coalesce, .nullif, .length, .left, .right, .concat, .ltrim, .rtrim, .startsWith, .strpos,
            .replace:
            return apply(function.rawValue, values)
        case .lower, .upper: return folded(function, values[0])
        case .greatest, .least: return apply(function.rawValue, arguments.map(collated))
        case .floor, .ceil: return casted(apply(function.rawValue, values).text, type)
        case .abs:
            guard type.isInteger, dialect.isTotal else { return apply("abs", values) }
            return integerGuard(values, type) { x, wide in "abs(\(wide(x[0])))" }
        case .sign: return casted("sign(\(values[0].text))", type)
        case .round, .trunc: return rounding(function, arguments, type)
        case .power: return power(values)
        case .sqrt:
            return guarded(values[0], "< 0", .invalidPower, "cannot take square root of a negative number") {
                "sqrt(\($0))"
            }
        case .ln:
            return guarded(values[0], "<= 0", .invalidLogarithm, "cannot take logarithm of this number") {
                "ln(\($0))"
            }
        case .exp:
            let overflow = failure(.numericValueOutOfRange, "value out of range: overflow")
            return bind(values) { x in
                "CASE WHEN \(x[0]) < -700 THEN 0 WHEN \(x[0]) <= 700 THEN exp(\(x[0])) "
                    + "WHEN \(x[0]) > 700 THEN \(overflow) END"
            }
        case .substring: return substring(values)
        case .trim: return apply(dialect.isPostgreSQL ? "btrim" : "trim", values)
        case .age: return apply("age", values.map { casted($0.text, .timestamp) })
        case .datePart, .extract: return datePart(arguments, type)
        case .dateTrunc: return dateTrunc(arguments, type)
        case .makeDate: return makeDate(values)
        case .widthBucket: return widthBucket(values)
        case .toChar: return toChar(arguments)
        default: return apply(function.rawValue, values)
        }
    }

    /// Text is compared by its bytes, and so is its case: of A to Z alone, as PostgreSQL folds under the collation C.
    private func folded(_ function: Function, _ value: SQLText) -> SQLText {
        if dialect.isPostgreSQL { return SQLText("\(function.rawValue)(\(value.at(.atom)) COLLATE \"C\")") }
        let (large, small) = ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
        let (from, to) = function == .lower ? (large, small) : (small, large)
        return SQLText("translate(\(value.text), '\(from)', '\(to)')")
    }

    func apply(_ name: String, _ values: [SQLText]) -> SQLText {
        SQLText("\(name)(\(values.map(\.text).joined(separator: ", ")))")
    }

    private func logicalCall(_ function: Function, _ arguments: [Expression]) -> SQLText {
        if function == .extract, case .literal(.text(let field)) = arguments[0].node {
            return SQLText("extract(\(field) FROM \(print(arguments[1]).text))")
        }
        let name =
            switch function {
            case .trim: "btrim"
            case .left, .right: "\"\(function.rawValue)\""
            case .substring: "substr"
            default: function.rawValue
            }
        return apply(name, arguments.map(print))
    }

    /// `formula` of a value, and a failure where `value condition` holds.
    private func guarded(
        _ value: SQLText, _ condition: String, _ state: SQLState, _ message: String,
        _ formula: (String) -> String
    ) -> SQLText {
        bind([value]) { x in
            "CASE WHEN \(x[0]) \(condition) THEN \(failure(state, message)) ELSE \(formula(x[0])) END"
        }
    }

    /// `round(double)` to even; of a `numeric`, half away from zero in decimal.
    private func rounding(_ function: Function, _ arguments: [Expression], _ type: ColumnType) -> SQLText {
        let value = print(arguments[0])
        let isDecimal = arguments.count > 1 || arguments[0].type == .numeric
        guard isDecimal else {
            if function == .trunc || dialect.isPostgreSQL { return apply(function.rawValue, [value]) }
            return SQLText("round_even(\(value.text), 0)")
        }
        let places = arguments.count > 1 ? print(arguments[1]).text : "0"
        let isConstant = arguments.count < 2 || Self.integerLiteral(arguments[1]) != nil
        return bind([value]) { x in
            // Beyond 15 digits before the point there is nothing to round, and DECIMAL(38, 15) ends.
            let rounded =
                isConstant || dialect.isPostgreSQL
                ? "\(function.rawValue)(\(decimal(x[0])), \(places))"
                : "\(function.rawValue)(\(x[0]), \(places))"
            return
                "CASE WHEN abs(\(x[0])) < 1e15 THEN CAST(\(rounded) AS \(name(of: .double))) ELSE \(x[0]) END"
        }
    }

    static func integerLiteral(_ expression: Expression) -> Int64? {
        switch expression.node {
        case .literal(.integer(let number)): number
        case .cast(let inner): integerLiteral(inner)
        case .call(.negate, let inner): integerLiteral(inner[0]).map { -$0 }
        default: nil
        }
    }

    private func power(_ values: [SQLText]) -> SQLText {
        let negative = failure(.invalidPower, "a negative number raised to a non-integer power is complex")
        let zero = failure(.invalidPower, "zero raised to a negative power is undefined")
        let overflow = failure(.numericValueOutOfRange, "value out of range: overflow")
        return bind(values) { x in
            // PostgreSQL raises where the product with the logarithm is no double.
            let infinity = casted("'Infinity'", .double).text
            let isBeyond =
                "\(x[1]) <> 0 AND abs(\(x[1])) < \(infinity) AND NOT abs(\(x[1])) BETWEEN 1e-150 AND 1e150"
            return "CASE \(dialect == .merge ? "" : "WHEN \(isBeyond) THEN NULL ")"
                + "WHEN \(x[0]) = 0 AND (\(x[1])) < 0 THEN \(zero) "
                + "WHEN (\(x[0])) < 0 AND (\(x[1])) <> floor(\(x[1])) THEN \(negative) "
                + "WHEN \(x[0]) <> 0 AND (\(x[1])) * log(abs(\(x[0]))) > 300 THEN \(overflow) "
                + "WHEN \(x[0]) <> 0 AND (\(x[1])) * log(abs(\(x[0]))) < -300 THEN 0 "
                + "ELSE power(\(x[0]), \(x[1])) END"
        }
    }

    /// Positions before the first character count (PostgreSQL); DuckDB would count from the end.
    private func substring(_ values: [SQLText]) -> SQLText {
        if values.count > 1, let start = Int64(values[1].text), start >= 1,
            values.count < 3 || (Int64(values[2].text) ?? -1) >= 0
        {
            return apply("substring", values)
        }
        let negative = failure(SQLState(rawValue: "22011"), "negative substring length not allowed")
        return bind(values) { x in
            guard x.count > 2 else { return "substring(\(x[0]), greatest(\(x[1]), 1))" }
            return
                "CASE WHEN (\(x[2])) < 0 THEN \(negative) WHEN \(x[1]) IS NOT NULL AND \(x[2]) IS NOT NULL "
                + "THEN substring(\(x[0]), CAST(greatest(\(x[1]), 1) AS integer), "
                + "CAST(greatest(least(CAST(\(x[1]) AS bigint) + (\(x[2])), 2147483647) "
                + "- greatest(\(x[1]), 1), 0) AS integer)) END"
        }
    }

    private func makeDate(_ values: [SQLText]) -> SQLText {
        let failure = failure(.datetimeOverflow, "date field value out of range")
        if dialect == .site(.duckdb) { return SQLText("TRY(\(apply("make_date", values).text))") }
        return bind(values) { x in
            let (y, m, d) = (x[0], x[1], x[2])
            let last =
                "date_part('day', make_date(\(y), \(m), 1) + INTERVAL '1 months' - INTERVAL '1 days')"
            let outside = "\(y) NOT BETWEEN 1 AND 9999 OR \(m) NOT BETWEEN 1 AND 12 OR (\(d)) < 1"
            return "CASE WHEN \(y) IS NULL OR \(m) IS NULL OR \(d) IS NULL THEN NULL "
                + "WHEN \(outside) THEN \(failure) "
                + "WHEN \(d) <= \(last) THEN make_date(\(y), \(m), \(d)) ELSE \(failure) END"
        }
    }

    private func widthBucket(_ values: [SQLText]) -> SQLText {
        let wrong = failure(.invalidWidthBucket, "bounds must differ and count must be greater than zero")
        return bind(values) { x in
            let (value, low, high, count) = (x[0], "(\(x[1]))", "(\(x[2]))", "(\(x[3]))")
            let part = "(\(value) - \(low)) / nullif(\(high) - \(low), 0)"
            // PostgreSQL raises where a quotient is too small for a double; within the bounds that the law takes it is so
            // for such values alone, and those are in the first bucket.
            let quotient =
                dialect.isPostgreSQL
                ? "CASE WHEN abs(\(value) - \(low)) < 1e-150 THEN 0 ELSE \(part) END" : part
            let share = "floor(\(count) * (\(quotient)))"
            let missing = x.map { "\($0) IS NULL" }.joined(separator: " OR ")
            // Of the engines only PostgreSQL's own function refuses NaN, which is above any number.
            let nan = "\(value) = \(casted("'NaN'", .double).text)"
            let isNaN = failure(
                .invalidWidthBucket, "operand, lower bound, and upper bound cannot be NaN")
            return
                "CASE WHEN \(missing) THEN NULL WHEN \(nan) THEN \(isNaN) WHEN \(low) = \(high) OR \(count) <= 0 THEN \(wrong) "
                + "WHEN \(low) < \(high) AND \(value) < \(low) "
                + "OR \(low) > \(high) AND \(value) > \(low) THEN 0 "
                + "WHEN \(low) < \(high) AND \(value) >= \(high) "
                + "OR \(low) > \(high) AND \(value) <= \(high) "
                + "THEN \(count) + 1 ELSE CAST(least(\(share), \(count) - 1) AS integer) + 1 END"
        }
    }
}
