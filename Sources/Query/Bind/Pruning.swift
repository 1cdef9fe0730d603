extension BoundQuery {
    /// The same query whose scans, projections and windows offer only columns that something reads.
    func pruned() -> BoundQuery {
        BoundQuery(plan: plan.pruned(to: Set(output.map(\.id))), output: output)
    }
}

extension Plan {
    /// The plan with what it offers cut down to `needed`, and everything below it likewise. Keys, DISTINCT
    /// and set operations keep their columns: what they compare is their meaning.
    func pruned(to needed: Set<ColumnID>) -> Plan {
        switch self {
        case .scan(let scan):
            let columns = scan.columns.filter { needed.contains($0.id) }
            return .scan(
                Scan(source: scan.source, alias: scan.alias, columns: columns, position: scan.position))
        case .filter(let filter):
            return .filter(
                Filter(
                    input: filter.input.pruned(to: needed.reading([filter.predicate])),
                    predicate: filter.predicate))
        case .join(let join):
            let both = needed.reading([join.condition])
            return .join(
                Join(
                    kind: join.kind, left: join.left.pruned(to: both), right: join.right.pruned(to: both),
                    condition: join.condition, position: join.position))
        case .project(let project):
            let columns = project.columns.filter { needed.contains($0.id) }
            return .project(
                Project(
                    input: project.input.pruned(to: Set().reading(columns.map(\.expression))),
                    columns: columns))
        case .aggregate(let aggregate): return .aggregate(aggregate.pruned(to: needed))
        case .window(let window): return window.pruned(to: needed)
        case .distinct(let input): return .distinct(input.pruned(to: Set(input.columns.map(\.id))))
        case .sort(let sort):
            return .sort(
                Sort(
                    input: sort.input.pruned(to: needed.reading(sort.keys.map(\.expression))),
                    keys: sort.keys))
        case .limit(let limit):
            return .limit(
                Limit(input: limit.input.pruned(to: needed), count: limit.count, offset: limit.offset))
        case .setOperation(let operation):
            return .setOperation(
                SetOperation(
                    kind: operation.kind, all: operation.all,
                    left: operation.left.pruned(to: Set(operation.left.columns.map(\.id))),
                    right: operation.right.pruned(to: Set(operation.right.columns.map(\.id))),
                    columns: operation.columns))
        case .values, .fragment, .statistic: return self
        }
    }
}

extension Aggregate {
    fileprivate func pruned(to needed: Set<ColumnID>) -> Aggregate {
        var kept = aggregates.filter { needed.contains($0.id) }
        if kept.isEmpty, mustAggregate { kept = Array(aggregates.prefix(1)) }
        let read =
            keys.map(\.expression) + kept.flatMap { [$0.call.argument, $0.call.filter].compactMap(\.self) }
        return Aggregate(input: input.pruned(to: Set().reading(read)), keys: keys, aggregates: kept)
    }
}

extension Window {
    fileprivate func pruned(to needed: Set<ColumnID>) -> Plan {
        let kept = columns.filter { needed.contains($0.id) }
        let read = kept.flatMap { $0.arguments + $0.partition + $0.order.map(\.expression) }
        let input = input.pruned(to: needed.reading(read))
        return kept.isEmpty ? input : .window(Window(input: input, columns: kept))
    }
}

extension Set<ColumnID> {
    /// With the columns that expressions read.
    fileprivate func reading(_ expressions: [Expression]) -> Set<ColumnID> {
        var result = self
        for expression in expressions { expression.collectColumns(into: &result) }
        return result
    }
}
