/// Removes ORDER BY where no one sees it: below an aggregate, a join or another ORDER BY, without LIMIT between.
package struct DropSorts: RewriteRule {
    package let name = "drop sorts"

    package init() {}

    package func apply(_ plan: Plan) -> Plan {
        plan.rewritingBottomUp { node in
            switch node {
            case .aggregate, .join, .distinct, .sort, .window: node.mapInputs(Self.withoutSort)
            default: node
            }
        }
    }

    private static func withoutSort(_ plan: Plan) -> Plan {
        switch plan {
        case .sort(let sort): withoutSort(sort.input)
        case .filter, .project: plan.mapInputs(withoutSort)
        default: plan
        }
    }
}
