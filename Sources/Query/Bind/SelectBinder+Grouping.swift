internal import Core

extension SelectBinder {
    /// The targets with `*` written out.
    func expandStars(_ targets: [TargetSyntax]) throws(SQLFault) -> [TargetSyntax] {
        var result: [TargetSyntax] = []
        for target in targets {
            guard case .star(let qualifier) = target.expression.node else {
                result.append(target)
                continue
            }
            guard let entries = scope.star(qualifier), !entries.isEmpty else {
                guard let qualifier else {
                    throw SQLFault(
                        .syntaxError, "SELECT * with no tables specified is not valid",
                        position: target.expression.position)
                }
                throw scope.unresolved([qualifier, "*"], at: target.expression.position)
            }
            for entry in entries {
                let path = [entry.qualifier, entry.name].compactMap(\.self)
                let column = ExpressionSyntax(node: .column(path), position: target.expression.position)
                result.append(TargetSyntax(expression: column, alias: nil))
            }
        }
        return result
    }

    /// Binds GROUP BY. Targets that it names by place or alias are bound on the way.
    ///
    /// - Returns: those targets, by place.
    func bindGroups(
        _ groups: [ExpressionSyntax], _ groupSets: [[Int]]?, _ targets: [TargetSyntax]
    ) throws(SQLFault) -> [Int: Expression] {
        clause = .groups
        var grouped: [Int: Expression] = [:]
        var places: [Int] = []
        for syntax in groups {
            let expression: Expression
            if let index = try groupedTarget(syntax, targets) {
                if let known = grouped[index] {
                    expression = known
                } else {
                    expression = try typed(targets[index].expression)
                }
                grouped[index] = expression
            } else {
                expression = try typed(syntax)
            }
            if let known = keys.firstIndex(where: { $0.expression == expression }) {
                places.append(known)
            } else {
                let name = ColumnNaming.name(of: syntax)
                let key = session.computed(name, expression)
                places.append(keys.count)
                keys.append(Key(id: key.id, expression: expression, name: name))
            }
        }
        sets = groupSets?.map { set in
            set.reduce(into: []) { if !$0.contains(places[$1]) { $0.append(places[$1]) } }
        }
        return grouped
    }

    /// The place of the target that an item of GROUP BY means: by number, or by an alias that is no column
    /// of FROM.
    private func groupedTarget(
        _ syntax: ExpressionSyntax, _ targets: [TargetSyntax]
    ) throws(SQLFault) -> Int? {
        switch syntax.node {
        case .integer(let place):
            guard place >= 1, place <= targets.count else {
                throw Self.noSuchPlace(place, "GROUP BY", syntax.position)
            }
            return Int(place) - 1
        case .number, .string, .boolean, .null:
            throw SQLFault(.syntaxError, "non-integer constant in GROUP BY", position: syntax.position)
        case .column(let path) where path.count == 1 && scope.matches(path).isEmpty:
            return targets.firstIndex { ColumnNaming.name(of: $0) == path[0] }
        default: return nil
        }
    }

    /// An expression whose type is known: an untyped literal is text.
    func typed(_ syntax: ExpressionSyntax) throws(SQLFault) -> Expression {
        let bound = try expression(syntax)
        return bound.type == .unknown ? try Coercion.implicit(bound, to: .text) : bound
    }

    func bindTargets(_ syntax: [TargetSyntax], _ grouped: [Int: Expression]) throws(SQLFault) {
        clause = .targets
        for (index, target) in syntax.enumerated() {
            let known = (aggregates: aggregates.count, windows: windows.count)
            let expression: Expression
            if let bound = grouped[index] {
                expression = bound
            } else {
                let bound = try self.expression(target.expression)
                if bound.type == .unknown { untyped.insert(index) }
                expression = bound.type == .unknown ? try Coercion.implicit(bound, to: .text) : bound
            }
            if let alias = target.alias { rename(expression, to: alias, from: known) }
            targets.append(Target(expression: expression, name: ColumnNaming.name(of: target)))
        }
    }

    /// An aggregate or window function that is a target of its own bears the target's name.
    private func rename(
        _ expression: Expression, to alias: String, from first: (aggregates: Int, windows: Int)
    ) {
        guard case .column(let id) = expression.node else { return }
        if let index = aggregates[first.aggregates...].firstIndex(where: { $0.id == id }) {
            aggregates[index] = AggregateColumn(id: id, name: alias, call: aggregates[index].call)
        }
        if let index = windows[first.windows...].firstIndex(where: { $0.id == id }) {
            let old = windows[index]
            windows[index] = Window.Column(
                id: id, name: alias, function: old.function, arguments: old.arguments,
                partition: old.partition, order: old.order, frame: old.frame, type: old.type)
        }
    }

    func bindOrder(
        _ syntax: [OrderSyntax], _ targetSyntax: [TargetSyntax], isDistinct: Bool
    ) throws(SQLFault) {
        clause = .order
        for item in syntax {
            order.append(
                SortKey(
                    expression: try orderedExpression(item.expression), ascending: item.ascending,
                    nullsFirst: item.nullsFirst))
        }
    }

