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

    /// The value as a floating-point number, if it is a number.
    package var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
