internal import Core

/// Binds a query with its WITH, ORDER BY and LIMIT clauses.
struct QueryBinder {
    let session: BindSession
    let environment: Environment
    /// The columns of the query around this one, which WHERE may name.
    let outer: Scope?

    func bind(_ query: QuerySyntax) throws(SQLFault) -> BoundRelation {
        try session.nested { () throws(SQLFault) in
            let inner = extended(by: query.with)
            let relation = try QueryBinder(session: session, environment: inner, outer: outer)
                .bindOrdered(query)
            try inner.bindUnused(query.with, session)
            return try limited(relation, query)
        }
    }

    /// The environment with the common tables of a WITH clause.
    func extended(by tables: [CommonTableSyntax]) -> Environment {
        var result = environment
        for table in tables { result.add(table) }
        return result
    }

    private func bindOrdered(_ query: QuerySyntax) throws(SQLFault) -> BoundRelation {
        switch query.body {
        case .select(let select):
            let binder = SelectBinder(session: session, environment: environment, outer: outer)
            try binder.bind(select, order: query.order)
            guard binder.correlation.isEmpty else {
                throw .unsupported(
                    "a reference to the query around it in this sub-query",
                    "Leave LIMIT and set operations out of it, or join instead.",
                    at: binder.correlation[0].position)
            }
            return try binder.projected(isDistinct: select.isDistinct)
        case .values(let rows): return try ordered(try values(rows), query.order)
        case .setOperation(let kind, let all, let left, let right):
            let relation = try setOperation(kind, all: all, try bind(left), try bind(right))
            return try ordered(relation, query.order)
        }
    }

    private func values(_ rows: [[ExpressionSyntax]]) throws(SQLFault) -> BoundRelation {
        let binder = SelectBinder(session: session, environment: environment, outer: nil)
        binder.clause = .values
        var bound: [[Expression]] = []
        for row in rows { bound.append(try binder.expressions(row)) }
        let width = bound[0].count
        guard bound.allSatisfy({ $0.count == width }) else {
            throw SQLFault(
                .syntaxError, "VALUES lists must all be the same length",
                position: bound.first { $0.count != width }?.first?.position)
        }
        var columns: [PlanColumn] = []
        for index in 0..<width {
            let type = try binder.commonType(bound.map { $0[index] }, of: "VALUES")
            for row in bound.indices {
                bound[row][index] = try Coercion.implicit(bound[row][index], to: type)
            }
            let name = "column\(index + 1)"
            columns.append(PlanColumn(id: session.newID(display: name), name: name, type: type))
        }
        return BoundRelation(plan: .values(Values(rows: bound, columns: columns)), output: columns)
    }

    private func setOperation(
        _ kind: SetOperation.Kind, all: Bool, _ left: BoundRelation, _ right: BoundRelation
    ) throws(SQLFault) -> BoundRelation {
        let word = kind.rawValue.uppercased()
        guard left.output.count == right.output.count else {
            throw SQLFault(.syntaxError, "each \(word) query must have the same number of columns")
        }
        var columns: [PlanColumn] = []
        for (index, (a, b)) in zip(left.output, right.output).enumerated() {
            let types = [
                left.untyped.contains(index) ? .unknown : a.type,
                right.untyped.contains(index) ? .unknown : b.type,
            ]
            guard let type = Coercion.common(types) else {
                throw SQLFault(
                    .datatypeMismatch,
                    "\(word) types \(a.type.rawValue) and \(b.type.rawValue) cannot be matched")
            }
            let id = session.newID(display: a.name)
            if [a, b].allSatisfy({ session.notNull.contains($0.id) }) { session.notNull.insert(id) }
            columns.append(PlanColumn(id: id, name: a.name, type: type))
        }
        let operation = SetOperation(
            kind: kind, all: all, left: try side(left, columns), right: try side(right, columns),
            columns: columns)
        return BoundRelation(plan: .setOperation(operation), output: columns)
    }