    func orderedExpression(_ syntax: ExpressionSyntax) throws(SQLFault) -> Expression {
        switch syntax.node {
        case .integer(let place):
            guard place >= 1, place <= targets.count else {
                throw Self.noSuchPlace(place, "ORDER BY", syntax.position)
            }
            return targets[Int(place) - 1].expression
        case .number, .string, .boolean, .null:
            throw SQLFault(.syntaxError, "non-integer constant in ORDER BY", position: syntax.position)
        case .column(let path) where path.count == 1:
            let named = targets.filter { $0.name == path[0] }
            guard let first = named.first else { return try typed(syntax) }
            guard named.allSatisfy({ $0.expression == first.expression }) else {
                throw SQLFault(
                    .ambiguousColumn, "ORDER BY \"\(path[0])\" is ambiguous", position: syntax.position)
            }
            return first.expression
        default: return try typed(syntax)
        }
    }

    /// Adds GROUP BY to the plan and rewrites what stands above it over its keys.
    func aggregate() throws(SQLFault) {
        var columns = keys.map { key in
            let name = targets.first { $0.expression == key.expression }?.name ?? key.name
            return ComputedColumn(id: key.id, name: name, expression: key.expression)
        }
        if sets != nil || !groupings.isEmpty {
            try aggregateBySets(columns.map(\.name))
        } else {
            if !correlation.isEmpty { try groupByCorrelation(&columns) }
            plan = .aggregate(Aggregate(input: plan, keys: columns, aggregates: aggregates))
        }

        var ids: [Expression: ColumnID] = [:]
        for key in keys { ids[key.expression] = key.id }
        var offered = Set(plan.columns.map(\.id)).union(windows.map(\.id))
        for attachment in above { offered.formUnion(attachment.right.columns.map(\.id)) }
        let rewrite = GroupRewrite(keys: ids, offered: offered, names: session.displayNames)

        for index in targets.indices {
            targets[index].expression = try rewrite(targets[index].expression)
        }
        if let condition = having { having = try rewrite(condition) }
        order = try rewrite(order)
        distinctOn = try rewrite(distinctOn)
        for index in above.indices {
            let old = above[index]
            above[index] = Attachment(
                kind: old.kind, right: old.right, condition: try rewrite(old.condition),
                position: old.position)
        }
        for index in windows.indices {
            let old = windows[index]
            windows[index] = Window.Column(
                id: old.id, name: old.name, function: old.function, arguments: try rewrite(old.arguments),
                partition: try rewrite(old.partition), order: try rewrite(old.order),
                frame: old.frame, type: old.type)
        }
    }

    /// A sub-query that aggregates does so for each value of the columns it is correlated by: they become
    /// keys, and its conditions equalities on them.
    private func groupByCorrelation(_ columns: inout [ComputedColumn]) throws(SQLFault) {
        guard let outer else { return }
        let pairs = try equalities(outer)
        guard !keys.isEmpty || having == nil else {
            throw .unsupported(
                "HAVING without GROUP BY in a sub-query", "Add GROUP BY person to it.",
                at: correlation[0].position)
        }
        correlation = []
        for pair in pairs {
            let key: ComputedColumn
            if let known = columns.first(where: { $0.expression == pair.inner }) {
                key = known
            } else {
                key = session.computed(ColumnNaming.lastPart(session.displayName(of: pair.inner)), pair.inner)
                columns.append(key)
            }
            correlation.append(
                Expression(
                    .call(.equal, [.column(key.column), pair.outer]), .boolean, at: pair.inner.position))
        }
    }
}

/// Rewrites an expression over the input of GROUP BY into one over its output.
private struct GroupRewrite {
    let keys: [Expression: ColumnID]
    let offered: Set<ColumnID>
    let names: [ColumnID: String]

    func callAsFunction(_ expression: Expression) throws(SQLFault) -> Expression {
        try expression.replacing { (part: Expression) throws(SQLFault) in
            if case .literal = part.node { return nil }
            if let id = keys[part] { return Expression(.column(id), part.type, at: part.position) }
            guard case .column(let id) = part.node, !offered.contains(id) else { return nil }
            throw SQLFault(
                .groupingError,
                "column \"\(names[id] ?? "?")\" must appear in the GROUP BY clause "
                    + "or be used in an aggregate function",
                position: part.position)
        }
    }

    func callAsFunction(_ expressions: [Expression]) throws(SQLFault) -> [Expression] {
        var result: [Expression] = []
        for expression in expressions { result.append(try self(expression)) }
        return result
    }

    func callAsFunction(_ keys: [SortKey]) throws(SQLFault) -> [SortKey] {
        var result: [SortKey] = []
        for key in keys {
            result.append(
                SortKey(
                    expression: try self(key.expression), ascending: key.ascending, nullsFirst: key.nullsFirst
                ))
        }
        return result
    }
}
