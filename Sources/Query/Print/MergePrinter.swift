import Core

/// The statement that the coordinator's own DuckDB runs over released numbers.
package struct MergeStatement: Hashable, Sendable {
    package let sql: String
    /// The statement's columns, in order; those after them are flags.
    package let output: [PlanColumn]
    /// For each column of `output` the place (0-based, among all columns of the statement) of its flag, which
    /// is true where the value is NULL because something it rests on was withheld; nil where nothing could
    /// be.
    package let flagColumns: [Int?]
}

/// Prints the part of a statement above the cut, with PostgreSQL's meaning, in DuckDB's dialect.
package enum MergePrinter {
    /// - Parameter tables: the relation that holds fragment i's release: columns `c<id>`, and for each
    ///   aggregate also the flag `w<id>`.
    ///   - withholds: whether anything may have been withheld; where nothing was, a group that an outer join
    ///   does not find is empty and no flags are needed.
    package static func print(
        _ plan: FederatedPlan, withholds: Bool = true, tables: (Int) -> String
    ) -> MergeStatement {
        let names = plan.fragments.indices.map(tables)
        let flagged =
            withholds
            ? WithheldFlags(fragments: plan.fragments).apply(plan.merge)
            : WithheldFlags.Flagged(plan: plan.merge.withPlainSides, flagged: [])
        var columns: [ComputedColumn] = []
        var places: [Int?] = []
        var flags: [ComputedColumn] = []
        for (index, column) in plan.output.enumerated() {
            let value = Expression(.column(column.id), column.type)
            columns.append(
                ComputedColumn(id: ColumnID(outputBase + index), name: column.name, expression: value))
            guard let flag = WithheldExpression(value, flagged.flagged).flag else {
                places.append(nil)
                continue
            }
            let missing = Expression(.call(.isNull, [value]), .boolean)
            let id = EngineName.flag(of: ColumnID(outputBase + index))
            let both = Expression(.call(.and, [missing, flag]), .boolean)
            places.append(plan.output.count + flags.count)
            flags.append(ComputedColumn(id: id, name: column.name, expression: both))
        }
        let top = Plan.project(Project(input: flagged.plan, columns: columns + flags))
        var printer = PlanPrinter(.merge { names[$0] })
        return MergeStatement(
            sql: printer.statement(top, output: top.columns), output: plan.output, flagColumns: places)
    }

    /// Result columns are numbered from here, so that a column may come twice.
    private static let outputBase = 1_000_000
}

extension Plan {
    /// The sides of every set operation as projections, which is how they are printed.
    fileprivate var withPlainSides: Plan {
        rewritingBottomUp { plan in
            guard case .setOperation(let operation) = plan else { return plan }
            let sides = [operation.left, operation.right].map { side in
                Plan.project(Project(input: side, columns: side.columns.map(WithheldFlags.kept)))
            }
            return plan.replacing(inputs: sides)
        }
    }
}
