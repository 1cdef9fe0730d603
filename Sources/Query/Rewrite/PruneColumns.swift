/// Takes out what nobody above reads: columns of scans and projections, aggregates, windows. Group keys stay:
/// they decide which rows there are.
package struct PruneColumns: RewriteRule {
    package let name = "prune columns"
    private let required: Set<ColumnID>?

    /// - Parameter required: what is read of the topmost node; nil keeps all that it offers.
    package init(required: Set<ColumnID>? = nil) { self.required = required }

    package func apply(_ plan: Plan) -> Plan { Self.prune(plan, required ?? plan.offered) }

    private static func prune(_ plan: Plan, _ required: Set<ColumnID>) -> Plan {
        let node = plan.keeping(required)
        if case .window = plan, node.isWindow == false { return prune(node, required) }
        switch node {
        case .distinct, .setOperation:
            // Every column takes part in what is a duplicate, or stands by its place.
            return node.mapInputs { prune($0, $0.offered) }
        default:
            var below = node.expressions.reduce(into: Set<ColumnID>()) { $0.formUnion($1.references) }
            switch node {
            case .filter, .join, .window, .sort, .limit: below.formUnion(required)
            default: break
            }
            return node.mapInputs { prune($0, below) }
        }
    }
}

extension Plan {
    fileprivate var isWindow: Bool { if case .window = self { true } else { false } }

    /// The node itself without what is not required of it.
    fileprivate func keeping(_ required: Set<ColumnID>) -> Plan {
        switch self {
        case .scan(let scan):
            return .scan(
                Scan(
                    source: scan.source, alias: scan.alias,
                    columns: scan.columns.filter { required.contains($0.id) }, position: scan.position))
        case .project(let project):
            return .project(
                Project(
                    input: project.input, columns: project.columns.filter { required.contains($0.id) }))
        case .aggregate(let aggregate):
            var kept = aggregate.aggregates.filter { required.contains($0.id) }
            if kept.isEmpty, aggregate.mustAggregate { kept = Array(aggregate.aggregates.prefix(1)) }
            return .aggregate(Aggregate(input: aggregate.input, keys: aggregate.keys, aggregates: kept))
        case .window(let window):
            let columns = window.columns.filter { required.contains($0.id) }
            return columns.isEmpty ? window.input : .window(Window(input: window.input, columns: columns))
        default: return self
        }
    }
}

extension Aggregate {
    /// Whether it needs an aggregate though nobody reads one: without keys it would have no column, and over people
    /// a group is released only with what counts them.
    var mustAggregate: Bool {
        let people = input.personColumns
        return !keys.contains { $0.expression.plainColumn.map(people.contains) ?? false }
    }
}
