internal import Catalog
internal import Core

extension SelectBinder {
    /// Binds a scalar expression of the current clause. Its type is `unknown` only for an untyped literal.
    func expression(_ syntax: ExpressionSyntax) throws(SQLFault) -> Expression {
        let position = syntax.position
        switch syntax.node {
        case .column(let path): return try column(path, at: position)
        case .star:
            throw SQLFault(.syntaxError, "* is not an expression", hint: "Name a column.", position: position)
        case .integer, .number, .string, .boolean, .null: return try literal(syntax)
        case .infix(let name, let left, let right): return try infix(name, left, right, at: position)
        case .and(let parts): return try logic(.and, parts, at: position)
        case .or(let parts): return try logic(.or, parts, at: position)
        case .not(let inner):
            return Expression(.call(.not, [try boolean(inner, "NOT")]), .boolean, at: position)
        case .test(let function, let inner): return try test(function, inner, at: position)
        case .isDistinct(let left, let right, let negated):
            return try comparison(
                negated ? .isNotDistinctFrom : .isDistinctFrom, "=", try expression(left),
                try expression(right), at: position)
        case .like(let function, let value, let pattern, let negated):
            return try like(function, value, pattern, negated: negated, at: position)
        case .between: return try between(syntax)
        case .inList(let value, let items, let negated):
            return try inList(value, items, negated: negated, at: position)
        case .caseWhen(let operand, let branches, let otherwise):
            return try caseWhen(operand, branches, otherwise, at: position)
        case .variadic(let function, let arguments): return try variadic(function, arguments, at: position)
        case .cast(let inner, let type):
            return try Coercion.explicit(try expression(inner), to: type.type, at: position)
        case .call(let call): return try self.call(call, at: position)
        case .grouping(let keys): return try grouping(keys, at: position)
        case .now(let now): return moment(now == .date ? .date : .timestamp, at: position)
        case .exists(let query): return try exists(query, at: position)
        case .inQuery(let value, let query, let negated):
            return try inQuery(value, query, negated: negated, at: position)
        case .scalarQuery(let query): return try scalar(query, at: position)
        case .quantified:
            throw .unsupported(
                "ANY or ALL over a sub-query within an expression",
                "Make it a condition of WHERE by itself, or compare with (SELECT max(…) …).", at: position)
        }
    }

    func expressions(_ syntax: [ExpressionSyntax]) throws(SQLFault) -> [Expression] {
        var result: [Expression] = []
        result.reserveCapacity(syntax.count)
        for item in syntax { result.append(try expression(item)) }
        return result
    }

    /// A condition: boolean, or `42804` naming what asked for it.
    func boolean(_ syntax: ExpressionSyntax, _ asker: String) throws(SQLFault) -> Expression {
        let bound = try expression(syntax)
        guard Coercion.isImplicit(from: bound.type, to: .boolean) else {
            throw SQLFault(
                .datatypeMismatch,
                "argument of \(asker) must be type boolean, not type \(bound.type.rawValue)",
                position: bound.position)
        }
        return try Coercion.implicit(bound, to: .boolean)
    }

    /// What now() is folded to, as a date or a timestamp.
    func moment(_ type: ColumnType, at position: Int?) -> Expression {
        guard type == .date else {
            return Expression(.literal(.timestamp(session.now)), .timestamp, at: position)
        }
        let day: Int64 = 86_400_000_000
        let days = session.now / day - (session.now % day < 0 ? 1 : 0)
        return Expression(.literal(.date(Int32(clamping: days))), .date, at: position)
    }

    private func column(_ path: [String], at position: Int?) throws(SQLFault) -> Expression {
        if let found = try scope.resolve(path, at: position) { return found }
        if let found = try outer?.resolve(path, at: position) {
            guard clause.allowsOuter else { throw outsideWhere(position) }
            usedOuter = true
            return found
        }
        if farther.contains(where: { !$0.matches(path).isEmpty }) {
            throw .unsupported(
                "a reference past the query directly around a sub-query",
                "Correlate each sub-query with the one directly around it.", at: position)
        }
        throw scope.unresolved(path, at: position)
    }

    private func literal(_ syntax: ExpressionSyntax) throws(SQLFault) -> Expression {
        let position = syntax.position
        switch syntax.node {
        case .integer(let number):
            let type: ColumnType = Int32(exactly: number) == nil ? .bigint : .integer
            return Expression(.literal(.integer(number)), type, at: position)
        case .number(let text):
            guard let number = Double(text), number.isFinite else {
                throw SQLFault(
                    .numericValueOutOfRange, "value is out of range for type numeric", position: position)
            }
            return Expression(.literal(.double(number)), .numeric, at: position)
        case .string(let text): return Expression(.literal(.text(text)), .unknown, at: position)
        case .boolean(let truth): return Expression(.literal(.boolean(truth)), .boolean, at: position)
        default: return Expression(.literal(.null), .unknown, at: position)
        }
    }

