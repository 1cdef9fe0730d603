import Core

/// An expression over columns some of which may be withheld: what it is then, and whether it is.
///
/// INVARIANT: wherever the flag is true the value is NULL, and nothing is computed from a withheld number as
/// if it were absent: `coalesce(n, 0)`, `greatest(n, 0)`, `concat(n)` and a CASE whose condition rests on n
/// are NULL and flagged. So it is with a cell that an outer join did not find. `n IS NULL` and `n IS NOT NULL`
/// are the analyst's own question: they are answered, unflagged.
struct WithheldExpression {
    let value: Expression
    /// nil if nothing that it rests on can be withheld.
    let flag: Expression?

    init(_ expression: Expression, _ flagged: Set<ColumnID>) {
        self = Self.rewritten(expression, flagged)
    }

    private init(_ value: Expression, flag: Expression?) {
        self.value = value
        self.flag = flag
    }

    /// The value where it is not withheld, NULL where it is.
    init(blanked value: Expression, flag: Expression?) {
        self.init(flag.map { Self.null($0, else: value) } ?? value, flag: flag)
    }

    /// Conditions are repeated in flags: deeper than this nothing is told apart by the path taken.
    private static let depthLimit = 4

    private static func rewritten(_ expression: Expression, _ flagged: Set<ColumnID>) -> Self {
        guard !expression.references.isDisjoint(with: flagged) else { return Self(expression, flag: nil) }
        if guards(expression) > depthLimit {
            return Self(blanked: expression, flag: anyFlag(expression, flagged))
        }
        switch expression.node {
        case .column, .literal: return Self(expression, flag: anyFlag(expression, flagged))
        case .cast(let inner):
            let inner = rewritten(inner, flagged)
            return Self(Expression(.cast(inner.value), expression.type), flag: inner.flag)
        case .inCodelist(let item, let codelist, let negated):
            let item = rewritten(item, flagged)
            let node = Expression.Node.inCodelist(item.value, codelist: codelist, negated: negated)
            return Self(Expression(node, expression.type), flag: item.flag)
        case .inList(let item, let list, let negated):
            let parts = ([item] + list).map { rewritten($0, flagged) }
            let values = parts.map(\.value)
            let node = Expression.Node.inList(values[0], Array(values.dropFirst()), negated: negated)
            return unknown(Expression(node, expression.type), parts)
        case .caseWhen(let branches, let otherwise):
            return caseWhen(branches, otherwise, expression.type, flagged)
        case .call(let function, let arguments):
            return call(function, arguments.map { rewritten($0, flagged) }, expression.type)
        }
    }

    private static func call(_ function: Function, _ parts: [Self], _ type: ColumnType) -> Self {
        let value = Expression(.call(function, parts.map(\.value)), type)
        switch function {
        case .isNull, .isNotNull: return Self(value, flag: nil)
        case .and, .or: return unknown(value, parts)
        case .coalesce: return coalesce(value, parts)
        case .nullif, .greatest, .least, .concat, .isDistinctFrom, .isNotDistinctFrom, .isTrue, .isNotTrue,
            .isFalse, .isNotFalse:
            return Self(blanked: value, flag: or(parts.compactMap(\.flag)))
        default:
            // NULL of any argument makes all other functions NULL.
            return Self(value, flag: or(parts.compactMap(\.flag)))
        }
    }

    /// Three-valued logic takes NULL as unknown already: what comes out in spite of it is true.
    private static func unknown(_ value: Expression, _ parts: [Self]) -> Self {
        guard let flag = or(parts.compactMap(\.flag)) else { return Self(value, flag: nil) }
        return Self(value, flag: and([isNull(value), flag]))
    }

    /// Withheld if an argument is, and those before it are NULL.
    private static func coalesce(_ value: Expression, _ parts: [Self]) -> Self {
        var flags: [Expression] = []
        var before: [Expression] = []
        for part in parts {
            if let flag = part.flag { flags.append(and(before + [flag])) }
            before.append(isNull(part.value))
        }
        return Self(blanked: value, flag: or(flags))
    }

