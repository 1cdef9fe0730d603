internal import Core

extension SelectBinder {
    /// `percentile_cont(fraction) WITHIN GROUP (ORDER BY x)`; `median(x)` is that of 0.5.
    func percentile(_ syntax: CallSyntax, at position: Int?) throws(SQLFault) -> AggregateCall {
        let filter: Expression? =
            if let condition = syntax.filter { try boolean(condition, "FILTER") } else { nil }
        guard !syntax.isStar, syntax.arguments.count == 1 else {
            throw noFunction(syntax.name, try expressions(syntax.arguments), at: position)
        }
        guard !syntax.isDistinct else {
            throw .unsupported(
                "\(syntax.name)(DISTINCT …)", "GROUP BY the value in a derived table.", at: position)
        }
        let (value, fraction) = try value(of: syntax, at: position)
        guard value.type.isNumeric else { throw noFunction(syntax.name, [value], at: position) }
        return AggregateCall(
            .percentileCont, argument: value, filter: filter, fraction: fraction, type: .double, at: position)
    }

    private func value(
        of syntax: CallSyntax, at position: Int?
    ) throws(SQLFault) -> (Expression, Double) {
        if syntax.name == "median" { return (try expression(syntax.arguments[0]), 0.5) }
        guard let order = syntax.withinGroup.first, syntax.withinGroup.count == 1 else {
            throw SQLFault(
                SQLState(rawValue: "42809"),
                "WITHIN GROUP is required for ordered-set aggregate percentile_cont",
                hint: "Write percentile_cont(0.5) WITHIN GROUP (ORDER BY value).", position: position)
        }
        let argument = try expression(syntax.arguments[0])
        guard argument.type.isNumeric, case .literal(let literal) = argument.node,
            let fraction = literal.number
        else {
            throw .unsupported(
                "a fraction of percentile_cont that is no number", "Write it out, such as 0.5.",
                at: argument.position ?? position)
        }
        guard (0...1).contains(fraction) else {
            throw SQLFault(
                .numericValueOutOfRange, "percentile value \(fraction) is not between 0 and 1",
                position: argument.position ?? position)
        }
        return (try expression(order.expression), order.ascending ? fraction : 1 - fraction)
    }
}
