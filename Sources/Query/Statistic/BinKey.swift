import Core

/// What the rows of a fragment are grouped by to be counted in the bins of a grid.
struct BinKey {
    let grid: PublicGrid
    /// The number that is binned.
    let value: Expression

    /// The number of the value's bin, from 0.
    ///
    /// Values outside of the range are in the first or the last bin, as sites clamp what they sum.
    var expression: Expression { grid.isWhole ? wholeKey : bucketKey }

    private var wholeKey: Expression {
        var index = value
        if value.type == .integer {
            index = call(.least, [call(.greatest, [index, whole(grid.lower)]), whole(grid.upper)])
        } else {
            let type = value.type
            index = Expression(.call(.greatest, [index, bound(grid.lower)]), type)
            index = Expression(.call(.least, [index, bound(grid.upper)]), type)
            index = Expression(.cast(index), .integer)
        }
        if grid.lower != 0 { index = call(.subtract, [index, whole(grid.lower)]) }
        return grid.width == 1 ? index : call(.divide, [index, whole(grid.width)])
    }

    private var bucketKey: Expression {
        let bins = whole(Double(grid.bins))
        let bucket = call(.widthBucket, [value, bound(grid.lower), bound(grid.upper), bins])
        return call(.subtract, [call(.greatest, [call(.least, [bucket, bins]), whole(1)]), whole(1)])
    }

    private func call(_ function: Function, _ arguments: [Expression]) -> Expression {
        Expression(.call(function, arguments), .integer)
    }

    /// - Precondition: within an integer's range, as the numbers of a grid are.
    private func whole(_ number: Double) -> Expression {
        Expression(.literal(.integer(Int64(exactly: number) ?? 0)), .integer)
    }

    /// An end of the range in the value's own type.
    private func bound(_ number: Double) -> Expression {
        value.type.isInteger
            ? Expression(.literal(.integer(Int64(exactly: number) ?? 0)), value.type)
            : Expression(.literal(.double(number)), value.type)
    }
}

extension Plan {
    /// Whether an expression over the plan is always a whole number, as its form shows.
    func isWhole(_ expression: Expression) -> Bool {
        if expression.type.isInteger { return true }
        guard expression.type.isNumeric else { return false }
        switch expression.node {
        case .literal(let value): return value.number.map { $0 == $0.rounded() } ?? true
        case .column(let id): return definition(of: id).map { $0.plan.isWhole($0.expression) } ?? false
        case .cast(let inner): return isWhole(inner)
        case .call(let function, let arguments):
            switch function {
            case .datePart, .extract:
                return arguments.first?.field.map(Self.wholeFields.contains) ?? false
            case .floor, .ceil: return true
            case .round, .trunc: return arguments.count == 1
            case .add, .subtract, .multiply, .negate, .abs, .greatest, .least, .coalesce:
                return arguments.allSatisfy(isWhole)
            default: return false
            }
        case .caseWhen(let branches, let otherwise):
            return branches.allSatisfy { isWhole($0.value) } && otherwise.map(isWhole) ?? true
        case .inList, .inCodelist: return false
        }
    }

    private static let wholeFields: Set<String> = [
        "year", "years", "month", "months", "day", "days", "quarter", "week", "dow", "isodow", "doy", "hour",
        "hours", "minute", "minutes", "decade", "century", "isoyear",
    ]

    /// What a projection below computes a column of, and over which plan.
    private func definition(of id: ColumnID) -> (expression: Expression, plan: Plan)? {
        if case .setOperation = self { return nil }
        if case .project(let project) = self, let expression = project.definitions[id] {
            if expression.plainColumn == id { return project.input.definition(of: id) }
            return (expression, project.input)
        }
        for input in inputs { if let found = input.definition(of: id) { return found } }
        return nil
    }
}
