package import Core

/// A type of PostgreSQL, by its OID: what clients are told of a column.
package struct SystemType: Hashable, Sendable {
    package let oid: UInt32

    package init(_ oid: UInt32) { self.oid = oid }

    package static let bool = SystemType(16)
    package static let char = SystemType(18)
    package static let name = SystemType(19)
    package static let int8 = SystemType(20)
    package static let int2 = SystemType(21)
    package static let int2vector = SystemType(22)
    package static let int4 = SystemType(23)
    package static let regproc = SystemType(24)
    package static let text = SystemType(25)
    package static let oid = SystemType(26)
    package static let oidvector = SystemType(30)
    package static let json = SystemType(114)
    package static let float4 = SystemType(700)
    package static let float8 = SystemType(701)
    /// Of a literal or a parameter until its surroundings give it another.
    package static let unknown = SystemType(705)
    package static let varchar = SystemType(1043)
    package static let date = SystemType(1082)
    package static let timestamp = SystemType(1114)
    package static let timestamptz = SystemType(1184)
    package static let interval = SystemType(1186)
    package static let numeric = SystemType(1700)
    package static let regclass = SystemType(2205)
    package static let regtype = SystemType(2206)
    package static let record = SystemType(2249)
    package static let void = SystemType(2278)
    package static let regnamespace = SystemType(4089)
    package static let regrole = SystemType(4096)
    package static let regcollation = SystemType(4191)
    static let textArray = SystemType(1009)
    static let nameArray = SystemType(1003)

    /// What a column of a dataset, a reference table or a result is to a client of PostgreSQL.
    package init(_ type: ColumnType) {
        self =
            switch type {
            case .boolean: .bool
            case .integer: .int4
            case .bigint: .int8
            case .numeric: .numeric
            case .double: .float8
            case .text, .unknown: .text
            case .date: .date
            case .timestamp: .timestamp
            case .interval: .interval
            }
    }

    /// Names that are numbers inside and are printed as what they name.
    var isRegistered: Bool {
        switch oid {
        case 24, 2202, 2203, 2204, 2205, 2206, 3734, 3769, 4089, 4096, 4191: true
        default: false
        }
    }

    var isVector: Bool { self == .int2vector || self == .oidvector }

    /// 1 to 5 for int2, int4, int8 (and what is like it), numeric and the floating ones; nil for no number.
    var numericRank: Int? {
        switch oid {
        case 21: 1
        case 23: 2
        case 20, 26, 28, 29: 3
        case 1700: 4
        case 700, 701: 5
        default: isRegistered ? 3 : nil
        }
    }
}
