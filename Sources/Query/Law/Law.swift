package import Catalog
package import Core

/// The law of a fragment: it is person-local (planner.md, rules 1 to 5).
///
/// Deleting one person changes at most that person's contribution, nobody's exact date, area or identity selects
/// rows, and nothing that crosses the cut says more of one person than a share in a sum. Requester and site
/// both check it: the requester to explain, the site because it trusts no plan from outside.
package enum Law {
    /// Throws 42501 (0A000 for what is merely not there yet, 54001 for what nests too deeply), with position
    /// and what to write instead.
    /// - Parameter today: days since 1970-01-01, as the statement's `now()` was folded; a day off is tolerated.
    package static func check(
        _ aggregate: Aggregate, catalog: Catalog, today: Int
    ) throws(SQLFault) {
        try PlanDepth.check(.aggregate(aggregate))
        try TextLength.check(aggregate)
        var walker = PersonLocality(catalog: catalog, today: today, over: aggregate.input)
        let input = try walker.visit(aggregate.input, given: [])
        guard input.isPersonal else {
            throw SQLFault(.internalError, "a fragment that reads no table about people")
        }
        for key in aggregate.keys { try CutRules.check(key, walker.expressions) }
        guard aggregate.aggregates.count <= 32 else {
            throw SQLFault(
                .programLimitExceeded, "a question has at most 32 aggregates",
                hint: "Ask the others in a statement of their own.",
                position: aggregate.aggregates[32].call.position)
        }
        let weights = WeightRule(aggregate.input)
        for column in aggregate.aggregates {
            try CutRules.check(column.call, walker.expressions)
            try weights.check(column.call)
        }
    }
}
