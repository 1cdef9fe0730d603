import Core

// Arithmetic with PostgreSQL's meaning: integers truncate and do not wrap, `numeric` is carried in binary.
extension ExpressionPrinter {
    func negate(_ argument: Expression, _ type: ColumnType) -> SQLText {
        let text = print(argument).at(.atom)
        guard dialect.isTotal, type.isInteger else { return SQLText("-\(text)", .sign) }
        return integerGuard([print(argument)], type) { x, wide in "-\(wide(x[0]))" }
    }

    func integerArithmetic(
        _ symbol: String, _ binding: Binding, _ arguments: [Expression], _ type: ColumnType
    ) -> SQLText {
        guard dialect.isTotal else { return infix(symbol, binding, arguments) }
        return integerGuard(arguments.map(print), type) { x, wide in "\(wide(x[0])) \(symbol) \(x[1])" }
    }

    /// Computes in a wider type; what does not fit the result is NULL.
    func integerGuard(
        _ values: [SQLText], _ type: ColumnType, _ formula: ([String], (String) -> String) -> String
    ) -> SQLText {
        if dialect.isDuckDB {
            let wide = { (x: String) in "CAST(\(x) AS \(type == .integer ? "bigint" : "hugeint"))" }
            // Not TRY_CAST: DuckDB compares around it as if it could not fail (`TRY_CAST(x AS integer) <> 1`).
            return SQLText("TRY(CAST(\(formula(values.map { $0.at(.atom) }, wide)) AS \(name(of: type))))")
        }
        let range =
            type == .integer
            ? "-2147483648 AND 2147483647" : "-9223372036854775808 AND 9223372036854775807"
        return bind(values) { x in
            let x = x.map { $0.hasPrefix("-") ? "(\($0))" : $0 }
            let wide = formula(x) { "CAST(\($0) AS \(type == .integer ? "bigint" : "numeric"))" }
            return "CASE WHEN \(wide) BETWEEN \(range) THEN CAST(\(wide) AS \(name(of: type))) END"
        }
    }

    /// A literal divisor other than 0 and -1 needs no guard.
    private func isSafeDivisor(_ expression: Expression) -> Bool {
        switch expression.node {
        case .literal(.integer(let number)): number != 0 && number != -1
        case .literal(.double(let number)): number.magnitude > 1e-100 && number.magnitude < 1e100
        case .cast(let inner) where inner.type.isNumeric && expression.type.isNumeric: isSafeDivisor(inner)
        default: false
        }
    }

    func integerDivision(_ symbol: String, _ arguments: [Expression], _ type: ColumnType) -> SQLText {
        let symbol = dialect.isDuckDB && symbol == "/" ? "//" : symbol
        if isSafeDivisor(arguments[1]) { return infix(symbol, .product, arguments) }
        if dialect == .site(.duckdb) {
            // By zero it is NULL there already; the least integer by -1 overflows.
            return integerGuard(arguments.map(print), type) { x, wide in "\(wide(x[0])) \(symbol) \(x[1])" }
        }
        let zero = failure(.divisionByZero, "division by zero")
        let minimum = type == .integer ? "-2147483648" : "CAST('-9223372036854775808' AS bigint)"
        return bind(arguments.map(print)) { x in
            let x = x.map { $0.hasPrefix("-") ? "(\($0))" : $0 }
            let negated = symbol == "%" ? "0" : "CASE WHEN \(x[0]) > \(minimum) THEN -\(x[0]) END"
            let special = dialect.isPostgreSQL ? " WHEN \(x[1]) = -1 THEN \(negated)" : ""
            return "CASE WHEN \(x[1]) = 0 THEN \(zero)\(special) ELSE \(x[0]) \(symbol) \(x[1]) END"
        }
    }

    func division(_ arguments: [Expression]) -> SQLText {
        let values = arguments.map(print)
        if isSafeDivisor(arguments[1]), !dialect.isPostgreSQL { return infix("/", .product, arguments) }
        switch dialect {
        case .site(.duckdb):
            return SQLText("\(values[0].at(.product)) / nullif(\(values[1].text), 0)", .product)
        case .merge:
            return bind(values) { x in
                "CASE WHEN \(x[1]) = 0 THEN \(failure(.divisionByZero, "division by zero")) "
                    + "ELSE \(x[0]) / (\(x[1])) END"
            }
        default:
            return bind(values) { x in
                "CASE WHEN \(x[1]) <> 0 AND (\(Self.isTame(x)) OR \(Self.isEndless(x))) THEN \(x[0]) / (\(x[1])) END"
            }
        }
    }

    /// PostgreSQL raises where a double overflows or underflows: operands that could are NULL.
    func doubleArithmetic(_ symbol: String, _ binding: Binding, _ arguments: [Expression]) -> SQLText {
        guard dialect.isPostgreSQL else { return infix(symbol, binding, arguments) }
        return bind(arguments.map(print)) { x in
            let condition =
                binding == .product
                ? Self.isTame(x) : x.map { "abs(\($0)) < 1e300" }.joined(separator: " AND ")
            return "CASE WHEN \(condition) OR \(Self.isEndless(x)) THEN \(x[0]) \(symbol) (\(x[1])) END"
        }
    }

