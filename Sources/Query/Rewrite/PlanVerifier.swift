package import Core

/// Checks that a plan hangs together: every column that is read is offered below with the same type, and no
/// node offers one id twice.
///
/// Runs after binding and after every rewrite rule. What it finds is a defect of Concordat, not of the
/// statement: XX000.
package enum PlanVerifier {
    package static func verify(_ plan: Plan) throws(SQLFault) {
        try PlanDepth.check(plan)
        _ = try types(of: plan)
    }

    /// Also that everything the statement returns is offered at the top.
    package static func verify(_ query: BoundQuery) throws(SQLFault) {
        try PlanDepth.check(query.plan)
        let types = try types(of: query.plan)
        for column in query.output {
            guard types[column.id] == column.type else { throw broken("an output column is not offered") }
        }
    }

    private static func types(of plan: Plan) throws(SQLFault) -> [ColumnID: ColumnType] {
        var visible: [ColumnID: ColumnType] = [:]
        for input in plan.inputs {
            let offered = try types(of: input)
            if case .setOperation = plan { continue }
            for (id, type) in offered {
                guard visible.updateValue(type, forKey: id) == nil else {
                    throw broken("two sides share a column")
                }
            }
        }
        for expression in plan.expressions { try check(expression, visible) }
        try checkShape(plan)
        return try offered(plan, visible)
    }

    private static func offered(
        _ plan: Plan, _ visible: [ColumnID: ColumnType]
    ) throws(SQLFault) -> [ColumnID: ColumnType] {
        var offered: [ColumnID: ColumnType] = [:]
        for column in plan.columns {
            guard offered.updateValue(column.type, forKey: column.id) == nil else {
                throw broken("a column is offered twice")
            }
            let isNew = visible[column.id] == nil
            switch plan {
            case .project(let project):
                guard isNew || project.passes(column.id) else {
                    throw broken("a computed column takes the id of another")
                }
            case .aggregate, .scan, .values, .fragment, .statistic, .setOperation:
                guard isNew else { throw broken("a new column takes the id of an older one") }
            case .filter, .join, .distinct, .sort, .limit:
                guard !isNew else { throw broken("a column appears from nowhere") }
            case .window: break
            }
        }
        return offered
    }

    private static func checkShape(_ plan: Plan) throws(SQLFault) {
        switch plan {
        case .filter(let filter):
            guard isCondition(filter.predicate) else { throw broken("a filter is not boolean") }
        case .join(let join):
            guard isCondition(join.condition) else { throw broken("a join condition is not boolean") }
        case .setOperation(let operation):
            for side in [operation.left, operation.right] {
                guard side.columns.map(\.type) == operation.columns.map(\.type) else {
                    throw broken("the sides of a set operation differ in type")
                }
            }
        case .values(let values):
            for row in values.rows {
                guard row.count == values.columns.count else { throw broken("a row of VALUES has gaps") }
            }
        default: break
        }
    }

    private static func isCondition(_ expression: Expression) -> Bool {
        expression.type == .boolean || expression.type == .unknown
    }

    private static func check(
        _ expression: Expression, _ visible: [ColumnID: ColumnType]
    ) throws(SQLFault) {
        if let column = expression.plainColumn {
            guard let type = visible[column] else { throw broken("a column is not offered below") }
            guard type == expression.type else { throw broken("a column changes its type") }
        }
        for child in expression.children { try check(child, visible) }
    }

    private static func broken(_ what: String) -> SQLFault {
        SQLFault(.internalError, "the plan does not hang together: \(what)")
    }
}

extension Project {
    /// Whether the column is offered as the input offers it, under its own id.
    fileprivate func passes(_ id: ColumnID) -> Bool {
        columns.contains { $0.id == id && $0.expression.plainColumn == id }
    }
}
