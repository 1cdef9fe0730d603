/// Lifts a projection out of a side of a join, so that derived tables in FROM become plain joins of tables.
///
/// On the nullable side of a left join only renamings are lifted: an expression there is NULL for a row
/// without a partner, above the join it need not be.
package struct PullUpProjects: RewriteRule {
    package let name = "pull up projects"

    package init() {}

    package func apply(_ plan: Plan) -> Plan {
        plan.rewritingBottomUp { node in
            guard case .join(let join) = node else { return node }
            return Self.lift(join)
        }
    }

    private static func lift(_ join: Join) -> Plan {
        var (left, right) = (join.left, join.right)
        var map: [ColumnID: Expression] = [:]
        if join.kind != .full, case .project(let project) = left, project.canInline([join.condition]) {
            left = project.input
            map.merge(project.definitions) { first, _ in first }
        }
        if case .project(let project) = right, project.canInline([join.condition]), join.canLift(project) {
            right = project.input
            map.merge(project.definitions) { first, _ in first }
        }
        guard left != join.left || right != join.right else { return .join(join) }
        let lifted = Plan.join(
            Join(
                kind: join.kind, left: left, right: right, condition: join.condition.substituting(map),
                position: join.position))
        return .project(
            Project(
                input: lifted,
                columns: Plan.join(join).columns.map { column in
                    ComputedColumn(
                        id: column.id, name: column.name,
                        expression: map[column.id] ?? Expression(.column(column.id), column.type))
                }))
    }
}

extension Join {
    fileprivate func canLift(_ project: Project) -> Bool {
        switch kind {
        case .inner, .cross, .semi, .anti: true
        case .left: project.isRenaming
        case .full: false
        }
    }
}
