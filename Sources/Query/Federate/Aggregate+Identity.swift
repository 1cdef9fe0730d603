import Core

extension Aggregate {
    /// The same aggregate with ids, names and aliases given anew in the order of the plan, so that two that
    /// differ in those alone are equal.
    func renumbered() -> Aggregate {
        var renumbering = Renumbering()
        guard case .aggregate(let result) = renumbering.apply(.aggregate(self)) else { return self }
        return result
    }
}

/// Gives every column of a plan its number in order of appearance.
private struct Renumbering {
    private var numbers: [ColumnID: ColumnID] = [:]

    private mutating func number(_ id: ColumnID) -> ColumnID {
        if let known = numbers[id] { return known }
        let next = ColumnID(numbers.count)
        numbers[id] = next
        return next
    }

    private mutating func column(_ column: PlanColumn, name: String? = nil) -> PlanColumn {
        let id = number(column.id)
        return PlanColumn(id: id, name: name ?? "c\(id.number)", type: column.type)
    }

    private mutating func expression(_ expression: Expression) -> Expression {
        var map: [ColumnID: Expression] = [:]
        for id in expression.references.sorted(by: { $0.number < $1.number }) {
            map[id] = Expression(.column(number(id)), .unknown)
        }
        return expression.substituting(map)
    }

    private mutating func computed(_ column: ComputedColumn) -> ComputedColumn {
        let value = expression(column.expression)
        let id = number(column.id)
        return ComputedColumn(id: id, name: "c\(id.number)", expression: value)
    }

    private mutating func aggregate(_ column: AggregateColumn) -> AggregateColumn {
        let call = column.call.over(
            argument: column.call.argument.map { expression($0) },
            filter: column.call.filter.map { expression($0) })
        let id = number(column.id)
        return AggregateColumn(id: id, name: "c\(id.number)", call: call)
    }

    private mutating func window(_ column: Window.Column) -> Window.Column {
        Window.Column(
            id: number(column.id), name: "", function: column.function,
            arguments: column.arguments.map { expression($0) },
            partition: column.partition.map { expression($0) }, order: column.order.map { key($0) },
            frame: column.frame, type: column.type)
    }

    private mutating func key(_ key: SortKey) -> SortKey {
        SortKey(
            expression: expression(key.expression), ascending: key.ascending, nullsFirst: key.nullsFirst)
    }

    mutating func apply(_ plan: Plan) -> Plan {
        let below = plan.mapInputs { apply($0) }
        switch below {
        case .scan(let scan):
            // A scan's column name is the catalog's: part of what is asked. Order of reading is not.
            let columns = scan.columns.sorted { $0.name < $1.name }.map { column($0, name: $0.name) }
            return .scan(Scan(source: scan.source, alias: "", columns: columns))
        case .filter(let node):
            return .filter(Filter(input: node.input, predicate: expression(node.predicate)))
        case .join(let node):
            return .join(
                Join(
                    kind: node.kind, left: node.left, right: node.right, condition: expression(node.condition)
                ))
        case .project(let node):
            return .project(Project(input: node.input, columns: node.columns.map { computed($0) }))
        case .aggregate(let node):
            return .aggregate(
                Aggregate(
                    input: node.input, keys: node.keys.map { computed($0) },
                    aggregates: node.aggregates.map { aggregate($0) }))
        case .window(let node):
            return .window(Window(input: node.input, columns: node.columns.map { window($0) }))
        case .sort(let node):
            return .sort(Sort(input: node.input, keys: node.keys.map { key($0) }))
        case .setOperation(let node):
            return .setOperation(
                SetOperation(
                    kind: node.kind, all: node.all, left: node.left, right: node.right,
                    columns: node.columns.map { column($0) }))
        case .values(let node):
            return .values(Values(rows: node.rows, columns: node.columns.map { column($0) }))
        case .limit, .distinct, .fragment, .statistic: return below
        }
    }
}
