internal import Core

extension SelectBinder {
    /// The codelist's name if the query is `SELECT code FROM codelist.NAME`.
    static func codelistName(_ query: QuerySyntax) -> String? {
        guard query.with.isEmpty, query.limit == nil, query.offset == nil,
            case .select(let select) = query.body,
            select.filter == nil, select.groups.isEmpty, select.having == nil, select.from.count == 1,
            case .table("codelist", let name, _, _) = select.from[0], select.targets.count == 1,
            case .column(let path) = select.targets[0].expression.node, path.last == "code"
        else { return nil }
        return name
    }

    func outsideWhere(_ position: Int?) -> SQLFault {
        .unsupported(
            "a reference to the query around it outside the WHERE of a sub-query",
            "Correlate in its WHERE, or join.", at: position)
    }

    /// Binds a sub-query that is one SELECT without LIMIT, so that its conditions on this query can be
    /// lifted out of it; nil for others. ORDER BY means nothing there; neither does DISTINCT.
    ///
    /// - Parameter keepsRows: whether LIMIT 1 or more would change what is asked.
    func child(_ query: QuerySyntax, keepsRows: Bool = true) throws(SQLFault) -> SelectBinder? {
        guard case .select(let select) = query.body, query.offset == nil else { return nil }
        var takesFirst = false
        if let limit = try QueryBinder.constant(query.limit, "LIMIT"), keepsRows || limit == 0 {
            guard limit == 1, !select.isDistinct else { return nil }
            // It may have to be bound anew, if it is about nothing of this query.
            try session.chargeRelation(at: nil)
            takesFirst = true
        }
        let child = try bound(select, of: query, takesFirst: takesFirst)
        return takesFirst && child.correlation.isEmpty ? nil : child
    }

    private func bound(
        _ select: SelectSyntax, of query: QuerySyntax, takesFirst: Bool
    ) throws(SQLFault) -> SelectBinder {
        try session.nested { () throws(SQLFault) in
            let here = QueryBinder(session: session, environment: environment, outer: nil)
            let inner = here.extended(by: query.with)
            let child = SelectBinder(session: session, environment: inner, outer: scope)
            child.farther = farther + [outer].compactMap(\.self)
            child.takesFirst = takesFirst
            try child.bind(select, order: takesFirst || !select.distinctOn.isEmpty ? query.order : [])
            try inner.bindUnused(query.with, session)
            return child
        }
    }

    /// The rows of `IN (SELECT …)`: a plan, the value in it, and conditions on this query.
    func elements(
        of query: QuerySyntax, at position: Int?
    ) throws(SQLFault) -> (right: Plan, element: Expression, correlation: [Expression]) {
        if let child = try child(query) {
            try requireOneColumn(child.targets.count, at: position)
            try child.requireRows(at: position)
            return (child.plan, child.targets[0].expression, child.correlation)
        }
        let relation = try QueryBinder(session: session, environment: environment, outer: nil).bind(query)
        try requireOneColumn(relation.output.count, at: position)
        return (relation.plan, .column(relation.output[0]), [])
    }

    /// An aggregate without GROUP BY gives a row for every outer row, found or not: no join says that.
    func requireRows(at position: Int?) throws(SQLFault) {
        guard isAggregated, keys.isEmpty, !correlation.isEmpty else { return }
        throw .unsupported(
            "an aggregate without GROUP BY in EXISTS or IN over a correlated sub-query",
            "Add GROUP BY person to it, or compare (SELECT count(*) …) with a number.", at: position)
    }

    private func requireOneColumn(_ count: Int, at position: Int?) throws(SQLFault) {
        guard count == 1 else {
            throw SQLFault(
                .syntaxError, count == 0 ? "subquery must return a column" : "subquery has too many columns",
                position: position)
        }
    }

    /// Joins a sub-query beside the input of the clause that is being bound.
    private func attach(_ attachment: Attachment) throws(SQLFault) {
        switch clause.attaching {
        case .below: below.append(attachment)
        case .above: above.append(attachment)
        case .never:
            throw .unsupported(
                "a sub-query in \(clause.name)", "Compute it in a derived table and join that.",
                at: attachment.position)
        }
    }

    /// `(SELECT …)` as a value: uncorrelated, a join of its single row; correlated by equality, a left join of an
    /// aggregate by the correlated columns.
    func scalar(_ query: QuerySyntax, at position: Int?) throws(SQLFault) -> Expression {
        guard let child = try child(query), case .select(let select) = query.body else {
            let relation = try QueryBinder(session: session, environment: environment, outer: nil).bind(query)
            return try single(relation, at: position)
        }
        try requireOneColumn(child.targets.count, at: position)
        let value = child.targets[0].expression
        if select.from.isEmpty, select.filter == nil, !child.isAggregated { return value }
        guard !child.correlation.isEmpty else {
            return try single(try child.projected(isDistinct: select.isDistinct), at: position)
        }
        if child.takesFirst { return try first(of: child, value, at: position) }
        guard child.isAggregated, select.groups.isEmpty, select.having == nil, child.windows.isEmpty else {
            throw Self.severalRows(at: position)
        }
        try attach(
            Attachment(
                kind: .left, right: child.plan, condition: .all(child.correlation), position: position))
        return try child.overMissingRow(value)
    }

