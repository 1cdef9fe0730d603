/// What `pg_catalog` and `information_schema` of a node have: relations with their columns, and types.
package struct SystemSchema: Sendable {
    package struct Column: Hashable, Sendable {
        package let name: String
        package let type: SystemType
        /// -1 where there is none.
        package let modifier: Int32
        package let isNotNull: Bool

        package init(name: String, type: SystemType, modifier: Int32 = -1, isNotNull: Bool = false) {
            self.name = name
            self.type = type
            self.modifier = modifier
            self.isNotNull = isNotNull
        }
    }

    package struct Relation: Sendable {
        package let oid: UInt32
        package let schema: String
        package let name: String
        package let columns: [Column]
        /// Whether its rows lie in the system's own engine; of others only the name is known.
        package let isSystem: Bool

        package init(oid: UInt32, schema: String, name: String, columns: [Column], isSystem: Bool) {
            self.oid = oid
            self.schema = schema
            self.name = name
            self.columns = columns
            self.isSystem = isSystem
        }

        package var key: String { "\(schema).\(name)" }
        /// As it is called in the system's engine.
        package var sql: String { "pgc.\"\(schema).\(name)\"" }
    }

    package struct TypeRow: Sendable {
        package let oid: UInt32
        package let name: String
        package let schema: String
        /// 0 where it is no array.
        package let element: UInt32
        /// 0 where it has none.
        package let array: UInt32
        /// Of a domain; 0 else.
        package let base: UInt32
        /// As `typtype`: `b`, `d`, `p`, `r`, `m`, …
        package let kind: String

        package init(
            oid: UInt32, name: String, schema: String, element: UInt32, array: UInt32, base: UInt32,
            kind: String
        ) {
            self.oid = oid
            self.name = name
            self.schema = schema
            self.element = element
            self.array = array
            self.base = base
            self.kind = kind
        }
    }

    package let types: [UInt32: TypeRow]
    /// By `schema.name`.
    package let relations: [String: Relation]
    /// Where names without a schema are looked for, after `pg_catalog`.
    package let searchPath: [String]
    private let typesByName: [String: UInt32]

    package init(types: [TypeRow], relations: [Relation], searchPath: [String]) {
        self.types = Dictionary(types.map { ($0.oid, $0) }) { first, _ in first }
        self.relations = Dictionary(relations.map { ($0.key, $0) }) { first, _ in first }
        self.searchPath = searchPath
        typesByName = Dictionary(types.map { ($0.name, $0.oid) }) { first, _ in first }
    }

    /// What a name means: `pg_catalog` comes first.
    package func relation(_ schema: String?, _ name: String) -> Relation? {
        if let schema { return relations["\(schema).\(name)"] }
        for place in ["pg_catalog"] + searchPath {
            if let found = relations["\(place).\(name)"] { return found }
        }
        return nil
    }

    /// A type by one of its names (`int4`, `integer`, `text`), without brackets.
    package func type(named name: String) -> SystemType? {
        typesByName[Self.plainNames[name] ?? name].map(SystemType.init)
    }

    private static let plainNames = [
        "integer": "int4", "int": "int4", "bigint": "int8", "smallint": "int2", "boolean": "bool",
        "double precision": "float8", "real": "float4", "character varying": "varchar", "decimal": "numeric",
        "character": "bpchar", "timestamp without time zone": "timestamp",
        "timestamp with time zone": "timestamptz", "time without time zone": "time",
    ]

    /// The type without its domain.
    func base(_ type: SystemType) -> SystemType {
        guard let row = types[type.oid], row.kind == "d" else { return type }
        return base(SystemType(row.base))
    }

    /// What an array's or a vector's elements are; nil for what has none.
    package func element(of type: SystemType) -> SystemType? {
        switch type {
        case .int2vector: return .int2
        case .oidvector: return .oid
        default:
            guard let row = types[type.oid], row.element != 0, row.name.hasPrefix("_") else { return nil }
            return SystemType(row.element)
        }
    }

    func array(of type: SystemType) -> SystemType {
        let row = types[type == .unknown ? SystemType.text.oid : type.oid]
        return SystemType(row?.array ?? SystemType.textArray.oid)
    }

    /// How values of a type lie in DuckDB: names that are numbers as numbers, whatever has no form of its own as
    /// text.
    package func physical(_ type: SystemType) -> String {
        let type = base(type)
        if let element = element(of: type) { return physical(element) + "[]" }
        if type.isRegistered { return "BIGINT" }
        switch type.oid {
        case 16: return "BOOLEAN"
        case 21: return "SMALLINT"
        case 23: return "INTEGER"
        case 20, 26, 28, 29: return "BIGINT"
        case 700: return "FLOAT"
        case 701, 1700: return "DOUBLE"
        case 1082: return "DATE"
        case 1114: return "TIMESTAMP"
        case 1184: return "TIMESTAMPTZ"
        case 1186: return "INTERVAL"
        default: return "VARCHAR"
        }
    }
}
