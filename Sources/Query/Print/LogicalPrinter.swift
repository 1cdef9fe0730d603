import Core

/// Prints plans as SQL over dataset names: what travels to a site and what its controller reads.
///
/// `bind(print(plan))` gives the plan again, up to the numbers of columns.
package enum LogicalPrinter {
    /// One level of aggregation over rows: `SELECT keys, aggregates FROM … GROUP BY keys`.
    package static func print(_ aggregate: Aggregate) -> String {
        print(BoundQuery(plan: .aggregate(aggregate), output: Plan.aggregate(aggregate).columns))
    }

    package static func print(_ query: BoundQuery) -> String {
        var printer = PlanPrinter(.logical)
        return printer.statement(query.plan, output: query.output)
    }
}