    /// The value of the first row of each person, or of whatever the sub-query is correlated by; NULL where there is
    /// none, whatever is computed of it.
    private func first(
        of child: SelectBinder, _ value: Expression, at position: Int?
    ) throws(SQLFault) -> Expression {
        let result = session.computed("value", value)
        session.notNull.remove(result.id)
        let read = child.correlation.reduce(into: Set<ColumnID>()) { $1.collectColumns(into: &$0) }
        let kept = child.plan.columns.filter { read.contains($0.id) }.map {
            ComputedColumn(id: $0.id, name: $0.name, expression: .column($0))
        }
        try attach(
            Attachment(
                kind: .left, right: .project(Project(input: child.plan, columns: kept + [result])),
                condition: .all(child.correlation), position: position))
        return Expression(.column(result.id), value.type, at: position)
    }

    /// A sub-query that names nothing of this one and has one row at most.
    private func single(_ relation: BoundRelation, at position: Int?) throws(SQLFault) -> Expression {
        try requireOneColumn(relation.output.count, at: position)
        guard relation.plan.isOneRowAtMost else { throw Self.severalRows(at: position) }
        let kind: Join.Kind = relation.plan.isOneRow ? .cross : .left
        if kind == .left { for column in relation.plan.columns { session.notNull.remove(column.id) } }
        try attach(
            Attachment(kind: kind, right: relation.plan, condition: .boolean(true), position: position))
        return Expression(.column(relation.output[0].id), relation.output[0].type, at: position)
    }

    private static func severalRows(at position: Int?) -> SQLFault {
        .unsupported(
            "a sub-query used as a value that may have several rows",
            "Use one aggregate without GROUP BY, or join.", at: position)
    }

    /// A value over this query's aggregates where a left join may have found no row: a count is then 0.
    private func overMissingRow(_ value: Expression) throws(SQLFault) -> Expression {
        let counts = Set(aggregates.filter { $0.call.function == .count }.map(\.id))
        return try value.replacing { (part: Expression) throws(SQLFault) in
            guard case .column(let id) = part.node, counts.contains(id) else { return nil }
            let zero = Expression(.literal(.integer(0)), .bigint)
            return Expression(.call(.coalesce, [part, zero]), .bigint, at: part.position)
        }
    }

    /// EXISTS within a larger expression: whether a left join of the distinct correlated columns found any.
    func exists(_ query: QuerySyntax, at position: Int?) throws(SQLFault) -> Expression {
        guard let child = try child(query, keepsRows: false), !child.correlation.isEmpty else {
            throw .unsupported(
                "EXISTS within an expression without a condition on the query around it",
                "Correlate it: WHERE inner.person = outer.person.", at: position)
        }
        let pairs = try child.equalities(scope)
        return try found(child.plan, pairs, at: position)
    }

    /// IN over a sub-query within a larger expression, where NULL cannot make a third answer.
    func isElement(
        _ value: Expression, _ query: QuerySyntax, negated: Bool, at position: Int?
    ) throws(SQLFault) -> Expression {
        let (right, element, correlation) = try elements(of: query, at: position)
        guard correlation.isEmpty, session.isNotNull(value), session.isNotNull(element),
            value.type == element.type
        else {
            throw .unsupported(
                "IN over a sub-query within an expression", "Write EXISTS (SELECT 1 FROM … WHERE …).",
                at: position)
        }
        let isFound = try found(right, [(element, value)], at: position)
        return negated ? Expression(.call(.not, [isFound]), .boolean, at: position) : isFound
    }

    /// Left-joins the distinct inner sides of equalities and asks whether there was a match.
    ///
    /// It is their count that is asked for NULL, not a key: a key may be `person`, which no expression reads.
    private func found(
        _ right: Plan, _ pairs: [(inner: Expression, outer: Expression)], at position: Int?
    ) throws(SQLFault) -> Expression {
        let keys = pairs.map { session.computed(name(of: $0.inner), $0.inner) }
        for key in keys { session.notNull.remove(key.id) }
        let conditions = zip(keys, pairs).map { key, pair in
            Expression(.call(.equal, [.column(key.column), pair.outer]), .boolean)
        }
        let matches = AggregateColumn(
            id: session.newID(display: "matches"), name: "matches",
            call: AggregateCall(.count, argument: nil, type: .bigint))
        let distinct = Plan.aggregate(Aggregate(input: right, keys: keys, aggregates: [matches]))
        try attach(
            Attachment(kind: .left, right: distinct, condition: .all(conditions), position: position))
        return Expression(.call(.isNotNull, [.column(matches.column)]), .boolean, at: position)
    }

    private func name(of expression: Expression) -> String {
        guard case .column(let id) = expression.node, let display = session.displayNames[id] else {
            return "key"
        }
        return display.split(separator: ".").last.map(String.init) ?? display
    }

    /// The lifted conditions as pairs of an expression of this query and one of the query around.
    func equalities(_ around: Scope) throws(SQLFault) -> [(inner: Expression, outer: Expression)] {
        let outerIDs = around.entries.reduce(into: Set<ColumnID>()) {
            $1.expression.collectColumns(into: &$0)
        }
        var pairs: [(inner: Expression, outer: Expression)] = []
        for condition in correlation {
            guard case .call(.equal, let sides) = condition.node else { throw notEquality(condition) }
            let isOuter = sides.map { !$0.columnIDs.isEmpty && $0.columnIDs.isSubset(of: outerIDs) }
            let isInner = sides.map { !$0.columnIDs.isEmpty && $0.columnIDs.isDisjoint(with: outerIDs) }
            if isInner[0], isOuter[1] {
                pairs.append((sides[0], sides[1]))
            } else if isOuter[0], isInner[1] {
                pairs.append((sides[1], sides[0]))
            } else {
                throw notEquality(condition)
            }
        }
        return pairs
    }

    private func notEquality(_ condition: Expression) -> SQLFault {
        .unsupported(
            "a condition other than equality between this sub-query and the query around it",
            "Correlate by equality, such as inner.person = outer.person; join for anything else.",
            at: condition.position)
    }
}
