/// How the rows of a table from outside become rows of datasets: what a file of `Schemas/mappings` says.
///
/// Nothing in it has been compared with a source or a catalog yet: `MappingPlan` does that.
struct TableMapping: Sendable {
    /// A text of the document, with the line it begins on.
    struct Text: Sendable, Hashable {
        let text: String
        let line: Int
    }

    struct Source: Sendable {
        enum Kind: String, CaseIterable, Sendable {
            case csv, parquet, table
        }

        /// What the mapping was written for. Files tell for themselves what they are.
        var kind = Kind.csv
        var delimiter = ","
        /// The columns of a CSV that has no line of names.
        var columns: [String]?
        var encoding = "utf-8"
        /// Values that mean that there is none, after blanks at both ends are taken off.
        var nulls: Set<String> = [""]
        /// strptime's formats of dates, tried in order; ISO 8601 always is.
        var dates: [String] = []
        /// `schema.table` of a database.
        var table: Text?
    }

    struct Person: Sendable {
        var number: Text?
        var status: Text?
        /// Values of `status` for which the number counts; empty: it always does.
        var verified: [String] = []
        var localID: Text?
        /// Whose local ids they are: the same id of another system is another person.
        var localSystem: String?
    }

    /// A set of columns that differ by a number: `DIAG_4_{nn}`.
    struct Repeat: Sendable {
        let first: Int
        let last: Int
        /// Whether a source may have fewer of them than `last`; the first must be there.
        let mayStop: Bool
        let line: Int
    }

    /// A value for what a source writes.
    struct CodeTable: Sendable {
        enum Otherwise: Sendable, Hashable {
            case null, keep, quarantine
            case value(String)
        }

        let values: [String: String]
        let otherwise: Otherwise
    }

    enum Column: Sendable {
        case expression(Text)
        /// The values of an expression for every number of a repeat, with blanks between.
        case list(Text, over: Text)
    }

    struct Target: Sendable {
        let dataset: Text
        let when: Text?
        let over: Text?
        let columns: [(name: Text, value: Column)]
    }

    struct Range: Sendable {
        let expression: Text
        let lower: Double
        let upper: Double
    }

    struct Rule: Sendable {
        let expression: Text
        /// As the quarantine names it: words with hyphens.
        let reason: String
    }

    let name: String
    let title: String
    var source = Source()
    /// Rows of which it is not true are passed over, and counted.
    var filter: Text?
    /// What tells a row from all others; empty where rows have nothing of the kind.
    var key: [Text] = []
    /// When the source last changed a row.
    var version: Text?
    var person = Person()
    var partition: [(name: String, expression: Text)] = []
    var repeats: [String: Repeat] = [:]
    var codes: [String: CodeTable] = [:]
    var required: [Text] = []
    var ranges: [Range] = []
    var rules: [Rule] = []
    var targets: [Target] = []
}

/// What is wrong with a mapping, and where.
struct MappingFault: Error, Hashable, Sendable, CustomStringConvertible {
    let mapping: String
    let line: Int?
    /// Inside the document, e.g. `rows[1].columns.onset_date`.
    let path: String
    let message: String

    var description: String {
        [mapping, line.map { "line \($0)" }, path.isEmpty ? nil : path, message].compactMap(\.self)
            .joined(separator: ": ")
    }
}
