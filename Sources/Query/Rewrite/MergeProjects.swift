/// Folds a projection into the node above it, so that a derived table becomes flat: a filter goes below it;
/// another projection and an aggregate take its expressions in.
package struct MergeProjects: RewriteRule {
    package let name = "merge projects"

    package init() {}

    package func apply(_ plan: Plan) -> Plan { plan.rewritingBottomUp(Self.merge) }

    private static func merge(_ node: Plan) -> Plan {
        switch node {
        case .filter(let filter):
            guard case .project(let inner) = filter.input, inner.canInline([filter.predicate]) else {
                return node
            }
            let predicate = filter.predicate.substituting(inner.definitions)
            return .project(
                Project(
                    input: merge(.filter(Filter(input: inner.input, predicate: predicate))),
                    columns: inner.columns))
        case .project(let outer):
            guard case .project(let inner) = outer.input, inner.canInline(node.expressions) else {
                return node
            }
            return .project(
                Project(
                    input: inner.input, columns: outer.columns.map { $0.substituting(inner.definitions) }))
        case .aggregate(let aggregate):
            guard case .project(let inner) = aggregate.input, inner.canInline(node.expressions) else {
                return node
            }
            let map = inner.definitions
            return .aggregate(
                Aggregate(
                    input: inner.input, keys: aggregate.keys.map { $0.substituting(map) },
                    aggregates: aggregate.aggregates.map { $0.substituting(map) }))
        default: return node
        }
    }
}

extension Project {
    /// Whether taking the definitions into `readers` repeats no work that is worth naming: a column that is
    /// more than a small expression is read once at most. (Repeated doubling would also explode the plan.)
    func canInline(_ readers: [Expression]) -> Bool {
        var counts: [ColumnID: Int] = [:]
        for reader in readers { reader.count(into: &counts) }
        return columns.allSatisfy { column in
            counts[column.id, default: 0] <= 1 || column.expression.size <= 6
        }
    }
}

extension Expression {
    /// Nodes in the tree.
    var size: Int { children.reduce(1) { $0 + $1.size } }
}