    /// One side of a set operation, with exactly the columns that it gives, in their types.
    private func side(_ relation: BoundRelation, _ columns: [PlanColumn]) throws(SQLFault) -> Plan {
        if zip(relation.output, columns).allSatisfy({ $0.type == $1.type }) {
            return relation.exact(session).plan
        }
        var expressions = relation.output.map { Expression.column($0) }
        var input = relation.plan
        if case .project(let project) = input, project.columns.map(\.id) == relation.output.map(\.id) {
            expressions = project.columns.map(\.expression)
            input = project.input
        }
        var computed: [ComputedColumn] = []
        for (index, column) in columns.enumerated() {
            var expression = expressions[index]
            if relation.untyped.contains(index) {
                expression = Expression(expression.node, .unknown, at: expression.position)
            }
            expression = try Coercion.implicit(expression, to: column.type)
            computed.append(session.computed(relation.output[index].name, expression))
        }
        return .project(Project(input: input, columns: computed))
    }

    /// ORDER BY of VALUES and set operations: names and places of the result only.
    private func ordered(_ relation: BoundRelation, _ order: [OrderSyntax]) throws(SQLFault) -> BoundRelation
    {
        guard !order.isEmpty else { return relation }
        var keys: [SortKey] = []
        for item in order {
            let column: PlanColumn
            switch item.expression.node {
            case .integer(let place):
                guard place >= 1, place <= relation.output.count else {
                    throw SelectBinder.noSuchPlace(place, "ORDER BY", item.expression.position)
                }
                column = relation.output[Int(place) - 1]
            case .column(let path) where path.count == 1:
                guard let found = relation.output.first(where: { $0.name == path[0] }) else {
                    throw SQLFault(
                        .undefinedColumn, "column \"\(path[0])\" does not exist",
                        position: item.expression.position)
                }
                column = found
            default:
                throw SQLFault(
                    .featureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
                    hint: "Order by a column of the result, or by its place.",
                    position: item.expression.position)
            }
            keys.append(
                SortKey(expression: .column(column), ascending: item.ascending, nullsFirst: item.nullsFirst))
        }
        return BoundRelation(
            plan: .sort(Sort(input: relation.plan, keys: keys)), output: relation.output)
    }

    private func limited(_ relation: BoundRelation, _ query: QuerySyntax) throws(SQLFault) -> BoundRelation {
        let count = try Self.constant(query.limit, "LIMIT")
        let offset = try Self.constant(query.offset, "OFFSET") ?? 0
        guard count != nil || offset > 0 else { return relation }
        return BoundRelation(
            plan: .limit(Limit(input: relation.plan, count: count, offset: offset)), output: relation.output)
    }

    /// The number of LIMIT or OFFSET; nil for NULL and ALL.
    static func constant(_ syntax: ExpressionSyntax?, _ clause: String) throws(SQLFault) -> Int? {
        switch syntax?.node {
        case nil, .null: return nil
        case .integer(let number):
            guard number >= 0 else {
                throw SQLFault(
                    SQLState(rawValue: clause == "LIMIT" ? "2201W" : "2201X"),
                    "\(clause) must not be negative", position: syntax?.position)
            }
            return Int(number)
        case .string(let text) where Int(text).map { $0 >= 0 } ?? false: return Int(text)
        default:
            throw .unsupported("an expression in \(clause)", "Write a whole number.", at: syntax?.position)
        }
    }
}

extension Environment {
    /// Binds the common tables that nothing read, so that what is wrong in them is said.
    func bindUnused(_ tables: [CommonTableSyntax], _ session: BindSession) throws(SQLFault) {
        for syntax in tables where !session.readTables.contains(syntax.position ?? 0) {
            guard let table = self.tables[syntax.name] else { continue }
            _ = try QueryBinder(session: session, environment: table.environment, outer: nil)
                .bind(table.syntax.query)
        }
    }
}
