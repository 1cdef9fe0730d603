package import Core

/// What a recurring statement may make of its period: which dated records of people count, and how old people are, and
/// nothing else. Approved is one text; it must not be another question in each period.
///
/// Shown by planning it for two periods: the plans are the same but for literals, and a literal that differs stands beside
/// a date of people's records, in a comparison, a difference or an age.
package enum PeriodRule {
    /// - Parameters:
    ///   - first: the statement's fragments for one period.
    ///   - second: for another.
    /// - Throws: `0A000` at the place of the literal.
    package static func check(_ first: [Fragment], _ second: [Fragment]) throws(SQLFault) {
        guard first.count == second.count else { throw anotherForm }
        for (one, other) in zip(first, second) {
            let (one, other) = (Plan.aggregate(one.aggregate), Plan.aggregate(other.aggregate))
            guard one.withoutLiterals == other.withoutLiterals else { throw anotherForm }
            var reader = PeriodReader()
            try reader.read(one, other)
        }
    }

    private static let anotherForm = SQLFault(
        .featureNotSupported, "a recurring statement is the same question in each period",
        hint:
            "let the period decide which records count by their dates alone, e.g. WHERE onset_date <= :as_at")
}

private struct PeriodReader {
    /// Columns that are dates of people's records, as they are or cut to a month or a year.
    private var dated: Set<ColumnID> = []

    mutating func read(_ one: Plan, _ other: Plan) throws(SQLFault) {
        for (input, second) in zip(one.inputs, other.inputs) { try read(input, second) }
        note(one)
        for (expression, second) in zip(one.expressions, other.expressions) {
            try compare(expression, second, besideDate: false)
        }
    }

    private mutating func note(_ plan: Plan) {
        switch plan {
        case .scan(let scan):
            guard case .dataset = scan.source else { return }
            for column in scan.columns where column.type == .date || column.type == .timestamp {
                dated.insert(column.id)
            }
        case .project(let project):
            for column in project.columns where isDated(column.expression) { dated.insert(column.id) }
        case .aggregate(let aggregate):
            for key in aggregate.keys where isDated(key.expression) { dated.insert(key.id) }
            for column in aggregate.aggregates where [.min, .max].contains(column.call.function) {
                if let argument = column.call.argument, isDated(argument) { dated.insert(column.id) }
            }
        case .window(let window):
            let picks: Set = ["lag", "lead", "first_value", "last_value", "min", "max"]
            for column in window.columns where picks.contains(column.function) && column.arguments.count == 1
            {
                if isDated(column.arguments[0]) { dated.insert(column.id) }
            }
        case .setOperation(let operation):
            for (column, sides) in zip(
                operation.columns, zip(operation.left.columns, operation.right.columns))
            where dated.contains(sides.0.id) && dated.contains(sides.1.id) { dated.insert(column.id) }
        default: break
        }
    }

    /// A date of a record, or what is cut or counted of one: nothing that chooses between literals.
    private func isDated(_ expression: Expression) -> Bool {
        switch expression.node {
        case .column(let id): return dated.contains(id)
        case .cast(let inner): return isDated(inner)
        case .call(let function, let arguments):
            guard [.dateTrunc, .datePart, .extract, .age, .add, .subtract].contains(function) else {
                return false
            }
            return arguments.contains(where: isDated)
                && arguments.allSatisfy { isDated($0) || $0.references.isEmpty }
        default: return false
        }
    }

    /// - Parameter besideDate: whether what stands opposite is a date of a record.
    private func compare(_ one: Expression, _ other: Expression, besideDate: Bool) throws(SQLFault) {
        if one == other { return }
        if case .literal = one.node {
            guard besideDate else { throw notBesideDate(one) }
            return
        }
        for (place, pair) in zip(one.children, other.children).enumerated() {
            try compare(pair.0, pair.1, besideDate: isBesideDate(place, of: one, besideDate))
        }
    }

    private func isBesideDate(_ place: Int, of expression: Expression, _ above: Bool) -> Bool {
        switch expression.node {
        case .cast: return above
        case .call(let function, let arguments):
            switch function {
            case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .age, .subtract, .add:
                let others = arguments.enumerated().filter { $0.offset != place }.map(\.element)
                return above || others.contains(where: isDated)
            case .dateTrunc, .datePart, .extract: return above
            default: return false
            }
        default: return false
        }
    }

    private func notBesideDate(_ literal: Expression) -> SQLFault {
        SQLFault(
            .featureNotSupported, "the period stands beside no date of people's records",
            hint: "compare it with a date column, e.g. onset_date <= :as_at, or take an age at it",
            position: literal.position)
    }
}

extension Plan {
    /// The same plan with NULL for every literal.
    fileprivate var withoutLiterals: Plan {
        let lower = mapInputs { $0.withoutLiterals }
        switch lower {
        case .scan, .fragment, .statistic, .distinct, .limit, .setOperation: return lower
        case .filter(let node): return .filter(Filter(input: node.input, predicate: node.predicate.bare))
        case .join(let node):
            return .join(
                Join(kind: node.kind, left: node.left, right: node.right, condition: node.condition.bare))
        case .project(let node):
            return .project(Project(input: node.input, columns: node.columns.map(\.bare)))
        case .aggregate(let node):
            return .aggregate(
                Aggregate(
                    input: node.input, keys: node.keys.map(\.bare),
                    aggregates: node.aggregates.map { column in
                        AggregateColumn(
                            id: column.id, name: column.name,
                            call: column.call.over(
                                argument: column.call.argument?.bare, filter: column.call.filter?.bare))
                    }))
        case .window(let node):
            return .window(
                Window(
                    input: node.input,
                    columns: node.columns.map { column in
                        Window.Column(
                            id: column.id, name: column.name, function: column.function,
                            arguments: column.arguments.map(\.bare), partition: column.partition.map(\.bare),
                            order: column.order.map(\.bare), frame: column.frame, type: column.type)
                    }))
        case .sort(let node): return .sort(Sort(input: node.input, keys: node.keys.map(\.bare)))
        case .values(let node):
            return .values(Values(rows: node.rows.map { $0.map(\.bare) }, columns: node.columns))
        }
    }
}

extension ComputedColumn {
    fileprivate var bare: ComputedColumn { ComputedColumn(id: id, name: name, expression: expression.bare) }
}

extension SortKey {
    fileprivate var bare: SortKey {
        SortKey(expression: expression.bare, ascending: ascending, nullsFirst: nullsFirst)
    }
}

extension Expression {
    /// With NULL for every literal.
    fileprivate var bare: Expression {
        switch node {
        case .literal: return Expression(.literal(.null), type)
        case .column: return self
        case .cast(let inner): return Expression(.cast(inner.bare), type)
        case .call(let function, let arguments):
            return Expression(.call(function, arguments.map(\.bare)), type)
        case .caseWhen(let branches, let otherwise):
            return Expression(
                .caseWhen(
                    branches.map { CaseBranch(condition: $0.condition.bare, value: $0.value.bare) },
                    otherwise: otherwise?.bare), type)
        case .inList(let subject, let items, let negated):
            return Expression(.inList(subject.bare, items.map(\.bare), negated: negated), type)
        case .inCodelist(let subject, let codelist, let negated):
            return Expression(.inCodelist(subject.bare, codelist: codelist, negated: negated), type)
        }
    }
}
