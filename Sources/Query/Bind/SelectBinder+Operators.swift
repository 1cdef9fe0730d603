internal import Core

extension SelectBinder {
    static let comparisons: [String: Function] = [
        "=": .equal, "<>": .notEqual, "!=": .notEqual, "<": .less, "<=": .lessOrEqual, ">": .greater,
        ">=": .greaterOrEqual,
    ]
    private static let arithmetic: [String: Function] = [
        "+": .add, "-": .subtract, "*": .multiply, "/": .divide, "%": .modulo,
    ]

    func infix(
        _ name: String, _ left: ExpressionSyntax?, _ right: ExpressionSyntax, at position: Int?
    ) throws(SQLFault) -> Expression {
        guard let left else { return try prefix(name, try expression(right), at: position) }
        let a = try expression(left)
        let b = try expression(right)
        if let function = Self.comparisons[name] { return try comparison(function, name, a, b, at: position) }
        if let function = Self.arithmetic[name] { return try arithmetic(function, name, a, b, at: position) }
        switch name {
        case "||": return try concatenation(a, b, at: position)
        case "^": return try power(a, b, at: position)
        case "~", "~*", "!~", "!~*":
            throw .unsupported("a regular expression", "Use LIKE, or a codelist.", at: position)
        default: throw noOperator(name, a, b, at: position)
        }
    }

    /// `42883`, as PostgreSQL says it.
    func noOperator(_ name: String, _ left: Expression?, _ right: Expression, at position: Int?) -> SQLFault {
        let types = [left?.type.rawValue, name, right.type.rawValue].compactMap(\.self)
        return SQLFault(
            .undefinedFunction, "operator does not exist: \(types.joined(separator: " "))",
            hint: "No operator matches the given name and argument types. "
                + "You might need to add explicit type casts.",
            position: position)
    }

    private func notUnique(_ name: String, _ a: Expression, _ b: Expression, at position: Int?) -> SQLFault {
        SQLFault(
            SQLState(rawValue: "42725"),
            "operator is not unique: \(a.type.rawValue) \(name) \(b.type.rawValue)",
            hint: "Give the literal its type, such as interval '90 days' or date '2024-01-01'.",
            position: position)
    }

    private func prefix(_ name: String, _ operand: Expression, at position: Int?) throws(SQLFault)
        -> Expression
    {
        switch name {
        case "+" where operand.type.isNumeric: return operand
        case "-" where operand.type.isNumeric || operand.type == .interval:
            return Expression(.call(.negate, [operand]), operand.type, at: position)
        case "@" where operand.type.isNumeric:
            return Expression(.call(.abs, [operand]), operand.type, at: position)
        default: throw noOperator(name, nil, operand, at: position)
        }
    }

    /// A comparison of two values of one type, to which both are converted.
    func comparison(
        _ function: Function, _ name: String, _ a: Expression, _ b: Expression, at position: Int?
    ) throws(SQLFault) -> Expression {
        guard let type = Coercion.common([a.type, b.type]) else {
            throw noOperator(name, a, b, at: position)
        }
        let sides = [try Coercion.implicit(a, to: type), try Coercion.implicit(b, to: type)]
        return Expression(.call(function, sides), .boolean, at: position)
    }

    private func arithmetic(
        _ function: Function, _ name: String, _ a: Expression, _ b: Expression, at position: Int?
    ) throws(SQLFault) -> Expression {
        if a.type == .unknown && b.type == .unknown { throw notUnique(name, a, b, at: position) }
        let isDatePlusText =
            function == .add && [a.type, b.type].contains(.date) && [a.type, b.type].contains(.unknown)
        if isDatePlusText { throw notUnique(name, a, b, at: position) }
        let left = try assumed(a, beside: b, function)
        let right = try assumed(b, beside: a, function)
        if left.type.isNumeric && right.type.isNumeric {
            return try numeric(function, name, left, right, at: position)
        }
        guard let (types, result) = Self.dateArithmetic(function, left.type, right.type) else {
            throw noOperator(name, a, b, at: position)
        }
        let sides = [
            try Coercion.implicit(left, to: types.0), try Coercion.implicit(right, to: types.1),
        ]
        return Expression(.call(function, sides), result, at: position)
    }

    /// An untyped literal is taken to be of the other operand's type; beside a time that is moved, an
    /// interval.
    private func assumed(
        _ operand: Expression, beside other: Expression, _ function: Function
    ) throws(SQLFault) -> Expression {
        guard operand.type == .unknown else { return operand }
        switch (other.type, function) {
        case (.timestamp, .add): return try Coercion.implicit(operand, to: .interval)
        case (.interval, .multiply), (.interval, .divide): return try Coercion.implicit(operand, to: .double)
        case (.text, _), (.boolean, _), (.interval, .modulo): return operand
        case (.date, .multiply), (.date, .divide), (.date, .modulo): return operand
        case (.timestamp, .multiply), (.timestamp, .divide), (.timestamp, .modulo): return operand
        default: return try Coercion.implicit(operand, to: other.type)
        }
    }

    private func numeric(
        _ function: Function, _ name: String, _ a: Expression, _ b: Expression, at position: Int?
    ) throws(SQLFault) -> Expression {
        guard let type = Coercion.common([a.type, b.type]), function != .modulo || type != .double else {
            throw noOperator(name, a, b, at: position)
        }
        let sides = [try Coercion.implicit(a, to: type), try Coercion.implicit(b, to: type)]
        return Expression(.call(function, sides), type, at: position)
    }

