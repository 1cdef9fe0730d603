internal import Core

/// PostgreSQL's conversions between the types there are.
enum Coercion {
    /// Narrowest first: each converts implicitly to those after it.
    private static let ladders: [[ColumnType]] = [
        [.integer, .bigint, .numeric, .double], [.date, .timestamp],
    ]

    static func isImplicit(from: ColumnType, to: ColumnType) -> Bool {
        if from == to || from == .unknown { return true }
        return ladders.contains { ladder in
            guard let a = ladder.firstIndex(of: from), let b = ladder.firstIndex(of: to) else { return false }
            return a <= b
        }
    }

    private static func isExplicit(from: ColumnType, to: ColumnType) -> Bool {
        if isImplicit(from: from, to: to) || from == .text || to == .text { return true }
        if from.isNumeric && to.isNumeric { return true }
        switch (from, to) {
        case (.boolean, .integer), (.integer, .boolean), (.timestamp, .date): return true
        default: return false
        }
    }

    /// The type that all can become; text if all are unknown, nil if there is none.
    static func common(_ types: [ColumnType]) -> ColumnType? {
        var result = ColumnType.unknown
        for type in types where type != .unknown {
            if isImplicit(from: result, to: type) {
                result = type
            } else if !isImplicit(from: type, to: result) {
                return nil
            }
        }
        return result == .unknown ? .text : result
    }

    /// The expression as `type`, where PostgreSQL converts by itself: literals are read as the type.
    ///
    /// - Precondition: `isImplicit(from: expression.type, to: type)`.
    static func implicit(_ expression: Expression, to type: ColumnType) throws(SQLFault) -> Expression {
        guard expression.type != type else { return expression }
        return try converted(expression, to: type)
    }

    /// `CAST(expression AS type)`.
    static func explicit(
        _ expression: Expression, to type: ColumnType, at position: Int?
    ) throws(SQLFault) -> Expression {
        guard expression.type != type else { return expression }
        guard isExplicit(from: expression.type, to: type) else {
            throw SQLFault(
                SQLState(rawValue: "42846"),
                "cannot cast type \(expression.type.rawValue) to \(type.rawValue)", position: position)
        }
        return try converted(expression, to: type)
    }

    private static func converted(_ expression: Expression, to type: ColumnType) throws(SQLFault)
        -> Expression
    {
        if case .literal(let value) = expression.node {
            do {
                if let folded = try fold(value, to: type) {
                    return Expression(.literal(folded), type, at: expression.position)
                }
            } catch {
                throw error.at(expression.position)
            }
        }
        return Expression(.cast(expression), type, at: expression.position)
    }

    /// The value of a literal as another type; nil where only an engine can say.
    private static func fold(_ value: Value, to type: ColumnType) throws(SQLFault) -> Value? {
        switch (value, type) {
        case (.null, _): return .null
        case (.text(let text), _): return try LiteralText.value(text, as: type)
        case (.integer(let number), .integer), (.integer(let number), .bigint):
            guard type == .bigint || Int32(exactly: number) != nil else { throw outOfRange(type) }
            return value
        case (.integer(let number), .numeric), (.integer(let number), .double): return .double(Double(number))
        case (.double, .numeric), (.double, .double): return value
        case (.date(let days), .timestamp): return .timestamp(Int64(days) * 86_400_000_000)
        case (.timestamp(let time), .date):
            let day: Int64 = 86_400_000_000
            return .date(Int32(time / day - (time % day < 0 ? 1 : 0)))
        default: return nil
        }
    }

    private static func outOfRange(_ type: ColumnType) -> SQLFault {
        SQLFault(.numericValueOutOfRange, "\(type.rawValue) out of range")
    }
}

extension Expression {
    /// Its direct parts.
    var parts: [Expression] {
        switch node {
        case .column, .literal: []
        case .call(_, let arguments): arguments
        case .caseWhen(let branches, let otherwise):
            branches.flatMap { [$0.condition, $0.value] } + (otherwise.map { [$0] } ?? [])
        case .cast(let inner): [inner]
        case .inList(let value, let items, _): [value] + items
        case .inCodelist(let value, _, _): [value]
        }
    }

    /// How many nodes it has.
    var weight: Int { parts.reduce(1) { $0 + $1.weight } }

    /// The columns it reads.
    var columnIDs: Set<ColumnID> {
        var result: Set<ColumnID> = []
        collectColumns(into: &result)
        return result
    }

    func collectColumns(into result: inout Set<ColumnID>) {
        if case .column(let id) = node { result.insert(id) }
        for part in parts { part.collectColumns(into: &result) }
    }

    /// The same node over other parts, from the outside in: where `replace` gives nil, the parts are visited.
    func replacing(_ replace: (Expression) throws(SQLFault) -> Expression?) throws(SQLFault) -> Expression {
        if let replacement = try replace(self) { return replacement }
        let replaced: Node
        switch node {
        case .column, .literal: return self
        case .call(let function, let arguments):
            replaced = .call(function, try Self.replaced(arguments, replace))
        case .caseWhen(let branches, let otherwise):
            var newBranches: [CaseBranch] = []
            for branch in branches {
                newBranches.append(
                    CaseBranch(
                        condition: try branch.condition.replacing(replace),
                        value: try branch.value.replacing(replace)))
            }
            replaced = .caseWhen(newBranches, otherwise: try otherwise?.replacing(replace))
        case .cast(let inner): replaced = .cast(try inner.replacing(replace))
        case .inList(let value, let items, let negated):
            replaced = .inList(
                try value.replacing(replace), try Self.replaced(items, replace), negated: negated)
        case .inCodelist(let value, let codelist, let negated):
            replaced = .inCodelist(try value.replacing(replace), codelist: codelist, negated: negated)
        }
        return Expression(replaced, type, at: position)
    }

    private static func replaced(
        _ expressions: [Expression], _ replace: (Expression) throws(SQLFault) -> Expression?
    ) throws(SQLFault) -> [Expression] {
        var result: [Expression] = []
        result.reserveCapacity(expressions.count)
        for expression in expressions { result.append(try expression.replacing(replace)) }
        return result
    }

    static func boolean(_ value: Bool) -> Expression { Expression(.literal(.boolean(value)), .boolean) }

    static func column(_ column: PlanColumn) -> Expression { Expression(.column(column.id), column.type) }

    /// AND of all, in one list; `true` of none.
    static func all(_ conjuncts: [Expression]) -> Expression {
        let flat = conjuncts.flatMap { conjunct in
            if case .call(.and, let parts) = conjunct.node { parts } else { [conjunct] }
        }
        switch flat.count {
        case 0: return .boolean(true)
        case 1: return flat[0]
        default: return Expression(.call(.and, flat), .boolean, at: flat[0].position)
        }
    }
}
