/// The types that a column of a dataset, a release or a result can have: PostgreSQL's, by PostgreSQL's names.
package enum ColumnType: String, Codable, Sendable, CaseIterable {
    case boolean
    case integer
    case bigint
    /// Exact by declaration, carried as `Double` (15 significant digits); `round(numeric, n)` is decimal.
    case numeric
    case double = "double precision"
    case text
    case date
    /// Without time zone; FHIR instants are stored in UTC.
    case timestamp = "timestamp without time zone"
    case interval
    /// The type of a bare `NULL` or an untyped string literal until its surroundings give it one.
    case unknown

    /// Whether arithmetic applies: integer, bigint, numeric, double precision.
    package var isNumeric: Bool {
        switch self {
        case .integer, .bigint, .numeric, .double: true
        default: false
        }
    }

    /// Whether values are whole numbers carried as `Int64`.
    package var isInteger: Bool { self == .integer || self == .bigint }
}