    /// The operand types and the result of arithmetic on dates, times and intervals (PostgreSQL 15, table
    /// 9.32).
    private static func dateArithmetic(
        _ function: Function, _ a: ColumnType, _ b: ColumnType
    ) -> (operands: (ColumnType, ColumnType), result: ColumnType)? {
        switch (function, a, b) {
        case (.add, .date, .integer), (.subtract, .date, .integer): ((.date, .integer), .date)
        case (.add, .integer, .date): ((.integer, .date), .date)
        case (.subtract, .date, .date): ((.date, .date), .integer)
        case (.add, .date, .interval), (.subtract, .date, .interval): ((.date, .interval), .timestamp)
        case (.add, .timestamp, .interval), (.subtract, .timestamp, .interval):
            ((.timestamp, .interval), .timestamp)
        case (.add, .interval, .date), (.add, .interval, .timestamp): ((.interval, b), .timestamp)
        case (.subtract, .timestamp, .timestamp), (.subtract, .date, .timestamp),
            (.subtract, .timestamp, .date):
            ((.timestamp, .timestamp), .interval)
        case (.add, .interval, .interval), (.subtract, .interval, .interval):
            ((.interval, .interval), .interval)
        case (.multiply, .interval, _) where b.isNumeric: ((.interval, .double), .interval)
        case (.multiply, _, .interval) where a.isNumeric: ((.double, .interval), .interval)
        case (.divide, .interval, _) where b.isNumeric: ((.interval, .double), .interval)
        default: nil
        }
    }

    /// Text beside anything: the other side is turned into text.
    private func concatenation(_ a: Expression, _ b: Expression, at position: Int?) throws(SQLFault)
        -> Expression
    {
        guard [a.type, b.type].contains(where: { $0 == .text || $0 == .unknown }) else {
            throw noOperator("||", a, b, at: position)
        }
        let sides = [
            try Coercion.explicit(a, to: .text, at: a.position),
            try Coercion.explicit(b, to: .text, at: b.position),
        ]
        return Expression(.call(.concatenate, sides), .text, at: position)
    }

    private func power(_ a: Expression, _ b: Expression, at position: Int?) throws(SQLFault) -> Expression {
        guard let common = Coercion.common([a.type, b.type]), common.isNumeric else {
            throw noOperator("^", a, b, at: position)
        }
        let type: ColumnType = common == .numeric ? .numeric : .double
        let sides = [try Coercion.implicit(a, to: type), try Coercion.implicit(b, to: type)]
        return Expression(.call(.power, sides), type, at: position)
    }

    /// The type that branches of a construct have in common.
    func commonType(_ expressions: [Expression], of construct: String) throws(SQLFault) -> ColumnType {
        if let type = Coercion.common(expressions.map(\.type)) { return type }
        let first = expressions.first { $0.type != .unknown } ?? expressions[0]
        let other = expressions.first { Coercion.common([first.type, $0.type]) == nil } ?? first
        throw SQLFault(
            .datatypeMismatch,
            "\(construct) types \(first.type.rawValue) and \(other.type.rawValue) cannot be matched",
            position: other.position)
    }

    func caseWhen(
        _ operand: ExpressionSyntax?, _ branches: [CaseBranchSyntax], _ otherwise: ExpressionSyntax?,
        at position: Int?
    ) throws(SQLFault) -> Expression {
        let value: Expression? = if let operand { try expression(operand) } else { nil }
        var conditions: [Expression] = []
        var results: [Expression] = []
        for branch in branches {
            if let value {
                try session.chargeCopy(of: value)
                let other = try expression(branch.condition)
                conditions.append(try comparison(.equal, "=", value, other, at: other.position))
            } else {
                conditions.append(try boolean(branch.condition, "CASE/WHEN"))
            }
            results.append(try expression(branch.value))
        }
        let last: Expression? = if let otherwise { try expression(otherwise) } else { nil }
        let type = try commonType((last.map { [$0] } ?? []) + results, of: "CASE")
        var bound: [CaseBranch] = []
        for (condition, result) in zip(conditions, results) {
            bound.append(CaseBranch(condition: condition, value: try Coercion.implicit(result, to: type)))
        }
        let final: Expression? = if let last { try Coercion.implicit(last, to: type) } else { nil }
        return Expression(.caseWhen(bound, otherwise: final), type, at: position)
    }

    func variadic(
        _ function: Function, _ syntax: [ExpressionSyntax], at position: Int?
    ) throws(SQLFault) -> Expression {
        let bound = try expressions(syntax)
        guard let type = Coercion.common(bound.map(\.type)) else {
            if function == .nullif { throw noOperator("=", bound[0], bound[1], at: position) }
            _ = try commonType(bound, of: function.rawValue.uppercased())
            return bound[0]
        }
        if function == .nullif, bound[0].type != .unknown {
            // Compared as the common type, but returned as it was.
            let sides = [bound[0], try Coercion.implicit(bound[1], to: type)]
            return Expression(.call(.nullif, sides), bound[0].type, at: position)
        }
        var arguments: [Expression] = []
        for item in bound { arguments.append(try Coercion.implicit(item, to: type)) }
        return Expression(.call(function, arguments), type, at: position)
    }
}
