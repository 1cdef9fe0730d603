package import Core

/// The people behind each cell, for counts of distinct people across sites: they go to the linker as keyed
/// pseudonyms, never out as they are.
package struct CohortQuery: Sendable {
    /// One entry a (cell, person).
    package struct Cohort: Hashable, Sendable {
        /// Group keys, by the names of the plan.
        package let keys: Table
        /// NHS numbers; 0 for who has none.
        package let numbers: [Int64]
        /// Who has no NHS number: place of the entry -> the site's own key.
        package let localKeys: [Int: String]
        /// One a `count(DISTINCT person)` of the fragment, in order: whether the person counts there; nil where
        /// everybody does.
        package let isCounted: [[Bool]?]

        package init(keys: Table, numbers: [Int64], localKeys: [Int: String], isCounted: [[Bool]?]) {
            self.keys = keys
            self.numbers = numbers
            self.localKeys = localKeys
            self.isCounted = isCounted
        }
    }

    package let sql: String
    private let keys: [ComputedColumn]
    /// The aggregates, and whether a condition decides who counts there.
    private let counted: [(index: Int, isConditional: Bool)]

    /// - Throws: if the fragment's rows belong to no person.
    package init(
        _ fragment: Fragment, physical: SitePhysical, obligations: EnforcedObligations
    ) throws(SQLFault) {
        let rows = try PersonRows(fragment, physical: physical, obligations: obligations, clamp: false)
        keys = fragment.aggregate.keys
        counted = fragment.shapes.indices.filter { fragment.shapes[$0].kind == .distinctPeople }
            .map { ($0, rows.contributes($0) != nil) }
        let items =
            rows.keyNames + ["q.nhs_number", "CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key"]
            + counted.filter(\.isConditional).map { "n\($0.index) > 0 AS d\($0.index)" }
        sql =
            "SELECT \(items.joined(separator: ", "))\n"
            + "FROM (\(SelectBlock.indented("\n" + rows.reduced()))\n) AS p\n"
            + "JOIN \(SQLName.quoted(physical.schema)).person AS q ON q.person_id = p.person_id"
    }

    /// - Throws: if `table` is not a result of `sql`.
    package func decode(_ table: Table) throws(SQLFault) -> Cohort {
        let reader = ResultReader(table)
        var flags: [[Bool]?] = []
        for (index, isConditional) in counted {
            flags.append(isConditional ? try reader.booleans("d\(index)") : nil)
        }
        return Cohort(
            keys: try reader.keys(keys), numbers: try reader.integers("nhs_number"),
            localKeys: try reader.presentTexts("local_key"), isCounted: flags)
    }
}
