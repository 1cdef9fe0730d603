package import Core

/// A table of the shared data model, as `Schemas/datasets/NAME.json` describes it.
package struct Dataset: Sendable {
    package let name: String
    /// One line on what a row is, shown to analysts.
    package let summary: String
    /// In the order an analyst sees them; `person` and `site` included, hidden columns not.
    package let columns: [DatasetColumn]
    /// FHIR resource type that fills it, e.g. `Condition`; nil where no FHIR resource does.
    package let resource: String?
    /// Columns of the stored table that analysts do not see: resource id, version, precision of dates and
    /// the like.
    package let hidden: [DatasetColumn]

    package init(
        name: String, summary: String, columns: [DatasetColumn], resource: String?,
        hidden: [DatasetColumn] = []
    ) {
        self.name = name
        self.summary = summary
        self.columns = columns
        self.resource = resource
        self.hidden = hidden
    }

    package func column(_ name: String) -> DatasetColumn? { columns.first { $0.name == name } }
}

/// A column of a dataset with the tags that governance rests on.
package struct DatasetColumn: Sendable {
    /// How a column may be used (planner.md, "The law of a fragment").
    package enum Class: String, Codable, Sendable {
        /// `person`, resource ids: equijoins, per-person grouping and count(DISTINCT person) only.
        case identifier
        /// Birth date, area, practice: comparisons at public granularity only.
        case quasiIdentifier = "quasi-identifier"
        case sensitive
        case open
    }

    /// The public granularity of a quasi-identifier.
    package enum Granularity: String, Codable, Sendable {
        /// Dates: only the year, or age in whole years, may be compared.
        case year
        /// Dates: only year and month may be compared.
        case month
        /// Areas and organisations: group keys, codelists and hierarchies (reference tables) only.
        case area
    }

    package let name: String
    package let type: ColumnType
    package let columnClass: Class
    package let granularity: Granularity?
    /// The column's meaning, shown to analysts.
    package let summary: String
    /// All values it can have where that is public and short (sex, status); nil for an open domain.
    package let domain: [String]?
    /// Whether group keys of it are free text and so never released.
    package let isFreeText: Bool
    /// URI of the system that its codes are of, where no column beside it says so.
    package let codeSystem: String?
    /// Whether it holds several values with a blank between.
    package let isList: Bool

    package init(
        name: String, type: ColumnType, columnClass: Class, granularity: Granularity? = nil,
        summary: String = "",
        domain: [String]? = nil, isFreeText: Bool = false,
        codeSystem: String? = nil, isList: Bool = false
    ) {
        self.name = name
        self.type = type
        self.columnClass = columnClass
        self.granularity = granularity
        self.summary = summary
        self.domain = domain
        self.isFreeText = isFreeText
        self.codeSystem = codeSystem
        self.isList = isList
    }

    package var isPerson: Bool { name == "person" && columnClass == .identifier }
}
