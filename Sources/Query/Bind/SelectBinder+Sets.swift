internal import Core

extension SelectBinder {
    /// `grouping(a, b)`: a bit for each key, set where the row is of a set without it.
    func grouping(_ syntax: [ExpressionSyntax], at position: Int?) throws(SQLFault) -> Expression {
        guard clause.allowsAggregates else {
            throw SQLFault(
                .groupingError, "grouping operations are not allowed in \(clause.name)", position: position)
        }
        guard syntax.count < 32 else {
            throw SQLFault(
                .programLimitExceeded, "GROUPING must have fewer than 32 arguments", position: position)
        }
        let id = session.newID(display: "grouping")
        groupings.append((id, try expressions(syntax)))
        return Expression(.column(id), .integer, at: position)
    }

    /// Adds one aggregate a set, each over rows of its own, one above the other: people do not add up from finer
    /// cells (planner.md, "The canonical fragment"), so that each set is a question by itself.
    func aggregateBySets(_ names: [String]) throws(SQLFault) {
        guard correlation.isEmpty else {
            throw .unsupported(
                "GROUPING SETS, ROLLUP, CUBE or grouping() in a correlated sub-query", "GROUP BY person in it.",
                at: correlation[0].position)
        }
        let masks = try groupings.map { (call) throws(SQLFault) in try keyPlaces(call.arguments) }
        let columns =
            zip(keys, names).map { PlanColumn(id: $0.id, name: $1, type: $0.expression.type) }
            + groupings.map { PlanColumn(id: $0.id, name: "grouping", type: .integer) }
            + aggregates.map(\.column)
        let input = plan
        var result: Plan?
        let sets = sets ?? [Array(keys.indices)]
        for (index, set) in sets.enumerated() {
            for expression in keys.map(\.expression) { try session.chargeCopy(of: expression) }
            if index > 0 { try session.chargeRelations(of: input) }
            let side = side(of: set, over: input, names, masks)
            guard let left = result else {
                result = side
                continue
            }
            let isLast = index == sets.count - 1
            result = .setOperation(
                SetOperation(
                    kind: .union, all: true, left: left, right: side,
                    columns: isLast
                        ? columns
                        : columns.map { PlanColumn(id: session.newID(), name: $0.name, type: $0.type) }))
        }
        guard let result else { return }
        plan = sets.count == 1 ? Self.renaming(result, to: columns) : result
    }

    private static func renaming(_ plan: Plan, to columns: [PlanColumn]) -> Plan {
        .project(
            Project(
                input: plan,
                columns: zip(plan.columns, columns).map { own, column in
                    ComputedColumn(id: column.id, name: column.name, expression: .column(own))
                }))
    }

    /// One set's aggregate, with NULL for the keys that it lacks.
    private func side(of set: [Int], over input: Plan, _ names: [String], _ masks: [[Int]]) -> Plan {
        let (copy, ids) = input.copied { [session] in session.newID() }
        let map = ids.mapValues { Expression(.column($0), .unknown) }
        var own: [Int: ComputedColumn] = [:]
        for place in set {
            own[place] = ComputedColumn(
                id: session.newID(), name: names[place], expression: keys[place].expression.substituting(map))
        }
        let calls = aggregates.map { column in
            let column = column.substituting(map)
            return AggregateColumn(id: session.newID(), name: column.name, call: column.call)
        }
        let aggregate = Plan.aggregate(
            Aggregate(input: copy, keys: set.compactMap { own[$0] }, aggregates: calls))
        var offered: [ComputedColumn] = keys.indices.map { place in
            let missing = Expression(.literal(.null), keys[place].expression.type)
            return ComputedColumn(
                id: session.newID(), name: names[place],
                expression: own[place].map { .column($0.column) } ?? missing)
        }
        for mask in masks {
            let bits = mask.reduce(0) { $0 << 1 | (set.contains($1) ? 0 : 1) }
            offered.append(
                ComputedColumn(
                    id: session.newID(), name: "grouping",
                    expression: Expression(.literal(.integer(Int64(bits))), .integer)))
        }
        offered += calls.map {
            ComputedColumn(id: session.newID(), name: $0.name, expression: .column($0.column))
        }
        return .project(Project(input: aggregate, columns: offered))
    }

    func keyPlaces(_ arguments: [Expression]) throws(SQLFault) -> [Int] {
        var places: [Int] = []
        for argument in arguments {
            guard let place = keys.firstIndex(where: { $0.expression == argument }) else {
                throw SQLFault(
                    .groupingError, "arguments to GROUPING must be grouping expressions of the associated query level",
                    position: argument.position)
            }
            places.append(place)
        }
        return places
    }
}
