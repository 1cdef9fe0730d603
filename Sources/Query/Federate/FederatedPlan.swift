package import Core

/// What a statement becomes: a few fragments that sites are asked, and what is done with their releases.
package struct FederatedPlan: Sendable {
    package let fragments: [Fragment]
    /// Over `Plan.fragment` and `Plan.statistic` leaves, run in the coordinator's own engine on released values.
    package let merge: Plan
    package let output: [PlanColumn]
    /// As many as sites answer of one question.
    package static let mostFragments = 16
    /// What is computed of the fragments before `merge` runs.
    package let statistics: [Statistic]

    package init(
        fragments: [Fragment], statistics: [Statistic] = [], merge: Plan, output: [PlanColumn]
    ) {
        self.fragments = fragments
        self.statistics = statistics
        self.merge = merge
        self.output = output
    }
}

extension FederatedPlan {
    /// Whether a fragment is asked for the sake of a statistic only: nobody sees its numbers.
    package func isInner(_ fragment: Int) -> Bool {
        guard statistics.contains(where: { $0.inner.contains(fragment) }) else { return false }
        func reads(_ plan: Plan) -> Bool {
            if case .fragment(let scan) = plan { return scan.index == fragment }
            return plan.inputs.contains(where: reads)
        }
        return !statistics.contains { $0.fragment == fragment } && !reads(merge)
    }
}

/// One level of aggregation over person-local rows: what one site is asked.
package struct Fragment: Hashable, Sendable {
    /// The aggregate at the cut with everything below it.
    package let aggregate: Aggregate
    /// Logical SQL, as it travels: `bind(sql)` gives `aggregate` again.
    package let sql: String
    /// One an aggregate, in order.
    package let shapes: [AggregateShape]

    package init(aggregate: Aggregate, sql: String, shapes: [AggregateShape]) {
        self.aggregate = aggregate
        self.sql = sql
        self.shapes = shapes
    }
}
