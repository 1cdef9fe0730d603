import Core

/// What an aggregate adds up: `n` counts rows under conditions, the sum is `scale · Σ base + shift · n` over rows under
/// further conditions.
struct MeasureForm {
    enum Base: Hashable {
        case rows
        case people
        /// The text of what is summed.
        case value(String)
        /// Of two of them.
        case product(String, String)
    }

    struct Part {
        var base: Base
        var conditions: [Expression]
        var scale = 1.0
        var shift = 0.0
    }

    var rows: Part
    var sum: Part?

    /// - Parameters:
    ///   - conditions: of the fragment's rows.
    ///   - isSingle: whether each person has one row.
    init(
        _ call: AggregateCall, _ shape: AggregateShape, _ conditions: [Expression], texts: PlanText,
        nullable: Set<ColumnID>, isSingle: Bool
    ) {
        let own = conditions + (call.filter?.conjuncts ?? [])
        rows = Part(base: .rows, conditions: own)
        guard let argument = call.argument else { return }
        let isNever = argument.plainColumn.map { !nullable.contains($0) } ?? false
        switch shape.kind {
        case .distinctPeople:
            rows.base = isSingle ? .rows : .people
            if !isNever { rows.conditions.append(.isNotNull(argument)) }
        case .count: rows.conditions.append(.isNotNull(argument))
        case .sum, .average:
            sum = Part(base: .rows, conditions: own)
            take(argument, isPositive: (shape.lower ?? -1) >= 0, texts)
        }
    }

    private mutating func take(_ argument: Expression, isPositive: Bool, _ texts: PlanText) {
        let argument = argument.withoutSafeCasts
        if let number = argument.constantNumber, number != 0 {
            sum?.scale *= number
            return
        }
        switch argument.node {
        case .call(let function, let sides) where linear(function, sides, argument.type):
            let isSecond = sides.count == 2 && sides[1].constantNumber != nil
            take(isSecond ? sides[0] : sides[sides.count - 1], isPositive: isPositive, texts)
        case .caseWhen(let branches, let otherwise) where branches.count == 1:
            takeCase(branches[0], otherwise, argument, isPositive: isPositive, texts)
        case .cast(let inner) where inner.type == .boolean:
            sum?.conditions += inner.conjuncts
            rows.conditions.append(.isNotNull(inner))
        default: takeWhole(argument, texts)
        }
    }

    /// Takes scale and shift out of an expression that has one side that is constant.
    private mutating func linear(_ function: Function, _ sides: [Expression], _ type: ColumnType) -> Bool {
        if function == .negate {
            sum?.scale *= -1
            return true
        }
        guard sides.count == 2, let scale = sum?.scale else { return false }
        let (first, second) = (sides[0].constantNumber, sides[1].constantNumber)
        switch (function, first, second) {
        case (.multiply, let number?, nil), (.multiply, nil, let number?):
            guard number != 0 else { return false }
            sum?.scale *= number
        case (.divide, nil, let number?):
            guard number != 0, !type.isInteger else { return false }
            sum?.scale /= number
        case (.add, let number?, nil), (.add, nil, let number?): sum?.shift += scale * number
        case (.subtract, nil, let number?): sum?.shift -= scale * number
        case (.subtract, let number?, nil):
            sum?.shift += scale * number
            sum?.scale = -scale
        default: return false
        }
        return true
    }

    /// `CASE WHEN condition THEN value [ELSE 0] END`.
    private mutating func takeCase(
        _ branch: CaseBranch, _ otherwise: Expression?, _ whole: Expression, isPositive: Bool,
        _ texts: PlanText
    ) {
        let isNull = otherwise == nil || otherwise?.literal == .null
        let value = branch.value.withoutSafeCasts
        guard isNull || otherwise?.constantNumber == 0 else { return takeWhole(whole, texts) }
        if let number = value.constantNumber, number != 0 {
            sum?.scale *= number
        } else if isNull || isPositive, sum?.shift == 0 {
            sum?.base = .value(texts.text(of: value))
            if isNull { rows.conditions.append(.isNotNull(value)) }
        } else {
            return takeWhole(whole, texts)
        }
        sum?.conditions += branch.condition.conjuncts
        if isNull { rows.conditions += branch.condition.conjuncts }
    }

    private mutating func takeWhole(_ argument: Expression, _ texts: PlanText) {
        sum?.base = .value(texts.text(of: argument))
        if case .call(.multiply, let sides) = argument.node, sides.count == 2 {
            let factors = sides.map { texts.text(of: $0.withoutSafeCasts) }.sorted()
            sum?.base = .product(factors[0], factors[1])
        }
        rows.conditions.append(.isNotNull(argument))
    }
}

extension Expression {
    static func isNotNull(_ expression: Expression) -> Expression {
        Expression(.call(.isNotNull, [expression.withoutSafeCasts]), .boolean)
    }
}
