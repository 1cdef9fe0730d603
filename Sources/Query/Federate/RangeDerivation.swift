import Catalog
import Core

/// The range of an expression over one row, by interval arithmetic over the plan and the catalog's bounds.
///
/// A site clamps every person's contribution to it, and rounds a sum to a share of its width (planner.md,
/// "Rounding that keeps arithmetic honest"): so it must be derived, never asked for.
struct RangeDerivation {
    let facts: RowFacts
    let catalog: Catalog

    /// - Parameter given: conditions that hold besides those of the plan: FILTER, the branch of a CASE.
    func range(of expression: Expression, given: [Expression] = []) -> ValueRange {
        if expression.type == .boolean { return .indicator }
        switch expression.node {
        case .column(let id): return range(of: id, given)
        case .literal(let value): return value.number.map { ValueRange($0) } ?? .unbounded
        case .cast(let inner):
            let range = range(of: inner, given: given)
            return expression.type.isInteger ? range.mapped { $0.rounded() } : range
        case .caseWhen(let branches, let otherwise):
            let values =
                branches.map { range(of: $0.value, given: given + $0.condition.conjuncts, isNull: $0.value) }
                + (otherwise.map { [range(of: $0, given: given, isNull: $0)] } ?? [])
            return Self.hull(values)
        case .call(let function, let arguments): return call(function, arguments, expression, given)
        case .inList, .inCodelist: return .indicator
        }
    }

    /// nil for NULL, which contributes nothing.
    private func range(of value: Expression, given: [Expression], isNull: Expression) -> ValueRange? {
        isNull.literal == .null ? nil : range(of: value, given: given)
    }

    private static func hull(_ ranges: [ValueRange?]) -> ValueRange {
        let known = ranges.compactMap(\.self)
        guard let first = known.first else { return ValueRange(0) }
        return known.dropFirst().reduce(first) { $0.hull($1) }
    }

    private func call(
        _ function: Function, _ arguments: [Expression], _ expression: Expression, _ given: [Expression]
    ) -> ValueRange {
        let ranges = arguments.map { range(of: $0, given: given) }
        guard let first = ranges.first else { return .unbounded }
        let second = ranges.count > 1 ? ranges[1] : .unbounded
        switch function {
        case .datePart, .extract: return part(arguments, given)
        case .coalesce:
            return Self.hull(zip(arguments, ranges).map { $0.literal == .null ? nil : $1 })
        case .greatest: return Self.bound(ranges, by: .max)
        case .least: return Self.bound(ranges, by: .min)
        case .nullif: return first
        case .abs: return first.magnitude
        case .sign: return ValueRange(-1, 1)
        case .floor: return first.mapped { $0.rounded(.down) }
        case .ceil: return first.mapped { $0.rounded(.up) }
        case .trunc: return ValueRange(first.lower.rounded(.down), first.upper.rounded(.up))
        case .round: return ValueRange(first.lower.rounded(.down), first.upper.rounded(.up))
        case .sqrt: return first.lower >= 0 ? first.mapped { $0.squareRoot() } : .unbounded
        case .widthBucket:
            guard let buckets = arguments.last?.literal?.number else { return .unbounded }
            return ValueRange(0, buckets + 1)
        case .modulo:
            let width = Swift.max(abs(second.lower), abs(second.upper))
            return ValueRange(first.lower >= 0 ? 0 : -width, first.upper <= 0 ? 0 : width)
        case .add, .subtract, .multiply, .divide, .negate:
            return arithmetic(function, first, second, arguments, expression)
        default: return .unbounded
        }
    }

    private func arithmetic(
        _ function: Function, _ first: ValueRange, _ second: ValueRange, _ arguments: [Expression],
        _ expression: Expression
    ) -> ValueRange {
        switch function {
        case .add: return first + second
        case .subtract: return first + -second
        case .multiply:
            let range = first * second
            // A square is never negative.
            return arguments[0] == arguments[1] ? range.intersection(ValueRange(0, .infinity)) : range
        case .divide:
            let range = first / second
            return expression.type.isInteger
                ? ValueRange(range.lower.rounded(.towardZero), range.upper.rounded(.towardZero)) : range
        default: return -first
        }
    }

    private enum End { case max, min }

    /// `greatest` is at least its largest lower end, if nothing is NULL: NULLs are left out, so that any one
    /// argument may be all there is. A literal is never NULL and bounds the answer from its side.
    private static func bound(_ ranges: [ValueRange], by end: End) -> ValueRange {
        let all = hull(ranges.map { $0 })
        let constants = ranges.filter { $0.lower == $0.upper && $0.isBounded }.map(\.lower)
        switch end {
        case .max:
            let lower = constants.max().map { Swift.max($0, all.lower) } ?? all.lower
            return ValueRange(lower, Swift.max(all.upper, lower))
        case .min:
            let upper = constants.min().map { Swift.min($0, all.upper) } ?? all.upper
            return ValueRange(Swift.min(all.lower, upper), upper)
        }
    }

