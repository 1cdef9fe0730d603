package import Core

/// One equivalence of plans: from a plan to one that answers the same and offers the same columns.
package protocol RewriteRule: Sendable {
    /// As EXPLAIN and a failing verification name it.
    var name: String { get }

    /// - Returns: an equivalent plan; the same one where the rule does not apply.
    func apply(_ plan: Plan) -> Plan
}

/// Applies the rules in a fixed order until nothing changes, and verifies the plan after each.
package struct Rewriter: Sendable {
    /// In order: flatten derived tables, gather predicates in one place, give joins their conditions.
    package static let fragmentRules: [any RewriteRule] = [
        DropSorts(), PullUpProjects(), HoistFilters(), MergeProjects(), MergeFilters(), JoinConditions(),
        PruneColumns(),
    ]
    /// Rounds after which a plan that still changes is taken as it is: deeper nesting just stays less flat.
    private static let rounds = 12

    private let rules: [any RewriteRule]

    package init(_ rules: [any RewriteRule] = Rewriter.fragmentRules) { self.rules = rules }

    /// Throws XX000, naming the rule, if a rule breaks the plan.
    package func rewrite(_ plan: Plan) throws(SQLFault) -> Plan {
        var current = plan
        try PlanVerifier.verify(current)
        for _ in 0..<Self.rounds {
            let before = current
            for rule in rules {
                let next = rule.apply(current)
                guard next != current else { continue }
                current = next
                do {
                    try PlanVerifier.verify(current)
                } catch {
                    guard error.sqlstate == .internalError else { throw error }
                    throw SQLFault(.internalError, "\(error.message) (after rule \(rule.name))")
                }
            }
            if current == before { break }
        }
        return current
    }

    /// The aggregate at the cut with a flat input; keys, aggregates and their ids stay.
    package func rewrite(_ aggregate: Aggregate) throws(SQLFault) -> Aggregate {
        guard case .aggregate(let result) = try rewrite(.aggregate(aggregate)) else {
            throw SQLFault(.internalError, "a rewrite rule replaced the aggregate at the cut")
        }
        return result
    }
}
