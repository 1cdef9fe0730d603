/// One value of a column, in the representation every room shares.
package enum Value: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// `integer` and `bigint`.
    case integer(Int64)
    /// `numeric` and `double precision`.
    case double(Double)
    case text(String)
    /// Days since 1970-01-01.
    case date(Int32)
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    case timestamp(Int64)
    /// As PostgreSQL keeps it: months, days and microseconds, not normalised into each other.
    case interval(months: Int32, days: Int32, microseconds: Int64)

    package var isNull: Bool { self == .null }

    /// Equal as PostgreSQL groups values: NaN equals NaN, and texts are the same bytes (Swift's own texts are equal
    /// where they merely look alike, such as é in one scalar and in two).
    package static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.boolean(let a), .boolean(let b)): a == b
        case (.integer(let a), .integer(let b)), (.timestamp(let a), .timestamp(let b)): a == b
        case (.double(let a), .double(let b)): a == b || a.isNaN && b.isNaN
        case (.text(let a), .text(let b)): a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8)
        case (.date(let a), .date(let b)): a == b
        case (.interval(let a, let b, let c), .interval(let d, let e, let f)): a == d && b == e && c == f
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .boolean(let value): hasher.combine(value)
        case .integer(let value), .timestamp(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value.isNaN ? .nan : value)
        case .text(let value): hasher.combine(value)
        case .date(let value): hasher.combine(value)
        case .interval(let months, let days, let microseconds):
            hasher.combine(months)
            hasher.combine(days)
            hasher.combine(microseconds)
        }
    }

    /// The value as a floating-point number, if it is a number.
    package var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
