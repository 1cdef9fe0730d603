internal import Core

extension SelectBinder {
    /// `FROM …, LATERAL (SELECT … WHERE inner.person = outer.person …) alias`: its conditions on the tables before it
    /// become those of a join.
    func bindLateral(
        _ query: QuerySyntax, _ alias: AliasSyntax, isLeft: Bool, at position: Int?
    ) throws(SQLFault) {
        guard let child = try child(query), !child.correlation.isEmpty else {
            guard !isLeft else { throw Self.uncorrelated(at: position) }
            let relation = try QueryBinder(session: session, environment: environment, outer: nil).bind(query)
            scope = try scope.joined(
                with: try named(relation.output, alias.name, alias.columnNames, position))
            plan = .join(
                Join(
                    kind: .cross, left: plan, right: relation.plan, condition: .boolean(true),
                    position: position))
            return
        }
        // An aggregate without keys has a row for every outer row, found or not.
        let isWhole = child.isAggregated && child.keys.isEmpty && child.having == nil
        var values: [Expression] = []
        var right = child.plan
        if isWhole {
            for target in child.targets { values.append(try child.overMissing(target.expression)) }
        } else {
            let results = child.targets.map { session.computed($0.name, $0.expression) }
            let read = child.correlation.reduce(into: Set<ColumnID>()) { $1.collectColumns(into: &$0) }
            let kept = child.plan.columns.filter { read.contains($0.id) }.map {
                ComputedColumn(id: $0.id, name: $0.name, expression: .column($0))
            }
            right = .project(Project(input: child.plan, columns: kept + results))
            values = results.map { .column($0.column) }
        }
        let isOuter = isLeft || isWhole
        if isOuter { for column in right.columns { session.notNull.remove(column.id) } }
        let names = child.targets.enumerated().map { index, target in
            index < alias.columnNames.count ? alias.columnNames[index] : target.name
        }
        let columns = Scope(
            qualifier: alias.name,
            entries: zip(names, values).map { Scope.Entry(qualifier: alias.name, name: $0, expression: $1) })
        scope = try scope.joined(with: columns, at: position)
        plan = .join(
            Join(
                kind: isOuter ? .left : .inner, left: plan, right: right, condition: .all(child.correlation),
                position: position))
    }

    /// `left JOIN LATERAL (…) alias ON true`.
    func bindLateralJoin(
        _ join: JoinSyntax, _ left: Plan, _ leftScope: Scope, _ query: QuerySyntax, _ alias: AliasSyntax,
        at position: Int?
    ) throws(SQLFault) -> (Plan, Scope) {
        switch join.constraint {
        case .none: break
        case .on(let condition):
            guard case .boolean(true) = condition.node else { throw Self.onTrue(at: condition.position) }
        case .using: throw Self.onTrue(at: position)
        }
        guard join.kind == .inner || join.kind == .left else {
            throw .unsupported(
                "RIGHT or FULL JOIN LATERAL", "Write LEFT JOIN LATERAL … ON true.", at: position)
        }
        let saved = (plan, scope, clause)
        (plan, scope, clause) = (left, leftScope, .filter)
        try bindLateral(query, alias, isLeft: join.kind == .left, at: position)
        let result = (plan, scope)
        (plan, scope, clause) = saved
        return result
    }

    private static func onTrue(at position: Int?) -> SQLFault {
        .unsupported(
            "a condition on a LATERAL join", "Put it into the sub-query's WHERE and write ON true.",
            at: position)
    }

    private static func uncorrelated(at position: Int?) -> SQLFault {
        .unsupported(
            "LEFT JOIN LATERAL of a sub-query that names nothing of the tables before it",
            "Correlate it: WHERE inner.person = outer.person; or leave LATERAL out.", at: position)
    }

    // MARK: generate_series

    /// Rows of constants: numbers by 1 or a step, or days and times by an interval.
    func bindSeries(
        _ call: CallSyntax, _ alias: AliasSyntax?, at position: Int?
    ) throws(SQLFault) -> (Plan, Scope) {
        let saved = clause
        clause = .values
        defer { clause = saved }
        let arguments = try expressions(call.arguments)
        let (type, values) = try Series.values(arguments, at: position)
        let name = alias?.name ?? "generate_series"
        let names = [alias?.columnNames.first ?? name] + (alias?.columnNames.dropFirst() ?? [])
        // What VALUES calls it: a plan that is printed and bound again has the same names.
        let column = PlanColumn(id: session.newID(display: names[0]), name: "column1", type: type)
        let rows = values.map { [Expression(.literal($0), type, at: position)] }
        guard !rows.isEmpty else {
            // VALUES has a row at least.
            let none = Plan.values(
                Values(rows: [[Expression(.literal(.null), type)]], columns: [column]))
            return (
                .filter(Filter(input: none, predicate: .boolean(false))),
                try named([column], name, names, position)
            )
        }
        return (
            .values(Values(rows: rows, columns: [column])),
            try named([column], name, names, position)
        )
    }
}
