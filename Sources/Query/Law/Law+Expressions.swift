import Catalog
import Core

/// Rule 2 and rule 4: how values of restricted lineage may be used in expressions.
struct ExpressionLaw {
    /// Days since 1970-01-01 at the requester or the site; the other side may be a day off.
    let today: Int
    var lineages: [ColumnID: Lineage] = [:]

    /// A predicate: equijoins of identifiers and areas are legal as terms of its conjunction, nowhere else.
    func checkPredicate(_ predicate: Expression) throws(SQLFault) {
        for term in predicate.conjuncts where !(try isEquijoin(term)) { try checkCondition(term) }
    }

    private func isEquijoin(_ term: Expression) throws(SQLFault) -> Bool {
        guard case .call(.equal, let sides) = term.node, sides.count == 2,
            let first = sides[0].plainColumn.flatMap({ lineages[$0] }),
            let second = sides[1].plainColumn.flatMap({ lineages[$0] })
        else { return false }
        switch (first.kind, second.kind) {
        case (.person, .person), (.identifier, .identifier), (.area, .area): return true
        default: return false
        }
    }

    /// A condition outside a conjunction of joins: CASE, FILTER, below OR and NOT.
    func checkCondition(_ condition: Expression) throws(SQLFault) {
        let lineage = try lineage(of: condition)
        if lineage.isRestricted { throw .restricted(lineage, at: condition.position) }
    }

    /// Where the expression's values come from; throws if it uses a restricted one in a way that is not public.
    func lineage(of expression: Expression) throws(SQLFault) -> Lineage {
        switch expression.node {
        case .column(let id):
            guard let lineage = lineages[id] else {
                throw SQLFault(.internalError, "a column without lineage", position: expression.position)
            }
            return lineage
        case .literal:
            try checkSize(of: expression)
            return .free
        case .cast(let inner): return try cast(inner, to: expression)
        case .caseWhen(let branches, let otherwise):
            var values = otherwise.map { [$0] } ?? []
            for branch in branches {
                try checkCondition(branch.condition)
                values.append(branch.value)
            }
            return try joined(values)
        case .inList(let subject, let items, _):
            for part in [subject] + items { _ = try unrestricted(part, within: expression) }
            return .free
        case .inCodelist(let subject, _, _):
            let lineage = try lineage(of: subject)
            guard !lineage.isRestricted || lineage.kind == .area else {
                throw .restricted(lineage, at: expression.position ?? subject.position)
            }
            return .free
        case .call(let function, let arguments): return try call(function, arguments, expression)
        }
    }

    private func joined(_ values: [Expression]) throws(SQLFault) -> Lineage {
        var result: Lineage?
        for value in values {
            let next = try lineage(of: value)
            // NULL says nothing; any other literal makes a date that is no longer the person's own.
            if value.literal == .null { continue }
            result = result?.joined(with: next) ?? next
        }
        return result ?? .free
    }

    private func unrestricted(_ part: Expression, within whole: Expression) throws(SQLFault) -> Lineage {
        let lineage = try lineage(of: part)
        if lineage.isRestricted { throw .restricted(lineage, at: part.position ?? whole.position) }
        return lineage
    }

    private func cast(_ inner: Expression, to expression: Expression) throws(SQLFault) -> Lineage {
        var lineage = try lineage(of: inner)
        let isDateLike = expression.type == .date || expression.type == .timestamp
        switch lineage.kind {
        case .free, .event:
            if !isDateLike { lineage.kind = .free }
            lineage.isExact = lineage.isExact && !expression.type.isInteger && expression.type != .date
            return lineage
        case .date where isDateLike: return lineage
        case .area where expression.type == .text: return lineage
        default: throw .restricted(lineage, at: expression.position ?? inner.position)
        }
    }

    private func call(
        _ function: Function, _ arguments: [Expression], _ expression: Expression
    ) throws(SQLFault) -> Lineage {
        switch function {
        case .isNull, .isNotNull:
            for argument in arguments {
                let lineage = try lineage(of: argument)
                if lineage.kind == .person || lineage.kind == .identifier {
                    throw .identifier(lineage, at: argument.position ?? expression.position)
                }
            }
            return .free
        case .coalesce: return try joined(arguments)
        case .datePart, .extract: return try part(arguments, expression)
        case .dateTrunc: return try truncated(arguments, expression)
        case .age: return try age(arguments, expression)
        default: break
        }
        try checkTotal(function, arguments, expression)
        try checkBounded(function, arguments, expression)
        var result = Lineage.free
        for argument in arguments {
            let lineage = try unrestricted(argument, within: expression)
            result.isFreeText = result.isFreeText || (lineage.isFreeText && expression.type == .text)
            result.isExact = result.isExact || lineage.isExact
        }
        result.isExact = result.isExact && !Self.isCoarse(function, arguments, expression.type)
        return result
    }

    private static func isCoarse(_ function: Function, _ arguments: [Expression], _ type: ColumnType) -> Bool
    {
        switch function {
        case .floor, .ceil, .sign, .widthBucket: return true
        case .round, .trunc:
            guard arguments.count > 1 else { return true }
            if case .literal(.integer(let digits)) = arguments[1].withoutCasts.node { return digits <= 1 }
            return false
        default: return type == .boolean || type.isInteger || type == .date
        }
    }

    /// Below the cut a function must answer for every value: an error that depends on data tells of it.
    private func checkTotal(
        _ function: Function, _ arguments: [Expression], _ expression: Expression
    ) throws(SQLFault) {
        let fixed: ArraySlice<Expression>
        switch function {
        case .like, .ilike, .substring, .left, .right, .widthBucket, .startsWith, .strpos, .replace:
            fixed = arguments.dropFirst()
        case .makeDate: fixed = arguments[...]
        default: return
        }
        for argument in fixed where !argument.references.isEmpty {
            throw SQLFault(
                .featureNotSupported, "\(function.rawValue) takes only constants here besides its subject",
                hint: "Write the pattern, length or bound as a literal.",
                position: argument.position ?? expression.position)
        }
        guard function == .substring, fixed.count == 2, let length = fixed.last?.literal?.number, length < 0
        else { return }
        throw SQLFault(
            .featureNotSupported, "substring takes no negative length", position: expression.position)
    }
}

extension Expression {
    /// Without the casts around it.
    var withoutCasts: Expression {
        if case .cast(let inner) = node { inner.withoutCasts } else { self }
    }

    /// The constant, under casts too.
    var literal: Value? {
        if case .literal(let value) = withoutCasts.node { value } else { nil }
    }

    /// A text constant in lower case, such as the field of date_part.
    var field: String? {
        if case .text(let text)? = literal { text.lowercased() } else { nil }
    }
}
