/// Makes one filter of two that stand on each other, and removes a filter that is always true.
package struct MergeFilters: RewriteRule {
    package let name = "merge filters"

    package init() {}

    package func apply(_ plan: Plan) -> Plan {
        plan.rewritingBottomUp { node in
            guard case .filter(let outer) = node else { return node }
            if outer.predicate.conjuncts.isEmpty { return outer.input }
            guard case .filter(let inner) = outer.input else { return node }
            let terms = inner.predicate.conjuncts + outer.predicate.conjuncts
            return .filter(Filter(input: inner.input, predicate: .conjunction(terms)))
        }
    }
}
