package import Core

/// How a publication snapshot lies in a site's engine.
///
/// For each dataset a table `schema.DATASET` without `person` and `site`, but with columns that no query can
/// name: a dense `person_id INTEGER` in place of `person`, the person's `record_key SMALLINT` from 0 to 255,
/// for each allow-list a BOOLEAN of its name that says whether the person is on it, and for each restricted
/// codelist a BOOLEAN that says whether the row is of an episode that bears one of its codes; none is ever NULL.
/// Beside them `schema.person(person_id, person, record_key)`.
package struct SitePhysical: Hashable, Sendable {
    /// Schema of the snapshot, e.g. `snapshot_3`.
    package let schema: String
    /// The value of the column `site`.
    package let site: OrganisationCode
    package let dialect: EngineDialectKind
    /// dataset -> the columns its rows are stored in the order of, binary and NULLs last, e.g. `code`,
    /// `person`, `onset_date`; a dataset that is not here has no order.
    package let order: [String: [String]]

    package init(
        schema: String, site: OrganisationCode, dialect: EngineDialectKind, order: [String: [String]] = [:]
    ) {
        self.schema = schema
        self.site = site
        self.dialect = dialect
        self.order = order
    }
}

/// What a decision's obligations come to in one snapshot: tables and columns by name.
package struct EnforcedObligations: Hashable, Sendable {
    /// Allow-lists, by the BOOLEAN column that every dataset has of them: only these people are counted.
    package let optOutTables: [String]
    /// People who objected: a table of the snapshot's schema with a column `person_id`.
    package let objectionsTable: String?
    /// What people's consents come to: a table as that of objections.
    package let consentTable: ConsentTable?
    /// Rows that may not be read, by the BOOLEAN columns that every dataset has of them: only rows of which all
    /// are false are there.
    package let restrictedColumns: [String]

    package init(
        optOutTables: [String] = [], objectionsTable: String? = nil,
        consentTable: ConsentTable? = nil, restrictedColumns: [String] = []
    ) {
        self.optOutTables = optOutTables
        self.objectionsTable = objectionsTable
        self.consentTable = consentTable
        self.restrictedColumns = restrictedColumns
    }

    /// Whom consents keep in, or out.
    package enum ConsentTable: Hashable, Sendable {
        /// Only these people are counted: consent is what the question rests on.
        case permitted(String)
        /// These people are not counted: their consents deny it.
        case denied(String)

        /// Within the snapshot's schema, with a column `person_id`.
        package var name: String {
            switch self {
            case .permitted(let name), .denied(let name): name
            }
        }
    }

    /// Tables of people beside the datasets: no dataset themselves.
    var peopleTables: [String] { [objectionsTable, consentTable?.name].compactMap(\.self) }

    package static let none = EnforcedObligations()
}
