internal import Core

/// How a value travels.
package enum WireFormat: Int, Sendable {
    case text = 0
    case binary = 1
}

extension [WireFormat] {
    /// None means text for all, one means that one for all (PostgreSQL 15, 55.7, Bind).
    package func format(_ column: Int) -> WireFormat {
        switch count {
        case 0: .text
        case 1: self[0]
        default: indices.contains(column) ? self[column] : .text
        }
    }
}

/// Types by their oid in `pg_type`.
enum WireType {
    /// `typlen`: bytes, -1 for a variable length, -2 for a C string.
    static func size(_ oid: Int32) -> Int {
        switch oid {
        case 16, 18: 1
        case 21: 2
        case 23, 24, 26, 700, 1082, 2205, 2206, 28: 4
        case 20, 701, 1114, 1184, 1083: 8
        case 1186, 2950: 16
        case 19: 64
        case 2275: -2
        default: -1
        }
    }

    /// The type of the elements of an array or a vector.
    static func element(_ oid: Int32) -> Int32? {
        switch oid {
        case 22: 21
        case 30: 26
        default: ArrayType.element(oid)
        }
    }

    /// 2000-01-01, from which PostgreSQL counts, in days since 1970-01-01.
    static let epochDays = 10_957
    static let epochMicroseconds = Int64(epochDays) * 86_400_000_000
}
