internal import Core

extension SelectBinder {
    func call(_ call: CallSyntax, at position: Int?) throws(SQLFault) -> Expression {
        if call.over != nil { return try windowCall(call, at: position) }
        if AggregateCatalog.isAggregate(call.name) { return try aggregateCall(call, at: position) }
        if AggregateCatalog.windowFunctions.contains(call.name) {
            throw SQLFault(
                SQLState(rawValue: "42809"), "window function \(call.name) requires an OVER clause",
                position: position)
        }
        if let refusal = AggregateCatalog.refusal(of: call.name, at: position) { throw refusal }
        guard !call.isStar, !call.isDistinct, call.filter == nil else {
            throw SQLFault(
                SQLState(rawValue: "42809"),
                "DISTINCT, FILTER or * specified, but \(call.name) is not an aggregate function",
                position: position)
        }
        let arguments = try expressions(call.arguments)
        if FunctionCatalog.special.contains(call.name) {
            return try special(call.name, arguments, at: position)
        }
        if call.name == "age", arguments.count == 1 {
            return try scalarCall("age", [moment(.date, at: position)] + arguments, at: position)
        }
        return try scalarCall(call.name, arguments, at: position)
    }

    private func scalarCall(
        _ name: String, _ arguments: [Expression], at position: Int?
    ) throws(SQLFault) -> Expression {
        guard let signature = FunctionCatalog.resolve(name, arguments.map(\.type)) else {
            throw noFunction(name, arguments, at: position)
        }
        var converted: [Expression] = []
        for (argument, type) in zip(arguments, signature.parameters) {
            converted.append(try Coercion.implicit(argument, to: type))
        }
        return Expression(.call(signature.function, converted), signature.result, at: position)
    }

    func noFunction(_ name: String, _ arguments: [Expression], at position: Int?) -> SQLFault {
        let types = arguments.map(\.type.rawValue).joined(separator: ", ")
        let known = FunctionCatalog.special.union(FunctionCatalog.signatures.keys)
            .union(AggregateCatalog.names).union(["coalesce", "nullif", "greatest", "least"])
        let hint: String
        if known.contains(name) {
            hint =
                name == "round" && arguments.count == 2
                ? "Write round(x::numeric, n)."
                : "No function matches the given name and argument types. "
                    + "You might need to add explicit type casts."
        } else {
            let near = Suggestion.nearest(to: name, among: known)
            hint =
                near.isEmpty
                ? "No function has this name." : "Perhaps you meant \(near.joined(separator: " or "))."
        }
        return SQLFault(
            .undefinedFunction, "function \(name)(\(types)) does not exist", hint: hint, position: position)
    }

    private func special(
        _ name: String, _ arguments: [Expression], at position: Int?
    ) throws(SQLFault) -> Expression {
        switch (name, arguments.count) {
        case ("now", 0), ("transaction_timestamp", 0), ("statement_timestamp", 0):
            return moment(.timestamp, at: position)
        case ("concat", 1...):
            var parts: [Expression] = []
            for argument in arguments {
                parts.append(try Coercion.explicit(argument, to: .text, at: argument.position))
            }
            return Expression(.call(.concat, parts), .text, at: position)
        case ("date_part", 2): return try fieldCall(.datePart, .double, arguments, at: position)
        case ("extract", 2): return try fieldCall(.extract, .numeric, arguments, at: position)
        case ("date_trunc", 2): return try truncation(arguments, at: position)
        case ("in_codelist", 2):
            guard case .literal(.text(let codelist)) = arguments[1].node else {
                throw .unsupported(
                    "a codelist's name that is not a literal", "Write in_codelist(code, 'name').",
                    at: position)
            }
            return try inCodelist(arguments[0], codelist, negated: false, at: position)
        case ("descends_from", 2...3): return try descendsFrom(arguments, at: position)
        default: throw noFunction(name, arguments, at: position)
        }
    }

    /// The field of `date_part`, `extract` or `date_trunc`, in its usual spelling.
    private func field(_ argument: Expression) throws(SQLFault) -> String {
        guard case .literal(.text(let text)) = argument.node else {
            throw .unsupported(
                "a date field that is not a literal", "Write it out, such as 'year'.", at: argument.position)
        }
        let name = text.lowercased()
        let isPlural = name.hasSuffix("s") && !name.hasSuffix("seconds") && name != "s"
        return isPlural || name == "seconds" ? String(name.dropLast()) : name
    }

    private func notUnique(_ name: String, at position: Int?) -> SQLFault {
        SQLFault(
            SQLState(rawValue: "42725"), "function \(name)(unknown, unknown) is not unique",
            hint: "Give the literal its type, such as date '2024-01-01'.", position: position)
    }

    private func unknownField(_ type: ColumnType, at position: Int?) -> SQLFault {
        SQLFault(
            SQLState(rawValue: "22023"), "unit not recognized for type \(type.rawValue)",
            hint: "Fields are \(FunctionCatalog.dateFields.sorted().joined(separator: ", ")), "
                + "and hour, minute and second of a timestamp.", position: position)
    }

    private func fieldCall(
        _ function: Function, _ result: ColumnType, _ arguments: [Expression], at position: Int?
    ) throws(SQLFault) -> Expression {
        let name = try field(arguments[0])
        let source = arguments[1]
        guard source.type != .unknown else { throw notUnique(function.rawValue, at: source.position) }
        guard [.date, .timestamp, .interval].contains(source.type) else {
            throw noFunction(function.rawValue, arguments, at: position)
        }
        let isKnown =
            FunctionCatalog.dateFields.contains(name)
            || (source.type != .date && FunctionCatalog.timeFields.contains(name))
        guard isKnown else { throw unknownField(source.type, at: arguments[0].position) }
        let label = Expression(.literal(.text(name)), .text, at: arguments[0].position)
        return Expression(.call(function, [label, source]), result, at: position)
    }

    private func truncation(_ arguments: [Expression], at position: Int?) throws(SQLFault) -> Expression {
        let name = try field(arguments[0])
        let source = arguments[1]
        guard source.type != .unknown else { throw notUnique("date_trunc", at: source.position) }
        guard [.date, .timestamp, .interval].contains(source.type) else {
            throw noFunction("date_trunc", arguments, at: position)
        }
        guard FunctionCatalog.truncations.contains(name) else {
            throw unknownField(source.type, at: arguments[0].position)
        }
        let label = Expression(.literal(.text(name)), .text, at: arguments[0].position)
        let result: ColumnType = source.type == .interval ? .interval : .timestamp
        return Expression(.call(.dateTrunc, [label, source]), result, at: position)
    }
}
