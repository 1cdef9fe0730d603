package import Core

extension BoundQuery {
    /// The types that literals at certain places of the statement were given by what stands around them: so a
    /// parameter's type is found, with NULL in its place. Those of no type, or that nothing reads, are left out.
    /// - Parameter positions: in characters, from 1.
    package func literalTypes(at positions: Set<Int>) -> [Int: ColumnType] {
        var types: [Int: ColumnType] = [:]
        plan.visitExpressions { expression in
            guard case .literal = expression.node, let position = expression.position,
                positions.contains(position), expression.type != .unknown
            else { return }
            types[position] = expression.type
        }
        return types
    }
}

extension Plan {
    /// Every expression of the plan, with its parts.
    fileprivate func visitExpressions(_ body: (Expression) -> Void) {
        func visit(_ expression: Expression) {
            body(expression)
            expression.parts.forEach(visit)
        }
        switch self {
        case .scan, .fragment, .statistic: break
        case .filter(let filter):
            visit(filter.predicate)
            filter.input.visitExpressions(body)
        case .join(let join):
            visit(join.condition)
            join.left.visitExpressions(body)
            join.right.visitExpressions(body)
        case .project(let project):
            project.columns.forEach { visit($0.expression) }
            project.input.visitExpressions(body)
        case .aggregate(let aggregate):
            aggregate.keys.forEach { visit($0.expression) }
            for column in aggregate.aggregates {
                column.call.argument.map(visit)
                column.call.filter.map(visit)
            }
            aggregate.input.visitExpressions(body)
        case .window(let window):
            for column in window.columns {
                (column.arguments + column.partition + column.order.map(\.expression)).forEach(visit)
            }
            window.input.visitExpressions(body)
        case .distinct(let input): input.visitExpressions(body)
        case .sort(let sort):
            sort.keys.forEach { visit($0.expression) }
            sort.input.visitExpressions(body)
        case .limit(let limit): limit.input.visitExpressions(body)
        case .setOperation(let operation):
            operation.left.visitExpressions(body)
            operation.right.visitExpressions(body)
        case .values(let values): values.rows.forEach { $0.forEach(visit) }
        }
    }
}
