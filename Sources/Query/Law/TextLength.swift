import Core

/// The longest text that a fragment can make of a row: doubling a text thirty times would fill a site's memory.
struct TextLength {
    private static let limit = 4_096
    /// Of a column as it is stored.
    private static let stored = 256

    private var lengths: [ColumnID: Int] = [:]

    static func check(_ aggregate: Aggregate) throws(SQLFault) {
        var walker = TextLength()
        try walker.visit(.aggregate(aggregate))
    }

    private mutating func visit(_ plan: Plan) throws(SQLFault) {
        for input in plan.inputs { try visit(input) }
        switch plan {
        case .filter(let filter): _ = try length(of: filter.predicate)
        case .join(let join): _ = try length(of: join.condition)
        case .project(let project): try define(project.columns)
        case .aggregate(let aggregate):
            try define(aggregate.keys)
            for column in aggregate.aggregates {
                if let filter = column.call.filter { _ = try length(of: filter) }
                if let argument = column.call.argument { lengths[column.id] = try length(of: argument) }
            }
        case .window(let window):
            for column in window.columns {
                for part in column.partition + column.order.map(\.expression) { _ = try length(of: part) }
                lengths[column.id] = try longest(column.arguments)
            }
        case .sort(let sort): _ = try longest(sort.keys.map(\.expression))
        case .setOperation(let operation):
            for (column, sides) in zip(
                operation.columns, zip(operation.left.columns, operation.right.columns))
            {
                lengths[column.id] = max(
                    lengths[sides.0.id] ?? Self.stored, lengths[sides.1.id] ?? Self.stored)
            }
        case .values(let values):
            for row in values.rows {
                for (column, value) in zip(values.columns, row) {
                    lengths[column.id] = max(lengths[column.id] ?? 0, try length(of: value))
                }
            }
        default: break
        }
    }

    private mutating func define(_ columns: [ComputedColumn]) throws(SQLFault) {
        for column in columns { lengths[column.id] = try length(of: column.expression) }
    }

    private func longest(_ expressions: [Expression]) throws(SQLFault) -> Int {
        var result = 0
        for expression in expressions { result = max(result, try length(of: expression)) }
        return result
    }

    private func length(of expression: Expression) throws(SQLFault) -> Int {
        let length = try unchecked(expression)
        guard length <= Self.limit else {
            throw SQLFault(
                .programLimitExceeded, "the text would grow too long",
                hint: "Concatenate fewer columns: a text has at most 4,096 characters here.",
                position: expression.position)
        }
        return length
    }

    private func unchecked(_ expression: Expression) throws(SQLFault) -> Int {
        switch expression.node {
        case .column(let id): return lengths[id] ?? Self.stored
        case .literal(.text(let text)): return expression.type == .text ? text.utf8.count : 0
        case .literal: return 64
        case .cast(let inner): return max(64, try length(of: inner))
        case .caseWhen(let branches, let otherwise):
            for branch in branches { _ = try length(of: branch.condition) }
            return try longest(branches.map(\.value) + (otherwise.map { [$0] } ?? []))
        case .inList(let subject, let items, _): return try longest([subject] + items)
        case .inCodelist(let subject, _, _): return try length(of: subject)
        case .call(let function, let arguments):
            if function == .replace, arguments.count == 3 {
                // At worst every occurrence becomes the longer text.
                let from = max(1, try length(of: arguments[1]))
                return try length(of: arguments[0]) * max(1, (try length(of: arguments[2]) + from - 1) / from)
            }
            guard function == .concat || function == .concatenate else { return try longest(arguments) }
            var sum = 0
            for argument in arguments { sum += try length(of: argument) }
            return sum
        }
    }
}
