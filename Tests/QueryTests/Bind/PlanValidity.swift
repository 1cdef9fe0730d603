import Query

/// What holds of every bound plan: a reference names a column that an input offers, and no two operators
/// define the same column.
enum PlanValidity {
    /// What is wrong with a query; empty if nothing is.
    static func faults(_ query: BoundQuery) -> [String] {
        var faults: [String] = []
        var defined: Set<ColumnID> = []
        visit(query.plan, &defined, &faults)
        let offered = Set(query.plan.columns.map(\.id))
        for column in query.output where !offered.contains(column.id) {
            faults.append("output \(column.name) is not offered")
        }
        return faults
    }

    private static func visit(_ plan: Plan, _ defined: inout Set<ColumnID>, _ faults: inout [String]) {
        var inputs: [Plan] = []
        var read: [Expression] = []
        var defines: [ColumnID] = []
        switch plan {
        case .scan(let scan): defines = scan.columns.map(\.id)
        case .filter(let filter): (inputs, read) = ([filter.input], [filter.predicate])
        case .join(let join): (inputs, read) = ([join.left, join.right], [join.condition])
        case .project(let project):
            (inputs, read) = ([project.input], project.columns.map(\.expression))
            defines = project.columns.map(\.id)
        case .aggregate(let aggregate):
            inputs = [aggregate.input]
            read = aggregate.keys.map(\.expression)
            read += aggregate.aggregates.flatMap { [$0.call.argument, $0.call.filter].compactMap(\.self) }
            defines = plan.columns.map(\.id)
        case .window(let window):
            inputs = [window.input]
            read = window.columns.flatMap { $0.arguments + $0.partition + $0.order.map(\.expression) }
            defines = window.columns.map(\.id)
        case .distinct(let input): inputs = [input]
        case .sort(let sort): (inputs, read) = ([sort.input], sort.keys.map(\.expression))
        case .limit(let limit): inputs = [limit.input]
        case .setOperation(let operation):
            inputs = [operation.left, operation.right]
            defines = operation.columns.map(\.id)
            let types = operation.columns.map(\.type)
            for side in inputs where side.columns.map(\.type) != types {
                faults.append("a side of \(operation.kind) has other types")
            }
        case .values(let values):
            (read, defines) = (values.rows.flatMap(\.self), values.columns.map(\.id))
        case .fragment, .statistic: faults.append("a bound plan has no fragments")
        }
        for input in inputs { visit(input, &defined, &faults) }
        for id in defines where !defined.insert(id).inserted {
            faults.append("#\(id.number) is defined twice")
        }
        let offered = Set(inputs.flatMap { $0.columns.map(\.id) })
        for expression in read {
            for id in columns(of: expression) where !offered.contains(id) {
                faults.append("#\(id.number) is read where no input offers it")
            }
        }
    }

    private static func columns(of expression: Expression) -> [ColumnID] {
        switch expression.node {
        case .column(let id): [id]
        case .literal: []
        case .call(_, let arguments): arguments.flatMap(columns)
        case .caseWhen(let branches, let otherwise):
            branches.flatMap { columns(of: $0.condition) + columns(of: $0.value) }
                + (otherwise.map(columns) ?? [])
        case .cast(let inner): columns(of: inner)
        case .inList(let value, let items, _): columns(of: value) + items.flatMap(columns)
        case .inCodelist(let value, _, _): columns(of: value)
        }
    }
}
