internal import Core

extension BoundQuery {
    /// The result's columns and the plan, as text for people and tests.
    package var outline: String {
        let names = plan.definedNames
        let columns = output.map {
            "\($0.name): \($0.type.rawValue) = \(names[$0.id] ?? $0.name)#\($0.id.number)"
        }
        return "Output " + columns.joined(separator: ", ") + "\n" + plan.outline
    }
}

extension Plan {
    /// The plan as text: an operator a line, its inputs below it and further in, columns as `name#number`.
    package var outline: String {
        var writer = OutlineWriter(names: definedNames)
        writer.write(self, depth: 0)
        return writer.text
    }

    /// The names of all columns that any operator of the plan defines.
    fileprivate var definedNames: [ColumnID: String] {
        var names: [ColumnID: String] = [:]
        func visit(_ plan: Plan) {
            switch plan {
            case .join(let join):
                visit(join.left)
                visit(join.right)
            case .setOperation(let operation):
                visit(operation.left)
                visit(operation.right)
            case .filter(let filter): visit(filter.input)
            case .project(let project): visit(project.input)
            case .aggregate(let aggregate): visit(aggregate.input)
            case .window(let window): visit(window.input)
            case .distinct(let input): visit(input)
            case .sort(let sort): visit(sort.input)
            case .limit(let limit): visit(limit.input)
            case .scan, .values, .fragment, .statistic: break
            }
            for column in plan.columns { names[column.id] = column.name }
        }
        visit(self)
        return names
    }
}

private struct OutlineWriter {
    let names: [ColumnID: String]
    var text = ""

    mutating func write(_ plan: Plan, depth: Int) {
        text += String(repeating: "  ", count: depth) + headline(plan) + "\n"
        switch plan {
        case .filter(let filter): write(filter.input, depth: depth + 1)
        case .join(let join):
            write(join.left, depth: depth + 1)
            write(join.right, depth: depth + 1)
        case .project(let project): write(project.input, depth: depth + 1)
        case .aggregate(let aggregate): write(aggregate.input, depth: depth + 1)
        case .window(let window): write(window.input, depth: depth + 1)
        case .distinct(let input): write(input, depth: depth + 1)
        case .sort(let sort): write(sort.input, depth: depth + 1)
        case .limit(let limit): write(limit.input, depth: depth + 1)
        case .setOperation(let operation):
            write(operation.left, depth: depth + 1)
            write(operation.right, depth: depth + 1)
        case .scan, .values, .fragment, .statistic: break
        }
    }

    private func headline(_ plan: Plan) -> String {
        switch plan {
        case .scan(let scan): "Scan \(source(scan.source)) as \(scan.alias) [\(list(scan.columns.map(name)))]"
        case .filter(let filter): "Filter \(text(filter.predicate))"
        case .join(let join): "Join \(join.kind.rawValue) on \(text(join.condition))"
        case .project(let project): "Project [\(list(project.columns.map(definition)))]"
        case .aggregate(let aggregate):
            "Aggregate by [\(list(aggregate.keys.map(definition)))] of ["
                + list(aggregate.aggregates.map { "\(name($0.column)) = \(text($0.call))" }) + "]"
        case .window(let window): "Window [\(list(window.columns.map(text)))]"
        case .distinct: "Distinct"
        case .sort(let sort): "Sort \(list(sort.keys.map(text)))"
        case .limit(let limit):
            "Limit \(limit.count.map(String.init) ?? "all")"
                + (limit.offset == 0 ? "" : " offset \(limit.offset)")
        case .setOperation(let operation):
            "SetOperation \(operation.kind.rawValue)\(operation.all ? " all" : "") ["
                + list(operation.columns.map(name)) + "]"
        case .values(let values):
            "Values [\(list(values.columns.map(name)))] "
                + list(values.rows.map { row in "(\(list(row.map(text))))" })
        case .fragment(let fragment): "Fragment \(fragment.index) [\(list(fragment.columns.map(name)))]"
        case .statistic(let scan): "Statistic \(scan.index) [\(list(scan.columns.map(name)))]"
        }
    }

    private func list(_ parts: [String]) -> String { parts.joined(separator: ", ") }

    private func source(_ source: Scan.Source) -> String {
        switch source {
        case .dataset(let name): name
        case .reference(let name): "reference.\(name)"
        case .codelist(let name): "codelist.\(name)"
        }
    }

    private func name(_ column: PlanColumn) -> String { "\(column.name)#\(column.id.number)" }

    private func definition(_ column: ComputedColumn) -> String {
        "\(name(column.column)) = \(text(column.expression))"
    }

    private func text(_ key: SortKey) -> String {
        let nulls = key.nullsFirst == !key.ascending ? "" : key.nullsFirst ? " nulls first" : " nulls last"
        return text(key.expression) + (key.ascending ? "" : " desc") + nulls
    }

    private func text(_ call: AggregateCall) -> String {
        let argument = call.argument.map(text) ?? "*"
        let filter = call.filter.map { " filter \(text($0))" } ?? ""
        let name = call.fraction.map { "\(call.function.rawValue) \($0)" } ?? call.function.rawValue
        return "\(name)(\(call.isDistinct ? "distinct " : "")\(argument))"
            + "\(filter): \(call.type.rawValue)"
    }

    private func text(_ column: Window.Column) -> String {
        var parts: [String] = []
        if !column.partition.isEmpty { parts.append("partition " + list(column.partition.map(text))) }
        if !column.order.isEmpty { parts.append("order " + list(column.order.map(text))) }
        if let frame = column.frame { parts.append(frame.sql) }
        return "\(column.name)#\(column.id.number) = \(column.function)(\(list(column.arguments.map(text))))"
            + " over (\(parts.joined(separator: " "))): \(column.type.rawValue)"
    }

    private func text(_ expression: Expression) -> String {
        switch expression.node {
        case .column(let id): return "\(names[id] ?? "?")#\(id.number)"
        case .literal(let value): return text(value, expression.type)
        case .call(let function, let arguments): return "\(function.rawValue)(\(list(arguments.map(text))))"
        case .caseWhen(let branches, let otherwise):
            let when = branches.map { "when \(text($0.condition)) then \(text($0.value))" }
            let last = otherwise.map { ["else \(text($0))"] } ?? []
            return "case(\((when + last).joined(separator: " ")))"
        case .cast(let inner): return "cast(\(text(inner)) as \(expression.type.rawValue))"
        case .inList(let value, let items, let negated):
            return "\(text(value)) \(negated ? "not in" : "in") (\(list(items.map(text))))"
        case .inCodelist(let value, let codelist, let negated):
            return "\(text(value)) \(negated ? "not in" : "in") \(codelist.description)"
        }
    }

    /// A literal; integers and text bare, others with their type.
    private func text(_ value: Value, _ type: ColumnType) -> String {
        switch value {
        case .null: "null:\(type.rawValue)"
        case .text(let text): SQLQuoting.literal(text)
        case .integer(let number): type == .integer ? String(number) : "\(number):\(type.rawValue)"
        case .boolean(let truth): String(truth)
        default: "\(value.text):\(type.rawValue)"
        }
    }
}