    private static let parts: [String: ValueRange] = [
        "month": ValueRange(1, 12), "months": ValueRange(1, 12), "quarter": ValueRange(1, 4),
        "day": ValueRange(1, 31), "days": ValueRange(1, 31), "dow": ValueRange(0, 6),
        "isodow": ValueRange(1, 7), "doy": ValueRange(1, 366), "week": ValueRange(1, 53),
        "hour": ValueRange(0, 23), "hours": ValueRange(0, 23), "minute": ValueRange(0, 59),
        "minutes": ValueRange(0, 59), "second": ValueRange(0, 60), "seconds": ValueRange(0, 60),
        "year": ValueRange(1870, 2100), "years": ValueRange(1870, 2100),
    ]

    /// Fields of dates, and whole years of age: people are 0 to 120 years old.
    private func part(_ arguments: [Expression], _ given: [Expression]) -> ValueRange {
        guard arguments.count == 2, let field = arguments[0].field else { return .unbounded }
        let source = arguments[1]
        guard source.type == .interval else { return Self.parts[field] ?? .unbounded }
        guard case .call(.age, let dates) = source.withoutCasts.node, dates.count == 2 else {
            return .unbounded
        }
        let isOfBirth = dates[1].withoutCasts.plainColumn.map(facts.births.contains) ?? false
        switch field {
        case "year", "years": return isOfBirth ? ValueRange(0, 120) : ValueRange(-120, 120)
        case "month", "months": return ValueRange(isOfBirth ? 0 : -11, 11)
        default: return .unbounded
        }
    }
}

extension RangeDerivation {
    private func range(of column: ColumnID, _ given: [Expression]) -> ValueRange {
        let conditions = facts.conditions + given
        var range = facts.ranges[column] ?? .unbounded
        if let measurement = facts.measurements[column], let bound = bound(measurement, conditions) {
            range = range.intersection(bound)
        }
        for condition in conditions { range = range.intersection(comparison(condition, with: column)) }
        return range
    }

    /// `column < literal` and its like.
    private func comparison(_ condition: Expression, with column: ColumnID) -> ValueRange {
        guard case .call(let function, let sides) = condition.node, sides.count == 2 else {
            return .unbounded
        }
        if sides[0].plainColumn == column, let value = sides[1].literal?.number {
            switch function {
            case .less, .lessOrEqual: return ValueRange(-.infinity, value)
            case .greater, .greaterOrEqual: return ValueRange(value, .infinity)
            case .equal: return ValueRange(value)
            default: return .unbounded
            }
        }
        guard sides[1].plainColumn == column, let value = sides[0].literal?.number else { return .unbounded }
        switch function {
        case .less, .lessOrEqual: return ValueRange(value, .infinity)
        case .greater, .greaterOrEqual: return ValueRange(-.infinity, value)
        case .equal: return ValueRange(value)
        default: return .unbounded
        }
    }

    /// The hull of the catalog's bounds for the codes (and units) that the conditions pin; nil if they pin
    /// none, or one without bounds.
    private func bound(_ measurement: RowFacts.Measurement, _ conditions: [Expression]) -> ValueRange? {
        guard let code = measurement.code, let codes = pinned(code, conditions) else { return nil }
        let units = measurement.unit.flatMap { pinned($0, conditions) }
        var ranges: [ValueRange] = []
        for code in codes {
            let bounds = catalog.bounds.filter { $0.code == code && (units?.contains($0.unit) ?? true) }
            guard !bounds.isEmpty else { return nil }
            ranges += bounds.map { ValueRange($0.lower, $0.upper) }
        }
        return ranges.isEmpty ? nil : Self.hull(ranges)
    }

    /// The texts that a column can have: the smallest set that a condition names.
    private func pinned(_ column: ColumnID, _ conditions: [Expression]) -> Set<String>? {
        conditions.compactMap { texts($0, column) }.min { $0.count < $1.count }
    }

    private func texts(_ condition: Expression, _ column: ColumnID) -> Set<String>? {
        switch condition.node {
        case .call(.equal, let sides) where sides.count == 2:
            let other = sides[0].plainColumn == column ? sides[1] : sides[0]
            guard sides.contains(where: { $0.plainColumn == column }), let text = other.text else {
                return nil
            }
            return [text]
        case .inList(let subject, let items, negated: false) where subject.plainColumn == column:
            let texts = items.compactMap(\.text)
            return texts.count == items.count ? Set(texts) : nil
        case .call(.or, let terms):
            let sets = terms.map { texts($0, column) }
            return sets.contains(nil) ? nil : sets.compactMap(\.self).reduce(into: []) { $0.formUnion($1) }
        case .inCodelist(let subject, let codelist, negated: false) where subject.plainColumn == column:
            return codes(of: codelist)
        default: return nil
        }
    }

    /// nil for a set too large to look up bounds of.
    private func codes(of set: CodeSet) -> Set<String>? {
        switch set {
        case .codelist(let name): return catalog.table(.codelist, name).flatMap { codes(of: $0) }
        case .descendants(let set):
            let codes = set.codes
            return codes.count <= 1_000 ? Set(codes.map(String.init)) : nil
        }
    }

    private func codes(of codelist: ReferenceTable) -> Set<String>? {
        guard let column = codelist.rows.column("code") else { return nil }
        return (0..<codelist.rows.rowCount).reduce(into: []) { codes, row in
            if case .text(let code) = column.vector[row] { codes.insert(code) }
        }
    }
}

extension Expression {
    /// A text constant as it is written.
    fileprivate var text: String? {
        if case .text(let text)? = literal { text } else { nil }
    }
}
