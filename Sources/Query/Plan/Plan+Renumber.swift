extension BoundQuery {
    /// The same query with its columns numbered 1, 2, … by first appearance, inputs before what reads them,
    /// so that two plans that differ in numbering only are equal.
    package func renumbered() -> BoundQuery {
        var numbering = Numbering()
        let plan = numbering.renumber(plan)
        return BoundQuery(plan: plan, output: output.map { numbering($0) })
    }
}

extension Plan {
    /// The same plan with its columns numbered 1, 2, … by first appearance, inputs before what reads them.
    package func renumbered() -> Plan {
        var numbering = Numbering()
        return numbering.renumber(self)
    }
}

extension Plan {
    /// The same plan under other numbers, and which is whose.
    func copied(_ fresh: @escaping () -> ColumnID) -> (plan: Plan, ids: [ColumnID: ColumnID]) {
        var numbering = Numbering(fresh: fresh)
        let plan = numbering.renumber(self)
        return (plan, numbering.numbers)
    }
}

private struct Numbering {
    private(set) var numbers: [ColumnID: ColumnID] = [:]
    /// Where the numbers come from; nil counts from 1.
    private let fresh: (() -> ColumnID)?

    init(fresh: (() -> ColumnID)? = nil) { self.fresh = fresh }

    mutating func callAsFunction(_ id: ColumnID) -> ColumnID {
        if let known = numbers[id] { return known }
        let new = fresh?() ?? ColumnID(numbers.count + 1)
        numbers[id] = new
        return new
    }

    mutating func callAsFunction(_ column: PlanColumn) -> PlanColumn {
        PlanColumn(id: self(column.id), name: column.name, type: column.type)
    }

    mutating func callAsFunction(_ expression: Expression) -> Expression {
        let node: Expression.Node =
            switch expression.node {
            case .column(let id): .column(self(id))
            case .literal: expression.node
            case .call(let function, let arguments): .call(function, arguments.map { self($0) })
            case .caseWhen(let branches, let otherwise):
                .caseWhen(
                    branches.map { CaseBranch(condition: self($0.condition), value: self($0.value)) },
                    otherwise: otherwise.map { self($0) })
            case .cast(let inner): .cast(self(inner))
            case .inList(let value, let items, let negated):
                .inList(self(value), items.map { self($0) }, negated: negated)
            case .inCodelist(let value, let codelist, let negated):
                .inCodelist(self(value), codelist: codelist, negated: negated)
            }
        return Expression(node, expression.type, at: expression.position)
    }

    private mutating func callAsFunction(_ keys: [SortKey]) -> [SortKey] {
        keys.map {
            SortKey(expression: self($0.expression), ascending: $0.ascending, nullsFirst: $0.nullsFirst)
        }
    }

    private mutating func callAsFunction(_ columns: [ComputedColumn]) -> [ComputedColumn] {
        columns.map { ComputedColumn(id: self($0.id), name: $0.name, expression: self($0.expression)) }
    }

    mutating func renumber(_ plan: Plan) -> Plan {
        switch plan {
        case .scan(let scan):
            return .scan(
                Scan(
                    source: scan.source, alias: scan.alias, columns: scan.columns.map { self($0) },
                    position: scan.position))
        case .filter(let filter):
            let input = renumber(filter.input)
            return .filter(Filter(input: input, predicate: self(filter.predicate)))
        case .join(let join):
            let left = renumber(join.left)
            let right = renumber(join.right)
            return .join(
                Join(
                    kind: join.kind, left: left, right: right, condition: self(join.condition),
                    position: join.position))
        case .project(let project):
            let input = renumber(project.input)
            return .project(Project(input: input, columns: self(project.columns)))
        case .aggregate(let aggregate): return .aggregate(renumber(aggregate))
        case .window(let window): return .window(renumber(window))
        case .distinct(let input): return .distinct(renumber(input))
        case .sort(let sort):
            let input = renumber(sort.input)
            return .sort(Sort(input: input, keys: self(sort.keys)))
        case .limit(let limit):
            return .limit(Limit(input: renumber(limit.input), count: limit.count, offset: limit.offset))
        case .setOperation(let operation):
            let left = renumber(operation.left)
            let right = renumber(operation.right)
            return .setOperation(
                SetOperation(
                    kind: operation.kind, all: operation.all, left: left, right: right,
                    columns: operation.columns.map { self($0) }))
        case .values(let values):
            let rows = values.rows.map { row in row.map { self($0) } }
            return .values(Values(rows: rows, columns: values.columns.map { self($0) }))
        case .fragment(let fragment):
            return .fragment(
                FragmentScan(index: fragment.index, columns: fragment.columns.map { self($0) }))
        case .statistic(let scan):
            return .statistic(
                StatisticScan(
                    index: scan.index, keys: scan.keys, columns: scan.columns.map { self($0) }))
        }
    }

    private mutating func renumber(_ aggregate: Aggregate) -> Aggregate {
        let input = renumber(aggregate.input)
        let keys = self(aggregate.keys)
        let aggregates = aggregate.aggregates.map { column in
            let call = column.call
            let renumbered = call.over(
                argument: call.argument.map { self($0) }, filter: call.filter.map { self($0) })
            return AggregateColumn(id: self(column.id), name: column.name, call: renumbered)
        }
        return Aggregate(input: input, keys: keys, aggregates: aggregates)
    }

    private mutating func renumber(_ window: Window) -> Window {
        let input = renumber(window.input)
        let columns = window.columns.map { column in
            Window.Column(
                id: self(column.id), name: column.name, function: column.function,
                arguments: column.arguments.map { self($0) }, partition: column.partition.map { self($0) },
                order: self(column.order), frame: column.frame, type: column.type)
        }
        return Window(input: input, columns: columns)
    }
}
