package import Core

/// What a statement becomes: a few fragments that sites are asked, and what is done with their releases.
package struct FederatedPlan: Sendable {
    package let fragments: [Fragment]
    /// Over `Plan.fragment` leaves, run in the coordinator's own engine on released values.
    package let merge: Plan
    package let output: [PlanColumn]

    package init(fragments: [Fragment], merge: Plan, output: [PlanColumn]) {
        self.fragments = fragments
        self.merge = merge
        self.output = output
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
