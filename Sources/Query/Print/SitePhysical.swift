package import Core

/// How a publication snapshot lies in a site's engine.
///
/// For each dataset a table `schema.DATASET` with a dense `person_id INTEGER` (never NULL) in place of
/// `person` and
/// without `site`; `schema.person(person_id, person, record_key)`, with record keys from 0 to 255.
package struct SitePhysical: Hashable, Sendable {
    /// Schema of the snapshot, e.g. `snapshot_3`.
    package let schema: String
    /// The value of the column `site`.
    package let site: OrganisationCode
    package let dialect: EngineDialectKind

    package init(schema: String, site: OrganisationCode, dialect: EngineDialectKind) {
        self.schema = schema
        self.site = site
        self.dialect = dialect
    }
}

/// What a decision's obligations come to in one snapshot: tables and columns by name.
package struct EnforcedObligations: Hashable, Sendable {
    /// Allow-lists in the snapshot's schema with a column `person_id`: only these people are counted.
    package let optOutTables: [String]
    /// People who objected, as a table like an allow-list.
    package let objectionsTable: String?
    /// Codelists whose codes are taken out before anything is read.
    package let excludedCodelists: [String]
    /// dataset -> its columns that bear codes; needed as soon as a codelist is excluded.
    package let codeColumns: [String: [String]]

    package init(
        optOutTables: [String] = [], objectionsTable: String? = nil, excludedCodelists: [String] = [],
        codeColumns: [String: [String]] = [:]
    ) {
        self.optOutTables = optOutTables
        self.objectionsTable = objectionsTable
        self.excludedCodelists = excludedCodelists
        self.codeColumns = codeColumns
    }

    package static let none = EnforcedObligations()
}