    private static func isTame(_ values: [String]) -> String {
        values.map { "(\($0) = 0 OR abs(\($0)) BETWEEN 1e-150 AND 1e150)" }.joined(separator: " AND ")
    }

    /// Whether one is infinite or NaN: then nothing overflows.
    private static func isEndless(_ values: [String]) -> String {
        values.map { "NOT abs(\($0)) < 'Infinity'" }.joined(separator: " OR ")
    }

    /// `%` of numerics, in decimal: 1.0 % 0.1 is 0.
    func decimalModulo(_ arguments: [Expression]) -> SQLText {
        let zero = failure(.divisionByZero, "division by zero")
        return bind(arguments.map(print)) { x in
            let (left, right) = (decimal(x[0]), decimal(x[1]))
            return "CASE WHEN \(x[1]) = 0 THEN \(zero) WHEN abs(\(x[0])) < 1e15 AND abs(\(x[1])) < 1e15 "
                + "AND \(right) <> 0 THEN CAST(\(left) % nullif(\(right), 0) AS \(name(of: .double))) END"
        }
    }

    /// A double as PostgreSQL makes it `numeric`: 15 significant digits.
    func decimal(_ text: String) -> String {
        dialect.isPostgreSQL
            ? "CAST(\(text) AS numeric)" : "CAST(format('{:.15g}', \(text)) AS decimal(38, 15))"
    }

    // MARK: dates and intervals

    /// Dates, timestamps and intervals.
    func temporal(
        _ function: Function, _ symbol: String, _ arguments: [Expression], _ type: ColumnType
    ) -> SQLText {
        let types = arguments.map(\.type)
        let binding: Binding = function == .add || function == .subtract ? .sum : .product
        switch (types[0], types[1]) {
        case (.date, .date): return casted(infix(symbol, binding, arguments).text, type)
        case (.date, .integer), (.date, .bigint): return shifted(arguments[0], symbol, arguments[1])
        case (.integer, .date), (.bigint, .date): return shifted(arguments[1], symbol, arguments[0])
        case (.interval, let factor) where factor.isNumeric:
            return scaled(arguments[0], symbol, arguments[1])
        case (let factor, .interval) where factor.isNumeric && function == .multiply:
            return scaled(arguments[1], symbol, arguments[0])
        case (_, .interval) where types[0] != .interval: return moved(arguments, symbol, arguments)
        case (.interval, _) where types[1] != .interval:
            return moved([arguments[1], arguments[0]], symbol, arguments)
        default: return infix(symbol, binding, arguments)
        }
    }

    /// A date or a time and an interval: NULL at a site where it would leave what the engine can hold.
    private func moved(_ order: [Expression], _ symbol: String, _ arguments: [Expression]) -> SQLText {
        switch dialect {
        case .site(.duckdb): return SQLText("TRY(\(infix(symbol, .sum, arguments).text))")
        case .site(.postgresql):
            return bind(order.map(print)) { x in
                "CASE WHEN \(x[0]) BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' "
                    + "AND \(x[1]) BETWEEN INTERVAL '-4000 years' AND INTERVAL '4000 years' "
                    + "THEN \(x[0]) \(symbol) \(x[1]) END"
            }
        default: return infix(symbol, .sum, arguments)
        }
    }

    private func shifted(_ date: Expression, _ symbol: String, _ days: Expression) -> SQLText {
        let day = print(date).at(.sum)
        if case .literal(.integer(let number)) = days.node, number.magnitude <= 1_000_000 {
            return SQLText("\(day) \(symbol) \(number < 0 ? "(\(number))" : "\(number)")", .sum)
        }
        let beyond = failure(.datetimeOverflow, "date out of range")
        return bind([print(date), print(days)]) { x in
            "CASE WHEN \(x[1]) BETWEEN -1000000 AND 1000000 THEN \(x[0]) \(symbol) CAST(\(x[1]) AS integer) "
                + "WHEN \(x[1]) IS NOT NULL THEN \(beyond) END"
        }
    }

    private func scaled(_ interval: Expression, _ symbol: String, _ factor: Expression) -> SQLText {
        if case .literal = factor.node {
            return SQLText("\(print(interval).at(.product)) \(symbol) \(print(factor).at(.atom))", .product)
        }
        let beyond = failure(.datetimeOverflow, "interval out of range")
        return bind([print(interval), print(factor)]) { x in
            let bound = symbol == "/" ? " AND abs(\(x[1])) >= 1e-6" : ""
            return "CASE WHEN abs(\(x[1])) <= 1000000\(bound) THEN \(x[0]) \(symbol) (\(x[1])) "
                + "WHEN \(x[1]) IS NOT NULL THEN \(beyond) END"
        }
    }
}
