extension ColumnType {
    /// The type's oid in PostgreSQL's `pg_type`.
    package var oid: Int32 {
        switch self {
        case .boolean: 16
        case .integer: 23
        case .bigint: 20
        case .numeric: 1700
        case .double: 701
        case .text, .unknown: 25
        case .date: 1082
        case .timestamp: 1114
        case .interval: 1186
        }
    }
}
