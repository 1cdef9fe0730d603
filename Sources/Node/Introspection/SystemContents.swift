internal import Core
internal import Query

/// The tables of `pg_catalog` and `information_schema` of one node: which there are, and their rows.
struct SystemContents: Sendable {
    let schema: SystemSchema
    /// By `schema.name`; a relation that is not among them is empty.
    let rows: [String: SystemRows]
    /// What `format_type` says of each type.
    let typeNames: SystemRows
    /// OIDs of relations that are found without a schema.
    let visible: SystemRows

    init(files: SystemFiles, relations: UserRelations) {
        let types = files.records("pg_type")
        let system = Self.systemRelations(files)
        let users = relations.relations
        schema = SystemSchema(
            types: types.compactMap(Self.typeRow), relations: system.map(\.relation) + users.map(\.relation),
            searchPath: UserRelations.searchPath)
        typeNames = Self.typeNames(types)
        visible = Self.visible(system, users)
        var rows: [String: SystemRows] = [:]
        for (name, table) in files.tables where name.hasPrefix("pg_") {
            let key = name == "pg_get_keywords" ? "pg_catalog.pg_get_keywords()" : "pg_catalog.\(name)"
            rows[key] = table
        }
        rows["pg_catalog.pg_namespace"] = Self.namespaces(files)
        rows["pg_catalog.pg_class"] = Self.classes(system, users, Self.namespaceNumbers(files))
        rows["pg_catalog.pg_attribute"] = Self.attributes(system, users, types)
        rows["pg_catalog.pg_description"] = Self.descriptions(users)
        rows["pg_catalog.pg_tables"] = Self.tables(system, users)
        rows["pg_catalog.pg_views"] = SystemRows(
            ["schemaname", "viewname", "viewowner"],
            system.filter { $0.kind == "v" }.map { [$0.relation.schema, $0.relation.name, Self.owner] })
        self.rows = rows
    }

    /// Whom everything belongs to: the superuser that no one can be.
    static let owner = "concordat"
    static let ownerID = "10"

    struct SystemRelation {
        let relation: SystemSchema.Relation
        let kind: String
    }

    private static func systemRelations(_ files: SystemFiles) -> [SystemRelation] {
        let columns = Dictionary(grouping: files.records("attributes")) { $0["attrelid"] ?? "" }
        var found = files.records("relations").map { record in
            let oid = record["oid"] ?? ""
            let relation = SystemSchema.Relation(
                oid: UInt32(oid) ?? 0, schema: record["schema"] ?? "", name: record["name"] ?? "",
                columns: (columns[oid] ?? []).map { column in
                    SystemSchema.Column(
                        name: column["attname"] ?? "",
                        type: SystemType(UInt32(column["atttypid"] ?? "") ?? 25),
                        modifier: Int32(column["atttypmod"] ?? "") ?? -1,
                        isNotNull: column["attnotnull"] == "t")
                }, isSystem: true)
            return SystemRelation(relation: relation, kind: record["kind"] ?? "r")
        }
        // A function that gives rows is a table to the engine; no relation that anybody sees.
        let keywords: [(String, SystemType)] = [
            ("word", .text), ("catcode", .char), ("barelabel", .bool), ("catdesc", .text),
            ("baredesc", .text),
        ]
        found.append(
            SystemRelation(
                relation: SystemSchema.Relation(
                    oid: 0, schema: "pg_catalog", name: "pg_get_keywords()",
                    columns: keywords.map { SystemSchema.Column(name: $0.0, type: $0.1) }, isSystem: true),
                kind: ""))
        return found
    }

    private static func typeRow(_ record: [String: String]) -> SystemSchema.TypeRow? {
        guard let oid = record["oid"].flatMap({ UInt32($0) }), let name = record["typname"] else {
            return nil
        }
        func number(_ column: String) -> UInt32 { record[column].flatMap { UInt32($0) } ?? 0 }
        return SystemSchema.TypeRow(
            oid: oid, name: name,
            schema: record["typnamespace"] == "11" ? "pg_catalog" : "information_schema",
            element: number("typelem"), array: number("typarray"), base: number("typbasetype"),
            kind: record["typtype"] ?? "b")
    }

    /// Names of SQL where they are not those of `pg_type` (`format_type.c`).
    private static let sqlNames = [
        "bool": "boolean", "char": "\"char\"", "int8": "bigint", "int2": "smallint", "int4": "integer",
        "float4": "real", "float8": "double precision", "bpchar": "character", "varchar": "character varying",
        "varbit": "bit varying", "time": "time without time zone", "timetz": "time with time zone",
        "timestamp": "timestamp without time zone", "timestamptz": "timestamp with time zone",
    ]

    private static func typeNames(_ types: [[String: String]]) -> SystemRows {
        func plain(_ record: [String: String]) -> String {
            let name = record["typname"] ?? ""
            return record["typnamespace"] == "11" ? sqlNames[name] ?? name : "information_schema.\(name)"
        }
        let byID = Dictionary(types.map { ($0["oid"] ?? "", $0) }) { first, _ in first }
        return SystemRows(
            ["oid", "name"],
            types.map { record in
                guard let element = byID[record["typelem"] ?? ""], element["typarray"] == record["oid"] else {
                    return [record["oid"], plain(record)]
                }
                return [record["oid"], plain(element) + "[]"]
            })
    }

    private static func visible(_ system: [SystemRelation], _ users: [UserRelation]) -> SystemRows {
        var names = Set(system.filter { $0.relation.schema == "pg_catalog" }.map(\.relation.name))
        var found = system.filter { $0.relation.schema == "pg_catalog" }.map { "\($0.relation.oid)" }
        for schema in UserRelations.searchPath {
            for relation in users where relation.schema == schema && names.insert(relation.name).inserted {
                found.append("\(relation.oid)")
            }
        }
        return SystemRows(["oid"], found.map { [$0] })
    }
}

extension UserRelation {
    var relation: SystemSchema.Relation {
        SystemSchema.Relation(
            oid: oid, schema: schema, name: name,
            columns: columns.map { SystemSchema.Column(name: $0.name, type: SystemType($0.type)) },
            isSystem: false)
    }
}
