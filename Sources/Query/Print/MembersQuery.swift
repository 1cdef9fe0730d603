package import Core

/// The people behind a fragment, by their number within the site: everybody whose rows its numbers are made from,
/// obligations applied, in whatever cell.
///
/// One column, `person_id`: nobody twice, never NULL, in no order. The text alone says everything, so that it can
/// be run later on the same publication.
package struct MembersQuery: Sendable {
    package let sql: String

    /// - Throws: if the fragment's rows belong to no person.
    package init(
        _ fragment: Fragment, physical: SitePhysical, obligations: EnforcedObligations
    ) throws(SQLFault) {
        let rows = try PersonRows(fragment, physical: physical, obligations: obligations, clamp: false)
        sql =
            "SELECT DISTINCT person_id FROM (\(SelectBlock.indented("\n" + rows.rows))\n) AS r\n"
            + "WHERE person_id IS NOT NULL"
    }
}
