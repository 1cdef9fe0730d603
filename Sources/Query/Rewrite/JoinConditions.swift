/// Makes an inner join of a cross join whose two sides are compared in the WHERE above it
/// (`FROM a, b WHERE a.person = b.person`).
package struct JoinConditions: RewriteRule {
    package let name = "join conditions"

    package init() {}

    package func apply(_ plan: Plan) -> Plan {
        plan.rewritingBottomUp { node in
            guard case .filter(let filter) = node, case .join(let join) = filter.input else { return node }
            var terms = filter.predicate.conjuncts
            let joined = Self.place(&terms, in: join)
            guard terms.count != filter.predicate.conjuncts.count else { return node }
            return terms.isEmpty
                ? joined : .filter(Filter(input: joined, predicate: .conjunction(terms)))
        }
    }

    /// Takes out of `terms` what belongs to the cross joins of the tree of inner joins.
    private static func place(_ terms: inout [Expression], in join: Join) -> Plan {
        guard join.kind == .inner || join.kind == .cross else { return .join(join) }
        var (left, right) = (join.left, join.right)
        if case .join(let inner) = left { left = place(&terms, in: inner) }
        if case .join(let inner) = right { right = place(&terms, in: inner) }
        var (kind, condition) = (join.kind, join.condition.conjuncts)
        if kind == .cross {
            let (l, r) = (left.offered, right.offered)
            let isMine = { (term: Expression) in
                let read = term.references
                return !read.isDisjoint(with: l) && !read.isDisjoint(with: r) && read.isSubset(of: l.union(r))
            }
            let mine = terms.filter(isMine)
            terms.removeAll(where: isMine)
            condition += mine
            if !mine.isEmpty { kind = .inner }
        }
        return .join(
            Join(
                kind: kind, left: left, right: right, condition: .conjunction(condition),
                position: join.position))
    }
}
