internal import Core

extension SelectBinder {
    /// Binds an aggregate as a column of GROUP BY's output; equal calls share one.
    func aggregateCall(_ syntax: CallSyntax, at position: Int?) throws(SQLFault) -> Expression {
        guard clause.allowsAggregates else {
            if clause.name == Clause.aggregateArgument.name {
                throw SQLFault(
                    .groupingError, "aggregate function calls cannot be nested",
                    hint: "Aggregate in a derived table first.", position: position)
            }
            throw SQLFault(
                .groupingError, "aggregate functions are not allowed in \(clause.name)",
                hint: clause.name == "WHERE" ? "Use HAVING, or FILTER (WHERE …) of the aggregate." : nil,
                position: position)
        }
        let saved = clause
        clause = .aggregateArgument
        defer { clause = saved }
        let call = try aggregateBody(syntax, at: position)
        if let known = aggregates.first(where: { $0.call == call }) {
            return Expression(.column(known.id), call.type, at: position)
        }
        let id = session.newID(display: syntax.name)
        aggregates.append(AggregateColumn(id: id, name: syntax.name, call: call))
        return Expression(.column(id), call.type, at: position)
    }

    private func aggregateBody(_ syntax: CallSyntax, at position: Int?) throws(SQLFault) -> AggregateCall {
        guard let function = AggregateCatalog.function(syntax.name) else {
            throw noFunction(syntax.name, [], at: position)
        }
        if function == .percentileCont { return try percentile(syntax, at: position) }
        let filter: Expression? =
            if let condition = syntax.filter { try boolean(condition, "FILTER") } else { nil }
        if syntax.isStar {
            guard function == .count else { throw noFunction(syntax.name, [], at: position) }
            return AggregateCall(.count, argument: nil, filter: filter, type: .bigint, at: position)
        }
        let arguments = try expressions(syntax.arguments)
        guard arguments.count == 1, let types = AggregateCatalog.types(function, arguments[0].type) else {
            if function == .count, arguments.isEmpty {
                throw SQLFault(
                    SQLState(rawValue: "42809"),
                    "count(*) must be used to call a parameterless aggregate function",
                    position: position)
            }
            throw noFunction(syntax.name, arguments, at: position)
        }
        return AggregateCall(
            function, argument: try Coercion.implicit(arguments[0], to: types.argument),
            isDistinct: syntax.isDistinct, filter: filter, type: types.result, at: position)
    }

    /// Binds a window function as a column added above GROUP BY.
    func windowCall(_ syntax: CallSyntax, at position: Int?) throws(SQLFault) -> Expression {
        guard clause.allowsWindows else {
            throw SQLFault(
                .windowingError,
                clause.name == Clause.window.name
                    ? "window function calls cannot be nested"
                    : "window functions are not allowed in \(clause.name)",
                hint: "Compute it in a derived table and filter that.", position: position)
        }
        guard !syntax.isDistinct, syntax.filter == nil else {
            throw .unsupported(
                "DISTINCT or FILTER with OVER", "Use CASE within the argument.", at: position)
        }
        guard AggregateCatalog.function(syntax.name) != .percentileCont else {
            throw .unsupported(
                "\(syntax.name) with OVER", "Use it with GROUP BY in a derived table, and join that.",
                at: position)
        }
        let saved = clause
        clause = .window
        defer { clause = saved }
        let (name, arguments, type) = try windowBody(syntax, at: position)
        let window = try windowDefinition(syntax.over, at: position)
        var partition: [Expression] = []
        for item in window.partition { partition.append(try typed(item)) }
        var order: [SortKey] = []
        for item in window.order {
            order.append(
                SortKey(
                    expression: try typed(item.expression), ascending: item.ascending,
                    nullsFirst: item.nullsFirst))
        }
        let id = session.newID(display: syntax.name)
        windows.append(
            Window.Column(
                id: id, name: syntax.name, function: name, arguments: arguments, partition: partition,
                order: order, frame: window.frame, type: type))
        return Expression(.column(id), type, at: position)
    }

    private func windowDefinition(_ over: OverSyntax?, at position: Int?) throws(SQLFault) -> WindowSyntax {
        switch over {
        case .window(let window): return window
        case .named(let name):
            if let window = windowSyntax[name] { return window }
            throw SQLFault(
                SQLState(rawValue: "42704"), "window \"\(name)\" does not exist", position: position)
        case nil: return WindowSyntax(partition: [], order: [], frame: nil, position: nil)
        }
    }

    private func windowBody(
        _ syntax: CallSyntax, at position: Int?
    ) throws(SQLFault) -> (name: String, arguments: [Expression], type: ColumnType) {
        let arguments = try expressions(syntax.arguments)
        let types = arguments.map(\.type)
        switch (syntax.name, arguments.count) {
        case ("row_number", 0), ("rank", 0), ("dense_rank", 0): return (syntax.name, [], .bigint)
        case ("ntile", 1) where types[0] == .integer: return (syntax.name, arguments, .integer)
        case ("first_value", 1), ("last_value", 1), ("lag", 1), ("lead", 1):
            let value = try typed(syntax.arguments[0])
            return (syntax.name, [value], value.type)
        case ("lag", 2...3) where types[1] == .integer, ("lead", 2...3) where types[1] == .integer:
            return try shifted(syntax.name, arguments, at: position)
        case ("count", 0) where syntax.isStar: return ("count", [], .bigint)
        case (_, 1):
            guard let function = AggregateCatalog.function(syntax.name),
                let types = AggregateCatalog.types(function, types[0])
            else { break }
            return (
                function.rawValue, [try Coercion.implicit(arguments[0], to: types.argument)], types.result
            )
        default: break
        }
        let isKnown =
            AggregateCatalog.isAggregate(syntax.name)
            || AggregateCatalog.windowFunctions.contains(syntax.name)
        guard !isKnown, FunctionCatalog.signatures[syntax.name] != nil else {
            throw noFunction(syntax.name, arguments, at: position)
        }
        throw SQLFault(
            SQLState(rawValue: "42809"),
            "OVER specified, but \(syntax.name) is not a window function nor an aggregate function",
            position: position)
    }

    /// `lag(value, offset[, default])`: value and default of one type.
    private func shifted(
        _ name: String, _ arguments: [Expression], at position: Int?
    ) throws(SQLFault) -> (name: String, arguments: [Expression], type: ColumnType) {
        let values = [arguments[0]] + arguments.dropFirst(2)
        guard let type = Coercion.common(values.map(\.type)) else {
            throw noFunction(name, arguments, at: position)
        }
        var converted = [try Coercion.implicit(arguments[0], to: type), arguments[1]]
        if arguments.count == 3 { converted.append(try Coercion.implicit(arguments[2], to: type)) }
        return (name, converted, type)
    }
}
