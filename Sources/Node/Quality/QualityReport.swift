/// What a controller is told about its own data: `concordat quality`.
///
/// Counts of rows and people, and codes; no value of a person's record and no free text. Small numbers stand in it as
/// they are: it is for the controller's own staff, and no release. Equal data give equal reports but for `madeAt`, and
/// reports of several controllers, or of one on several days, have the same members: they can be compared.
package struct QualityReport: Codable, Sendable, Hashable {
    /// The version of this form.
    package static let form = "concordat-quality-1"
    package static let notice =
        "For the controller's own staff: small numbers are shown. Not for release outside of the controller."

    package var form = Self.form
    package var notice = Self.notice
    package var organisation: String
    package var name: String
    /// Set where only the rows of one of several controllers are counted.
    package var controller: String?
    package var synthetic: Bool
    /// RFC 3339, UTC.
    package var madeAt: String
    /// `live`: what the next publication will hold; `publication`: what questions are answered from.
    package var source: String
    package var publication: SnapshotNote?
    /// Digest of the catalog that the data were measured against.
    package var catalog: String
    /// A code that is not known to be one is shown from this many people on.
    package var leastPeople: Int
    /// What needs attention, the most urgent first.
    package var findings: [QualityFinding] = []
    package var people = QualityPeople()
    package var datasets: [DatasetQuality] = []
    package var codelists: [CodelistQuality] = []
    package var quarantine: [QuarantineQuality] = []
    /// Of live data: records that are in and could not be held whole.
    package var degraded: [DegradedQuality]?
    /// Of live data: patients by what is known of their NHS number, links between them, conflicts.
    package var identity: [IdentityQuality]?
    package var loads = QualityLoads()
}

/// One thing that needs attention.
package struct QualityFinding: Codable, Sendable, Hashable {
    package enum Severity: String, Codable, Sendable, CaseIterable, Comparable {
        case high
        case medium
        case low

        private var rank: Int { self == .high ? 0 : self == .medium ? 1 : 2 }
        /// The more urgent is the smaller.
        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    }

    package var severity: Severity
    /// `units`, `codes`, `dates`, `identity`, `freshness`, `completeness`, `codelists` or `quarantine`.
    package var area: String
    package var dataset: String?
    package var column: String?
    /// Rows, or people in `identity`, that it is about; 0 where nothing can be counted.
    package var rows: Int
    package var words: String
    package var remedy: String
}

/// Who the records are about.
package struct QualityPeople: Codable, Sendable, Hashable {
    package var people = 0
    package var withNumber = 0
    /// Known by a local key only: they are never linked across sites, and no opt-out list can name them.
    package var withoutNumber = 0
    /// With more than one patient id of the same controller.
    package var withSeveralIdentifiers = 0
    /// Whose patient records say different dates of birth.
    package var withSeveralBirthDates = 0
    /// Known from events only: no patient record says when they were born.
    package var withoutPatientRecord = 0
    /// Whose number was corrected since the warehouse was made; nil in a publication, which does not say.
    package var renumbered: Int?
}

/// One dataset.
package struct DatasetQuality: Codable, Sendable, Hashable {
    package struct Column: Codable, Sendable, Hashable {
        package var name: String
        /// Rows in which it has a value.
        package var filled: Int
        /// Rows with a value that neither the data model nor a reference table lists; nil where there is no list.
        package var outside: Int?
    }

    package struct Dates: Codable, Sendable, Hashable {
        package var column: String
        /// Before the person was born. A date that may stand for its whole month or year counts only if that ended
        /// before.
        package var beforeBirth: Int
        /// After the person's death; of the dataset's event column only.
        package var afterDeath: Int?
        package var inFuture: Int
        package var before1900: Int
    }

    package struct Span: Codable, Sendable, Hashable {
        package var start: String
        package var end: String
        /// Rows that end before they start.
        package var reversed: Int
    }

    package struct Month: Codable, Sendable, Hashable {
        /// `2026-04`.
        package var month: String
        package var rows: Int
    }

    package var name: String
    package var rows = 0
    package var people = 0
    /// Rows about people without an NHS number.
    package var withoutNumber = 0
    package var columns: [Column] = []
    package var dates: [Dates] = []
    package var spans: [Span] = []
    /// Patients over 115 years old and not known to have died, or that old when they died.
    package var implausiblyOld: Int?
    package var codes: [CodeColumnQuality] = []
    package var measurements: MeasurementQuality?
    /// The column that says when it happened; nil for patients.
    package var eventColumn: String?
    /// The last day on which something happened, today or before.
    package var latestEvent: String?
    /// When a source last changed one of the records (UTC); of live data only.
    package var latestUpdate: String?
    /// Events of the last 24 whole months and of this one, oldest first.
    package var months: [Month] = []
}

