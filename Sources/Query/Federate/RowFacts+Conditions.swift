import Core

extension RowFacts {
    /// Whether the value of an aggregate's argument divides people into those it counts and the others.
    ///
    /// What is computed linearly of plain columns does not; that once, between two constants, is a bound for a
    /// sum. Everything else may be an indicator in disguise (`ceil(age / 120)`), and has a complement.
    func isConditional(_ expression: Expression) -> Bool {
        guard let bounded = expression.bounded else { return dividesPeople(expression) }
        return dividesPeople(bounded)
    }

    /// The same, where a bound divides too: two of them under one sum are an indicator.
    func dividesPeople(_ expression: Expression) -> Bool {
        if expression.type == .boolean { return true }
        if expression.references.isEmpty { return false }
        switch expression.node {
        case .column(let id): return conditional.contains(id) || nullable.contains(id)
        case .literal: return false
        case .caseWhen, .inList, .inCodelist: return true
        case .cast(let inner): return !Self.isExact(inner.type, expression.type) || dividesPeople(inner)
        case .call(let function, let arguments): return dividesPeople(function, arguments, expression.type)
        }
    }

    private func dividesPeople(_ function: Function, _ arguments: [Expression], _ type: ColumnType) -> Bool {
        switch function {
        case .add, .subtract, .negate: return arguments.contains(where: dividesPeople)
        case .multiply:
            let isSquare = arguments[0].withoutCasts.plainColumn != nil && arguments[0] == arguments[1]
            let isScaled = arguments.contains { $0.references.isEmpty }
            return !(isSquare || isScaled) || arguments.contains(where: dividesPeople)
        case .divide:
            return type.isInteger || !arguments[1].references.isEmpty || dividesPeople(arguments[0])
        case .datePart, .extract:
            guard arguments.count == 2, let field = arguments[0].field, Self.fields.contains(field) else {
                return true
            }
            let source = arguments[1].withoutCasts
            guard case .call(.age, let dates) = source.node else {
                return source.plainColumn == nil || dividesPeople(source)
            }
            return dates.contains {
                let date = $0.withoutCasts
                return !date.references.isEmpty && (date.plainColumn == nil || dividesPeople(date))
            }
        default: return true
        }
    }

    /// Fields with many values: a century is one of two.
    private static let fields: Set<String> = [
        "year", "years", "month", "months", "day", "days", "dow", "isodow", "doy", "week", "hour", "hours",
        "minute", "minutes", "second", "seconds", "epoch",
    ]

    /// Casts that do not round.
    private static func isExact(_ source: ColumnType, _ target: ColumnType) -> Bool {
        switch target {
        case .double, .numeric: source.isNumeric
        case .bigint: source.isInteger
        case .timestamp: source == .date
        default: source == target
        }
    }
}

extension Expression {
    /// What is bounded, if the expression is `least(greatest(x, low), high)`, the same the other way about, or
    /// `abs(x)`; nil also where the bounds are so close together that they tell two kinds of people apart.
    fileprivate var bounded: Expression? {
        switch withoutNumericCasts.node {
        case .call(.abs, let arguments): return arguments.first
        case .call(.least, let outer):
            guard let (high, inner) = Self.constant(outer),
                case .call(.greatest, let arguments) = inner.withoutNumericCasts.node,
                let (low, value) = Self.constant(arguments)
            else { return nil }
            return Self.isWide(low, high) ? value : nil
        case .call(.greatest, let outer):
            guard let (low, inner) = Self.constant(outer),
                case .call(.least, let arguments) = inner.withoutNumericCasts.node,
                let (high, value) = Self.constant(arguments)
            else { return nil }
            return Self.isWide(low, high) ? value : nil
        default: return nil
        }
    }

    private var withoutNumericCasts: Expression {
        guard case .cast(let inner) = node, type == .double || type == .numeric, inner.type.isNumeric else {
            return self
        }
        return inner.withoutNumericCasts
    }

    private static func isWide(_ low: Double, _ high: Double) -> Bool {
        high - low >= 10 && high - low >= max(abs(low), abs(high)) / 2
    }

    /// The constant of two arguments, and the other one.
    private static func constant(_ arguments: [Expression]) -> (Double, Expression)? {
        guard arguments.count == 2 else { return nil }
        if let number = arguments[1].constantNumber { return (number, arguments[0]) }
        return arguments[0].constantNumber.map { ($0, arguments[1]) }
    }

    /// A number as it is written, with its sign.
    var constantNumber: Double? {
        switch withoutCasts.node {
        case .literal(let value): value.number
        case .call(.negate, let arguments): arguments.first?.constantNumber.map { -$0 }
        default: nil
        }
    }
}
