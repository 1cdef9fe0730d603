import Core

/// What an engine would raise for some values only: refused by the statement's shape, so that no error tells
/// of a person.
extension ExpressionLaw {
    func checkBounded(
        _ function: Function, _ arguments: [Expression], _ expression: Expression
    ) throws(SQLFault) {
        switch function {
        case .widthBucket: try checkBuckets(arguments, expression)
        case .multiply, .divide:
            if arguments.contains(where: { $0.type == .interval }) { try checkScaled(arguments, expression) }
        case .add, .subtract:
            guard expression.type == .interval else { return }
            let varying = arguments.filter { $0.type == .interval && !$0.references.isEmpty }
            guard varying.count > 1 else { return }
            throw SQLFault(
                .featureNotSupported, "intervals of data are not added to one another here",
                hint: "Add their days: date_part('day', …).", position: expression.position)
        default: return
        }
    }

    private func checkBuckets(_ arguments: [Expression], _ expression: Expression) throws(SQLFault) {
        guard arguments.count == 4 else { return }
        guard case .integer(let count)? = arguments[3].literal, (1...1_000_000).contains(count) else {
            throw SQLFault(
                .featureNotSupported, "width_bucket takes 1 to 1,000,000 buckets",
                hint: "Write their number as a literal: width_bucket(x, low, high, 10).",
                position: arguments[3].position ?? expression.position)
        }
        // A value that is far nearer to a bound than the bounds to each other makes PostgreSQL raise an underflow: bounds
        // that are known keep it from happening (`ExpressionPrinter.widthBucket`).
        let bounds = arguments.map(\.writtenNumber)
        guard let low = bounds[1], let high = bounds[2], max(abs(low), abs(high)) <= 1e150,
            low == high || abs(high - low) >= 1e-140
        else {
            throw SQLFault(
                .featureNotSupported,
                "width_bucket takes numbers as its bounds, up to 1e150 and not closer than 1e-140",
                hint: "Write them out, without divisions and functions: width_bucket(x, 0, 100, 10).",
                position: arguments[1].position ?? expression.position)
        }
    }

    /// `interval * factor`: constants, of at most 10,000 years.
    private func checkScaled(_ arguments: [Expression], _ expression: Expression) throws(SQLFault) {
        let isDivided = expression.node.isDivision
        var years = 1.0
        for (place, argument) in arguments.enumerated() {
            guard let size = argument.magnitude else { throw scaled(expression) }
            years *= isDivided && place == 1 ? 1 / size : size
        }
        guard years <= 10_000 else { throw scaled(expression) }
    }

    /// Intervals of data are not summed: engines fail where the sum is too long, and DuckDB has no sum of them.
    func checkSummed(_ argument: Expression) throws(SQLFault) {
        guard argument.type == .interval else { return }
        throw SQLFault(
            .featureNotSupported, "intervals of data are not summed here",
            hint: "Sum their seconds: sum(date_part('epoch', …)).", position: argument.position)
    }

    /// What is added to a date or an interval may be 10,000 years long.
    func checkSize(of literal: Expression) throws(SQLFault) {
        guard literal.type == .interval, let size = literal.magnitude, size > 10_000 else { return }
        throw SQLFault(
            .featureNotSupported, "an interval is 10,000 years long at most", hint: "Write a shorter one.",
            position: literal.position)
    }

    private func scaled(_ expression: Expression) -> SQLFault {
        SQLFault(
            .featureNotSupported, "an interval is multiplied by a constant only, to 10,000 years at most",
            hint: "Write the interval as a literal: INTERVAL '18 months'; add a number of days to a date as "
                + "date + days.", position: expression.position)
    }

    /// Window functions take numbers of rows as literals, and other further arguments as constants.
    func checkArguments(of column: Window.Column) throws(SQLFault) {
        for (place, argument) in column.arguments.enumerated() {
            let isRows: Bool
            switch (column.function, place) {
            case ("ntile", 0), ("lag", 1), ("lead", 1), ("nth_value", 1): isRows = true
            case (_, 0): continue
            default: isRows = false
            }
            if isRows, case .integer(let rows)? = argument.literal, (1...1_000_000).contains(rows) {
                continue
            }
            if !isRows, argument.references.isEmpty { continue }
            throw SQLFault(
                .featureNotSupported,
                isRows
                    ? "\(column.function) takes a number of rows from 1 to 1,000,000 here"
                    : "\(column.function) takes only constants here besides its subject",
                hint: "Write it as a literal.", position: argument.position ?? column.arguments[0].position)
        }
    }
}

extension Expression.Node {
    fileprivate var isDivision: Bool { if case .call(.divide, _) = self { true } else { false } }
}

extension Expression {
    /// The value of a number that is written out; nil for anything else.
    fileprivate var writtenNumber: Double? {
        switch withoutCasts.node {
        case .literal(let value): value.number
        case .call(.negate, let arguments): arguments.first?.writtenNumber.map { -$0 }
        case .call(let function, let arguments) where arguments.count == 2:
            Self.combined(function, arguments[0].writtenNumber, arguments[1].writtenNumber)
        default: nil
        }
    }

    private static func combined(_ function: Function, _ left: Double?, _ right: Double?) -> Double? {
        guard let left, let right else { return nil }
        switch function {
        case .add: return left + right
        case .subtract: return left - right
        case .multiply: return left * right
        default: return nil
        }
    }

    /// The size of a constant: of an interval in years, of a number its own; nil for what is no constant.
    fileprivate var magnitude: Double? {
        switch withoutCasts.node {
        case .literal(.interval(let months, let days, let microseconds)):
            abs(Double(months)) / 12 + abs(Double(days)) / 365 + abs(Double(microseconds)) / 3.15e13
        case .literal(let value): value.number.map { abs($0) }
        case .call(.negate, let arguments): arguments.first?.magnitude
        case .call(let function, let arguments) where [.multiply, .divide].contains(function):
            arguments.count == 2 ? Self.product(arguments, isDivided: function == .divide) : nil
        default: nil
        }
    }

    private static func product(_ arguments: [Expression], isDivided: Bool) -> Double? {
        guard let first = arguments[0].magnitude, let second = arguments[1].magnitude else { return nil }
        return isDivided ? first / second : first * second
    }
}