/// A column of codes.
package struct CodeColumnQuality: Codable, Sendable, Hashable {
    package struct System: Codable, Sendable, Hashable {
        /// nil: what its name is, is not shown.
        package var system: String?
        package var rows: Int
        package var codes: Int
        /// Whether the data model declares it.
        package var isKnown: Bool
    }

    package struct Code: Codable, Sendable, Hashable {
        package var code: String
        package var system: String?
        /// From codelists and bounds, where they name it.
        package var term: String?
        package var rows: Int
        package var people: Int
    }

    package var column: String
    /// The column beside it that has the system, or the system that all its codes are declared to be of.
    package var systemColumn: String?
    package var declaredSystem: String?
    /// Values (of a list each of its members).
    package var values = 0
    package var withoutSystem = 0
    /// Of a system whose codes have a form, and not of that form: cut short, or rounded by a spreadsheet.
    package var malformed = 0
    package var malformedCodes = 0
    package var distinct = 0
    package var systems: [System] = []
    /// The most frequent codes that may be shown.
    package var top: [Code] = []
    /// Codes that are not shown, because they are rare and of no known system, not of its form, or restricted by law.
    package var notShown = 0
    package var notShownValues = 0
}

/// Values with units.
package struct MeasurementQuality: Codable, Sendable, Hashable {
    package struct Unit: Codable, Sendable, Hashable {
        package var code: String
        package var system: String?
        package var name: String
        /// Empty: none is given. nil: several that are not shown, for they are rare and no units of the bounds.
        package var unit: String?
        package var rows: Int
        package var people: Int
        /// Units that the code's bounds are in.
        package var expected: [String]
    }

    /// Rows with a number.
    package var values = 0
    package var withoutUnit = 0
    /// Of codes that have bounds, in a unit that has none: nothing tells whether they are possible.
    package var inUnknownUnit = 0
    /// Of codes without bounds, and how many such codes there are.
    package var withoutBounds = 0
    package var codesWithoutBounds = 0
    /// Of codes with bounds, what is not in a unit of theirs; the most frequent first.
    package var unknown: [Unit] = []
}

/// Whether the codes of a codelist are in use here.
package struct CodelistQuality: Codable, Sendable, Hashable {
    package struct Code: Codable, Sendable, Hashable {
        package var code: String
        package var term: String?
        package var rows: Int
        /// Summed over the columns in which it is found: a person in two of them counts twice.
        package var people: Int
        /// `condition.code` and so on.
        package var columns: [String]
    }

    package var name: String
    package var version: String
    package var digest: String
    package var codes: Int
    package var found: Int
    package var rows: Int
    /// All of a list of up to 1,000 codes; of a longer one those that are found. Codes that are restricted by law stand here,
    /// and count above, only where as many people have them as `leastPeople` says.
    package var entries: [Code]
}

package struct QuarantineQuality: Codable, Sendable, Hashable {
    package var dataset: String?
    package var reason: String
    package var records: Int
}

package struct DegradedQuality: Codable, Sendable, Hashable {
    package var dataset: String
    /// Words: `modified`, `no-code`, `unknown-unit` …
    package var mark: String
    package var records: Int
}

package struct IdentityQuality: Codable, Sendable, Hashable {
    package var what: String
    package var count: Int
}

/// How fresh the data are.
package struct QualityLoads: Codable, Sendable, Hashable {
    /// RFC 3339, UTC.
    package var lastLoad: String?
    package var lastPublication: String?
    /// What marks the publication as stale, in words; empty if nothing does.
    package var stale: [String] = []

    package init() {}
}
