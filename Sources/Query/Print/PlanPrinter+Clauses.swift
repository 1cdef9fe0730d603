import Core

extension PlanPrinter {
    mutating func filter(_ filter: Filter) -> SelectBlock {
        var block = self.block(filter.input)
        if !block.isOpen || block.isDistinct { block = wrapped(block) }
        block = apart(block, [filter.predicate])
        let conditions = conjuncts(filter.predicate, printer(block))
        if block.isGrouped {
            block.having += conditions
        } else {
            block.conditions += conditions
        }
        return block
    }

    mutating func project(_ project: Project) -> SelectBlock {
        var block = self.block(project.input)
        if block.body != nil || block.isDistinct
            || (block.select != nil && block.order.isEmpty && !block.isLimited)
        {
            let keys = block.orderKeys
            block = wrapped(block)
            // The order of a derived table is nobody's promise.
            let outer = printer(block)
            block.order = keys.map { outer.sortKey($0) }
            block.orderKeys = keys
        }
        block = apart(block, project.columns.map(\.expression))
        let printer = printer(block)
        let texts = project.columns.map { printer($0.expression) }
        block.select = texts
        block.offered = project.columns.map(\.column)
        for (column, text) in zip(project.columns, texts) { block.columns[column.id] = text }
        return block
    }

    /// The block, as a derived table if a guard of the expressions would hold an aggregate or window of it: PostgreSQL
    /// takes none in VALUES, and would count `count(*)` among the rows of those; DuckDB takes none in TRY, and in HAVING
    /// none beside a lambda.
    private mutating func apart(_ block: SelectBlock, _ expressions: [Expression]) -> SelectBlock {
        guard block.isGrouped || block.hasWindow, block.select == nil, block.order.isEmpty, !block.isLimited,
            dialect != .logical
        else { return block }
        let printer = printer(block)
        let guards = dialect.isPostgreSQL ? ["FROM (VALUES"] : ["TRY(", "list_transform("]
        let binds = expressions.contains { expression in
            let text = printer(expression).text
            return guards.contains { text.contains($0) }
        }
        return binds ? wrapped(block) : block
    }

    mutating func aggregate(_ aggregate: Aggregate) -> SelectBlock {
        let aggregate = Self.withoutConstantKeys(aggregate)
        var block = rows(aggregate.input)
        let printer = printer(block)
        block.isGrouped = true
        block.offered = aggregate.keys.map(\.column) + aggregate.aggregates.map(\.column)
        for key in aggregate.keys {
            let text = printer(key.expression)
            block.columns[key.id] = text
            block.groups.append(text.text)
        }
        for column in aggregate.aggregates { block.columns[column.id] = printer.aggregate(column.call) }
        if aggregate.keys.isEmpty && aggregate.aggregates.isEmpty { block.groups = ["()"] }
        return block
    }

    /// SQL reads a constant in GROUP BY as a place in the select list, or refuses it: it becomes a column
    /// below. (A cast of one is folded when it is bound again.)
    private static func withoutConstantKeys(_ aggregate: Aggregate) -> Aggregate {
        let constants = aggregate.keys.filter {
            if case .literal = $0.expression.withoutCasts.node { true } else { false }
        }
        guard !constants.isEmpty else { return aggregate }
        let kept = aggregate.input.columns.map {
            ComputedColumn(id: $0.id, name: $0.name, expression: Expression(.column($0.id), $0.type))
        }
        let keys = aggregate.keys.map { key in
            guard constants.contains(key) else { return key }
            let column = Expression(.column(key.id), key.expression.type)
            return ComputedColumn(id: key.id, name: key.name, expression: column)
        }
        let input = Plan.project(Project(input: aggregate.input, columns: kept + constants))
        return Aggregate(input: input, keys: keys, aggregates: aggregate.aggregates)
    }

    mutating func window(_ window: Window) -> SelectBlock {
        var block = self.block(window.input)
        if !block.isOpen || block.isDistinct { block = wrapped(block) }
        block = apart(
            block, window.columns.flatMap { $0.arguments + $0.partition + $0.order.map(\.expression) })
        let printer = printer(block)
        for column in window.columns {
            block.columns[column.id] = printer.window(column)
            block.offered.append(PlanColumn(id: column.id, name: column.name, type: column.type))
        }
        block.hasWindow = true
        return block
    }

    mutating func distinct(_ input: Plan) -> SelectBlock {
        var block = self.block(input)
        if block.isDistinct || !block.order.isEmpty || block.isLimited || block.body != nil {
            block = wrapped(block)
        }
        block.isDistinct = true
        return block
    }

    mutating func sort(_ sort: Sort) -> SelectBlock {
        var block = self.block(sort.input)
        if !block.order.isEmpty || block.isLimited { block = wrapped(block) }
        if block.body != nil || block.isDistinct {
            // There only names of the result may be ordered by.
            let isPlain = sort.keys.allSatisfy {
                if case .column = $0.expression.node { true } else { false }
            }
            if isPlain && !dialect.isPostgreSQL {
                if block.body == nil { block.select = block.selected }
                for (column, name) in zip(block.offered, names(block.offered)) {
                    block.columns[column.id] = SQLText(name)
                }
            } else {
                block = wrapped(block)
            }
        }
        let printer = printer(block)
        block.orderKeys = sort.keys.filter { key in
            if case .literal = key.expression.node { false } else { true }
        }
        block.order = block.orderKeys.map { printer.sortKey($0) }
        return block
    }

    mutating func limit(_ limit: Limit) -> SelectBlock {
        var block = self.block(limit.input)
        if block.isLimited { block = wrapped(block) }
        block.limit = limit.count
        block.offset = limit.offset
        return block
    }

    mutating func setOperation(_ operation: SetOperation) -> SelectBlock {
        let left = side(operation.left, operation.columns)
        let right = side(operation.right, operation.columns)
        let words = operation.kind.rawValue.uppercased() + (operation.all ? " ALL" : "")
        var block = SelectBlock(body: "\(left)\n\(words)\n\(right)")
        block.offered = operation.columns
        for (column, name) in zip(operation.columns, names(operation.columns)) {
            block.columns[column.id] = SQLText(name)
        }
        return block
    }

    private mutating func side(_ plan: Plan, _ columns: [PlanColumn]) -> String {
        let block = self.block(plan)
        return "(" + SelectBlock.indented("\n" + block.render(names: names(columns))) + "\n)"
    }
}