    private func logic(
        _ function: Function, _ parts: [ExpressionSyntax], at position: Int?
    ) throws(SQLFault) -> Expression {
        var arguments: [Expression] = []
        for part in parts {
            let bound = try boolean(part, function.rawValue.uppercased())
            if case .call(function, let inner) = bound.node {
                arguments += inner
            } else {
                arguments.append(bound)
            }
        }
        return Expression(.call(function, arguments), .boolean, at: position)
    }

    private func test(
        _ function: Function, _ syntax: ExpressionSyntax, at position: Int?
    ) throws(SQLFault) -> Expression {
        let names: [Function: String] = [
            .isTrue: "IS TRUE", .isNotTrue: "IS NOT TRUE", .isFalse: "IS FALSE",
            .isNotFalse: "IS NOT FALSE",
        ]
        let bound =
            if let name = names[function] { try boolean(syntax, name) } else { try typed(syntax) }
        return Expression(.call(function, [bound]), .boolean, at: position)
    }

    private func like(
        _ function: Function, _ value: ExpressionSyntax, _ pattern: ExpressionSyntax, negated: Bool,
        at position: Int?
    ) throws(SQLFault) -> Expression {
        let left = try expression(value)
        let right = try expression(pattern)
        guard Coercion.common([left.type, right.type]) == .text else {
            let name = (negated ? "!" : "") + (function == .like ? "~~" : "~~*")
            throw noOperator(name, left, right, at: position)
        }
        let arguments = [
            try Coercion.implicit(left, to: .text), try Coercion.implicit(right, to: .text),
        ]
        let match = Expression(.call(function, arguments), .boolean, at: position)
        return negated ? Expression(.call(.not, [match]), .boolean, at: position) : match
    }

    /// BETWEEN as PostgreSQL rewrites it: two comparisons, four for SYMMETRIC.
    private func between(_ syntax: ExpressionSyntax) throws(SQLFault) -> Expression {
        guard case .between(let value, let low, let high, let symmetric, let negated) = syntax.node else {
            return try expression(syntax)
        }
        let position = syntax.position
        let x = try expression(value)
        let bounds = [try expression(low), try expression(high)]
        try session.chargeCopy(of: x)
        if symmetric { for part in [x, x] + bounds { try session.chargeCopy(of: part) } }
        let atLeast: (Function, String) = negated ? (.less, "<") : (.greaterOrEqual, ">=")
        let atMost: (Function, String) = negated ? (.greater, ">") : (.lessOrEqual, "<=")
        func within(_ low: Expression, _ high: Expression) throws(SQLFault) -> Expression {
            let sides = [
                try comparison(atLeast.0, atLeast.1, x, low, at: position),
                try comparison(atMost.0, atMost.1, x, high, at: position),
            ]
            return Expression(.call(negated ? .or : .and, sides), .boolean, at: position)
        }
        let straight = try within(bounds[0], bounds[1])
        guard symmetric else { return straight }
        let turned = try within(bounds[1], bounds[0])
        return Expression(.call(negated ? .and : .or, [straight, turned]), .boolean, at: position)
    }

    private func inList(
        _ syntax: ExpressionSyntax, _ items: [ExpressionSyntax], negated: Bool, at position: Int?
    ) throws(SQLFault) -> Expression {
        let value = try expression(syntax)
        let bound = try expressions(items)
        // An array without elements: nothing is one of them, not even NULL.
        guard !bound.isEmpty else { return Expression(.literal(.boolean(negated)), .boolean, at: position) }
        guard let type = Coercion.common([value.type] + bound.map(\.type)) else {
            let other = bound.first { Coercion.common([value.type, $0.type]) == nil } ?? bound[0]
            throw noOperator(negated ? "<>" : "=", value, other, at: position)
        }
        var converted: [Expression] = []
        converted.reserveCapacity(bound.count)
        for item in bound { converted.append(try Coercion.implicit(item, to: type)) }
        return Expression(
            .inList(try Coercion.implicit(value, to: type), converted, negated: negated), .boolean,
            at: position)
    }

    private func inQuery(
        _ syntax: ExpressionSyntax, _ query: QuerySyntax, negated: Bool, at position: Int?
    ) throws(SQLFault) -> Expression {
        let value = try expression(syntax)
        guard let name = Self.codelistName(query) else {
            return try isElement(value, query, negated: negated, at: position)
        }
        return try inCodelist(value, name, negated: negated, at: position)
    }
}
