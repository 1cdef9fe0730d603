/// Gathers predicates: a filter on a side of a join moves above it where that says the same, else into the
/// join's condition. A flat statement with one WHERE is what controllers read, and engines push filters down.
package struct HoistFilters: RewriteRule {
    package let name = "hoist filters"

    package init() {}

    package func apply(_ plan: Plan) -> Plan {
        plan.rewritingBottomUp { node in
            guard case .join(let join) = node else { return node }
            return Self.hoist(join)
        }
    }

    private static func hoist(_ join: Join) -> Plan {
        var (left, right) = (join.left, join.right)
        var above: [Expression] = []
        var within = join.condition.conjuncts
        if join.kind != .full, case .filter(let filter) = left {
            left = filter.input
            above += filter.predicate.conjuncts
        }
        if join.kind != .full, case .filter(let filter) = right {
            right = filter.input
            switch join.kind {
            case .inner, .cross: above += filter.predicate.conjuncts
            case .left, .semi, .anti: within += filter.predicate.conjuncts
            case .full: break
            }
        }
        guard left != join.left || right != join.right else { return .join(join) }
        let rebuilt = Plan.join(
            Join(
                kind: join.kind, left: left, right: right, condition: .conjunction(within),
                position: join.position))
        return above.isEmpty ? rebuilt : .filter(Filter(input: rebuilt, predicate: .conjunction(above)))
    }
}