    /// Withheld if a condition on the path taken is, or the value at its end.
    private static func caseWhen(
        _ branches: [CaseBranch], _ otherwise: Expression?, _ type: ColumnType, _ flagged: Set<ColumnID>
    ) -> Self {
        var values: [CaseBranch] = []
        var flags: [CaseBranch] = []
        for branch in branches {
            let condition = rewritten(branch.condition, flagged)
            let value = rewritten(branch.value, flagged)
            if let flag = condition.flag {
                values.append(CaseBranch(condition: flag, value: Expression(.literal(.null), type)))
                flags.append(CaseBranch(condition: flag, value: boolean(true)))
            }
            values.append(CaseBranch(condition: condition.value, value: value.value))
            flags.append(CaseBranch(condition: condition.value, value: value.flag ?? boolean(false)))
        }
        let last = otherwise.map { rewritten($0, flagged) }
        let value = Expression(.caseWhen(values, otherwise: last?.value), type)
        let flag = Expression(.caseWhen(flags, otherwise: last?.flag ?? boolean(false)), .boolean)
        let isNever = flags.allSatisfy { $0.value == boolean(false) } && last?.flag == nil
        return Self(value, flag: isNever ? nil : flag)
    }

    /// How deep the expressions are nested whose flags repeat their parts.
    private static func guards(_ expression: Expression) -> Int {
        switch expression.node {
        case .column, .literal: return 0
        case .cast(let inner), .inCodelist(let inner, _, _): return guards(inner)
        case .inList(let item, let list, _): return 1 + deepest([item] + list)
        case .caseWhen(let branches, let otherwise):
            return 1
                + deepest(branches.flatMap { [$0.condition, $0.value] } + [otherwise].compactMap(\.self))
        case .call(let function, let arguments):
            let repeats: Set<Function> = [
                .and, .or, .coalesce, .nullif, .greatest, .least, .concat, .isDistinctFrom,
                .isNotDistinctFrom,
                .isTrue, .isNotTrue, .isFalse, .isNotFalse,
            ]
            return (repeats.contains(function) ? 1 : 0) + deepest(arguments)
        }
    }

    private static func deepest(_ parts: [Expression]) -> Int { parts.map(guards).max() ?? 0 }

    /// Any flag of the columns that are read, but for those that are only asked whether they are NULL.
    private static func anyFlag(_ expression: Expression, _ flagged: Set<ColumnID>) -> Expression? {
        let ids = read(expression).intersection(flagged).sorted { $0.number < $1.number }
        return or(ids.map(Self.flag))
    }

    private static func read(_ expression: Expression) -> Set<ColumnID> {
        switch expression.node {
        case .column(let id): [id]
        case .literal, .call(.isNull, _), .call(.isNotNull, _): []
        case .call(_, let arguments): union(arguments)
        case .cast(let inner), .inCodelist(let inner, _, _): read(inner)
        case .inList(let item, let list, _): union([item] + list)
        case .caseWhen(let branches, let otherwise):
            union(branches.flatMap { [$0.condition, $0.value] } + [otherwise].compactMap(\.self))
        }
    }

    private static func union(_ parts: [Expression]) -> Set<ColumnID> {
        parts.reduce(into: []) { $0.formUnion(read($1)) }
    }

    /// An outer join leaves flags NULL where a fragment has no row: the sites released nothing there, which
    /// may well be because they withheld it.
    static func flag(_ id: ColumnID) -> Expression {
        let flag = Expression(.column(EngineName.flag(of: id)), .boolean)
        return Expression(.call(.isNotFalse, [flag]), .boolean)
    }

    static func isTrue(_ flag: Expression) -> Expression { Expression(.call(.isTrue, [flag]), .boolean) }

    static func null(_ flag: Expression, else value: Expression) -> Expression {
        let withheld = CaseBranch(condition: flag, value: Expression(.literal(.null), value.type))
        return Expression(.caseWhen([withheld], otherwise: value), value.type)
    }

    static func or(_ flags: [Expression]) -> Expression? {
        flags.count < 2 ? flags.first : Expression(.call(.or, flags), .boolean)
    }

    static func and(_ parts: [Expression]) -> Expression {
        parts.count == 1 ? parts[0] : Expression(.call(.and, parts), .boolean)
    }

    private static func isNull(_ value: Expression) -> Expression {
        Expression(.call(.isNull, [value]), .boolean)
    }

    static func boolean(_ value: Bool) -> Expression { Expression(.literal(.boolean(value)), .boolean) }
}
