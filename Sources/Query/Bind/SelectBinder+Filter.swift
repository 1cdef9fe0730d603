internal import Core

extension SelectBinder {
    /// Binds WHERE, conjunct by conjunct: EXISTS and IN over sub-queries become semi and anti joins; what
    /// names the query around is lifted into `correlation`; the rest filters.
    func bindFilter(_ syntax: ExpressionSyntax) throws(SQLFault) {
        clause = .filter
        var conjuncts: [ExpressionSyntax] = []
        Self.flatten(syntax, into: &conjuncts)
        var simple: [Expression] = []
        var late: [Expression] = []
        var joins: [Attachment] = []
        for conjunct in conjuncts {
            if let join = try existential(conjunct) {
                joins.append(join)
                continue
            }
            usedOuter = false
            let attached = below.count
            let predicate = try boolean(conjunct, "WHERE")
            if usedOuter {
                guard below.count == attached else {
                    throw .unsupported(
                        "a sub-query in a condition on the query around it", "Write them as two conditions.",
                        at: predicate.position)
                }
                correlation.append(predicate)
            } else if below.count > attached {
                late.append(predicate)
            } else {
                simple.append(predicate)
            }
        }
        plan = Self.joining(plan, &simple)
        filter(by: simple)
        attach(joins)
        attach(below)
        below = []
        filter(by: late)
    }

    private func filter(by conjuncts: [Expression]) {
        guard !conjuncts.isEmpty else { return }
        plan = .filter(Filter(input: plan, predicate: .all(conjuncts)))
    }

    private static func flatten(_ syntax: ExpressionSyntax, into result: inout [ExpressionSyntax]) {
        guard case .and(let parts) = syntax.node else {
            result.append(syntax)
            return
        }
        for part in parts { flatten(part, into: &result) }
    }

    /// `FROM a, b WHERE a.person = b.person` means an inner join: moves equalities between the sides of a
    /// cross join into it.
    private static func joining(_ plan: Plan, _ conjuncts: inout [Expression]) -> Plan {
        guard case .join(let join) = plan, join.kind == .cross else { return plan }
        let left = joining(join.left, &conjuncts)
        let leftIDs = Set(left.columns.map(\.id))
        let rightIDs = Set(join.right.columns.map(\.id))
        var conditions: [Expression] = []
        var others: [Expression] = []
        for conjunct in conjuncts {
            let ids = conjunct.columnIDs
            if case .call(.equal, _) = conjunct.node, ids.isSubset(of: leftIDs.union(rightIDs)),
                !ids.isDisjoint(with: leftIDs), !ids.isDisjoint(with: rightIDs)
            {
                conditions.append(conjunct)
            } else {
                others.append(conjunct)
            }
        }
        conjuncts = others
        return .join(
            Join(
                kind: conditions.isEmpty ? .cross : .inner, left: left, right: join.right,
                condition: .all(conditions), position: join.position))
    }

    /// The join that a conjunct of WHERE means, if it is [NOT] EXISTS or [NOT] IN over a sub-query.
    private func existential(_ syntax: ExpressionSyntax) throws(SQLFault) -> Attachment? {
        switch syntax.node {
        case .exists(let query):
            return try existsJoin(query, .semi, at: syntax.position)
        case .not(let inner):
            guard case .exists(let query) = inner.node else { return nil }
            return try existsJoin(query, .anti, at: inner.position)
        case .inQuery(let value, let query, let negated):
            guard Self.codelistName(query) == nil else { return nil }
            return try elementJoin(
                value, query, "=", isAll: negated, isNegated: negated, at: syntax.position)
        case .quantified(let value, let name, let isAll, let query):
            return try elementJoin(value, query, name, isAll: isAll, at: syntax.position)
        default: return nil
        }
    }

    private func existsJoin(
        _ query: QuerySyntax, _ kind: Join.Kind, at position: Int?
    ) throws(SQLFault) -> Attachment {
        guard let child = try child(query, keepsRows: false) else {
            let relation = try QueryBinder(session: session, environment: environment, outer: nil).bind(query)
            return Attachment(kind: kind, right: relation.plan, condition: .boolean(true), position: position)
        }
        try child.requireRows(at: position)
        return Attachment(
            kind: kind, right: child.plan, condition: .all(child.correlation), position: position)
    }

    /// `value op ANY (query)` is true where some row compares so; `op ALL` unless some row compares otherwise, or to
    /// nothing known. IN is `= ANY`, and NOT IN no row that is equal or may be.
    private func elementJoin(
        _ syntax: ExpressionSyntax, _ query: QuerySyntax, _ name: String, isAll: Bool,
        isNegated: Bool = false,
        at position: Int?
    ) throws(SQLFault) -> Attachment {
        usedOuter = false
        let attached = below.count
        let value = try expression(syntax)
        guard !usedOuter, below.count == attached else {
            throw .unsupported(
                "a sub-query or a reference to the query around it on the left of IN, ANY or ALL",
                "Write EXISTS.",
                at: position)
        }
        let (right, element, correlation) = try elements(of: query, at: position)
        guard let function = Self.comparisons[name] else {
            throw noOperator(name, value, element, at: position)
        }
        var match = try comparison(function, name, value, element, at: position)
        if isAll, isNegated {
            // NOT IN: a row that is equal, or may be.
            if !(session.isNotNull(value) && session.isNotNull(element)) {
                match = Expression(.call(.isNotFalse, [match]), .boolean, at: position)
            }
        } else if isAll {
            match = Expression(.call(.isNotTrue, [match]), .boolean, at: position)
        }
        return Attachment(
            kind: isAll ? .anti : .semi, right: right, condition: .all([match] + correlation),
            position: position)
    }
}
