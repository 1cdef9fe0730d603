package import Core

/// The people behind each cell, for counts of distinct people across sites: they go to the linker as keyed
/// pseudonyms, never out as they are.
package struct CohortQuery: Sendable {
    /// One entry a (cell, person).
    package struct Cohort: Hashable, Sendable {
        /// Group keys, by the names of the plan.
        package let keys: Table
        /// NHS numbers.
        package let people: [String]
        /// One a `count(DISTINCT person)` of the fragment, in order: whether the person counts there.
        package let isCounted: [[Bool]]

        package init(keys: Table, people: [String], isCounted: [[Bool]]) {
            self.keys = keys
            self.people = people
            self.isCounted = isCounted
        }
    }

    package let sql: String
    private let keys: [ComputedColumn]
    private let counted: [Int]

    /// - Throws: if the fragment's rows belong to no person.
    package init(
        _ fragment: Fragment, physical: SitePhysical, obligations: EnforcedObligations
    ) throws(SQLFault) {
        let rows = try PersonRows(fragment, physical: physical, obligations: obligations, clamp: false)
        keys = fragment.aggregate.keys
        counted = fragment.shapes.indices.filter { fragment.shapes[$0].kind == .distinctPeople }
        let items = rows.keyNames + ["q.person"] + counted.map { "n\($0) > 0 AS d\($0)" }
        sql =
            "SELECT \(items.joined(separator: ", "))\n"
            + "FROM (\(SelectBlock.indented("\n" + rows.reduced()))\n) AS p\n"
            + "JOIN \(SQLName.quoted(physical.schema)).person AS q ON q.person_id = p.person_id"
    }

    /// - Throws: if `table` is not a result of `sql`.
    package func decode(_ table: Table) throws(SQLFault) -> Cohort {
        let reader = ResultReader(table)
        var flags: [[Bool]] = []
        for index in counted { flags.append(try reader.booleans("d\(index)")) }
        return Cohort(keys: try reader.keys(keys), people: try reader.texts("person"), isCounted: flags)
    }
}
