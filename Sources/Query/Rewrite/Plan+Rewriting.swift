extension Plan {
    /// The plans below, left first.
    package var inputs: [Plan] {
        switch self {
        case .scan, .values, .fragment, .statistic: []
        case .filter(let filter): [filter.input]
        case .join(let join): [join.left, join.right]
        case .project(let project): [project.input]
        case .aggregate(let aggregate): [aggregate.input]
        case .window(let window): [window.input]
        case .distinct(let input): [input]
        case .sort(let sort): [sort.input]
        case .limit(let limit): [limit.input]
        case .setOperation(let operation): [operation.left, operation.right]
        }
    }

    /// The same node over other inputs.
    package func mapInputs<Failure: Error>(_ body: (Plan) throws(Failure) -> Plan) throws(Failure) -> Plan {
        switch self {
        case .scan, .values, .fragment, .statistic: self
        case .filter(let node): .filter(Filter(input: try body(node.input), predicate: node.predicate))
        case .join(let node):
            .join(
                Join(
                    kind: node.kind, left: try body(node.left), right: try body(node.right),
                    condition: node.condition, position: node.position))
        case .project(let node): .project(Project(input: try body(node.input), columns: node.columns))
        case .aggregate(let node):
            .aggregate(
                Aggregate(input: try body(node.input), keys: node.keys, aggregates: node.aggregates))
        case .window(let node): .window(Window(input: try body(node.input), columns: node.columns))
        case .distinct(let input): .distinct(try body(input))
        case .sort(let node): .sort(Sort(input: try body(node.input), keys: node.keys))
        case .limit(let node):
            .limit(Limit(input: try body(node.input), count: node.count, offset: node.offset))
        case .setOperation(let node):
            .setOperation(
                SetOperation(
                    kind: node.kind, all: node.all, left: try body(node.left), right: try body(node.right),
                    columns: node.columns))
        }
    }

    /// Applies `change` to every node, lowest first.
    func rewritingBottomUp(_ change: (Plan) -> Plan) -> Plan {
        change(mapInputs { $0.rewritingBottomUp(change) })
    }

    /// The expressions of this node itself.
    package var expressions: [Expression] {
        switch self {
        case .scan, .fragment, .statistic, .distinct, .limit, .setOperation: []
        case .filter(let filter): [filter.predicate]
        case .join(let join): [join.condition]
        case .project(let project): project.columns.map(\.expression)
        case .aggregate(let aggregate):
            aggregate.keys.map(\.expression) + aggregate.aggregates.flatMap(\.expressions)
        case .window(let window):
            window.columns.flatMap { $0.arguments + $0.partition + $0.order.map(\.expression) }
        case .sort(let sort): sort.keys.map(\.expression)
        case .values(let values): values.rows.flatMap(\.self)
        }
    }

    /// The ids that the node offers to the one above it.
    var offered: Set<ColumnID> { Set(columns.map(\.id)) }

    /// Where in the statement the lowest, leftmost table of the plan stands.
    var position: Int? {
        if case .scan(let scan) = self { return scan.position }
        for input in inputs { if let found = input.position { return found } }
        return nil
    }
}
