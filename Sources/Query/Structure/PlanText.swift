import Core

/// The rows of a plan as a text: the same for two plans whose rows are the same by their shape, whatever columns each
/// of them reads of the rows, and whatever its columns are numbered.
struct PlanText {
    /// What each column is, in terms of the tables that it comes from.
    private(set) var names: [ColumnID: String] = [:]
    private var tables = 0

    /// The text of a plan's rows; then `text(of:)` knows its columns.
    mutating func rows(of plan: Plan) -> String {
        switch plan {
        case .scan(let scan):
            tables += 1
            for column in scan.columns { names[column.id] = "t\(tables).\(column.name)" }
            return "\(scan.source) t\(tables)"
        case .filter(let filter):
            return "(\(rows(of: filter.input)) where \(conjuncts(filter.predicate)))"
        case .join(let join):
            let (left, right) = (rows(of: join.left), rows(of: join.right))
            return "(\(left) \(join.kind.rawValue) \(right) on \(conjuncts(join.condition)))"
        case .project(let project):
            let input = rows(of: project.input)
            define(project.columns)
            return input
        case .aggregate(let aggregate): return grouped(aggregate)
        case .window(let window):
            let input = rows(of: window.input)
            for column in window.columns { names[column.id] = text(of: column) }
            return input
        case .distinct(let input):
            let below = rows(of: input)
            return "(distinct \(input.columns.map { names[$0.id] ?? "" }) of \(below))"
        case .sort(let sort): return rows(of: sort.input)
        case .limit(let limit):
            return "(limit \(limit.count ?? -1) \(limit.offset) of \(ordered(limit.input)))"
        case .setOperation(let operation):
            let sides = [operation.left, operation.right].map { side in
                let below = rows(of: side)
                return "\(side.columns.map { names[$0.id] ?? "" }) of \(below)"
            }
            tables += 1
            for (place, column) in operation.columns.enumerated() {
                names[column.id] = "t\(tables).\(place)"
            }
            return "(\(sides[0]) \(operation.kind.rawValue) \(operation.all) \(sides[1]) t\(tables))"
        case .values(let values):
            tables += 1
            for (place, column) in values.columns.enumerated() { names[column.id] = "t\(tables).\(place)" }
            return "(values \(values.rows.map { $0.map(text) }) t\(tables))"
        case .fragment(let fragment): return "(fragment \(fragment.index))"
        case .statistic(let scan): return "(statistic \(scan.index))"
        }
    }

    /// Names columns that are computed from those that are known.
    mutating func define(_ columns: [ComputedColumn]) {
        for column in columns { names[column.id] = text(of: column.expression) }
    }

    /// Takes over the name of a column.
    mutating func name(_ id: ColumnID, _ name: String) { names[id] = name }

    private mutating func grouped(_ aggregate: Aggregate) -> String {
        let input = rows(of: aggregate.input)
        tables += 1
        let keys = aggregate.keys.map { text(of: $0.expression) }
        for (place, key) in aggregate.keys.enumerated() { names[key.id] = "t\(tables)[\(keys[place])]" }
        for column in aggregate.aggregates { names[column.id] = "t\(tables)(\(text(of: column.call)))" }
        return "(group t\(tables) by \(keys.sorted()) of \(input))"
    }

    private mutating func ordered(_ plan: Plan) -> String {
        guard case .sort(let sort) = plan else { return rows(of: plan) }
        let input = rows(of: sort.input)
        let keys = sort.keys.map { "\(text(of: $0.expression)) \($0.ascending) \($0.nullsFirst)" }
        return "(\(input) by \(keys))"
    }

    private func text(of column: Window.Column) -> String {
        let order = column.order.map { "\(text(of: $0.expression)) \($0.ascending) \($0.nullsFirst)" }
        let frame = column.frame?.sql ?? ""
        return
            "\(column.function)(\(column.arguments.map(text))) over \(column.partition.map(text)) \(order) \(frame)"
    }

    private func text(of call: AggregateCall) -> String {
        let argument = call.argument.map(text) ?? "*"
        let name = call.fraction.map { "\(call.function.rawValue) \($0)" } ?? call.function.rawValue
        return "\(name) \(call.isDistinct) \(argument) \(call.filter.map(text) ?? "")"
    }

    private func conjuncts(_ predicate: Expression) -> String {
        predicate.conjuncts.map(text).sorted().joined(separator: " and ")
    }

    /// An expression over the columns of the plan that was read.
    func text(of expression: Expression) -> String {
        switch expression.node {
        case .column(let id): names[id] ?? "?\(id.number)"
        case .literal(let value): "\(expression.type):\(value)"
        case .cast(let inner): "cast(\(text(of: inner)) \(expression.type))"
        case .inList(let subject, let items, let negated):
            "\(text(of: subject)) \(negated ? "not in" : "in") \(items.map(text).sorted())"
        case .inCodelist(let subject, let codes, let negated):
            "\(text(of: subject)) \(negated ? "not in" : "in") \(codes)"
        case .caseWhen(let branches, let otherwise):
            "case \(branches.map { (text(of: $0.condition), text(of: $0.value)) }) \(otherwise.map(text) ?? "")"
        case .call(let function, let arguments): call(function, arguments.map(text))
        }
    }

    /// The sides of what does not mind their order in one order.
    private func call(_ function: Function, _ arguments: [String]) -> String {
        switch function {
        case .and, .or, .equal, .notEqual, .add, .multiply, .isDistinctFrom, .isNotDistinctFrom:
            "\(function.rawValue)(\(arguments.sorted()))"
        default: "\(function.rawValue)(\(arguments))"
        }
    }
}
