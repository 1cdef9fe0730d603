internal import Query

extension SystemContents {
    static func namespaces(_ files: SystemFiles) -> SystemRows {
        let given = files.records("pg_namespace").map { [$0["oid"], $0["nspname"], ownerID] }
        let known = Set(given.map { $0[0] })
        let own = UserRelations.schemas.map { ["\($0.oid)", $0.name, ownerID] as [String?] }
        return SystemRows(
            ["oid", "nspname", "nspowner"], given + own.filter { !known.contains($0[0]) })
    }

    /// OIDs of schemas by name.
    static func namespaceNumbers(_ files: SystemFiles) -> [String: String] {
        var numbers = Dictionary(UserRelations.schemas.map { ($0.name, "\($0.oid)") }) { first, _ in first }
        for record in files.records("pg_namespace") { numbers[record["nspname"] ?? ""] = record["oid"] }
        return numbers
    }

    private static let classColumns = [
        "oid", "relname", "relnamespace", "relkind", "relam", "relnatts", "reltuples", "relhasrules",
        "relreplident",
        "reltype", "reloftype", "relowner", "relfilenode", "reltablespace", "relpages", "relallvisible",
        "reltoastrelid", "relhasindex", "relisshared", "relpersistence", "relchecks", "relhastriggers",
        "relhassubclass", "relrowsecurity", "relforcerowsecurity", "relispopulated", "relispartition",
        "relrewrite",
        "relfrozenxid", "relminmxid",
    ]

    private static let classDefaults: [String?] = [
        "0", "0", ownerID, "0", "0", "0", "0", "0", "f", "f", "p", "0", "f", "f", "f", "f", "t", "f", "0",
        "0", "0",
    ]

    static func classes(
        _ system: [SystemRelation], _ users: [UserRelation], _ namespaces: [String: String]
    ) -> SystemRows {
        func row(
            _ relation: SystemSchema.Relation, _ kind: String, _ tuples: Int, _ identity: String
        ) -> [String?] {
            [
                "\(relation.oid)", relation.name, namespaces[relation.schema], kind, kind == "r" ? "2" : "0",
                "\(relation.columns.count)", "\(tuples)", kind == "v" ? "t" : "f", identity,
            ] + classDefaults
        }
        let own = system.filter { !$0.kind.isEmpty }.map { row($0.relation, $0.kind, -1, "n") }
        return SystemRows(
            classColumns, own + users.map { row($0.relation, "r", $0.rowCount ?? -1, "d") })
    }

    private static let attributeColumns = [
        "attrelid", "attname", "atttypid", "attnum", "atttypmod", "attnotnull", "attlen", "attbyval",
        "attalign",
        "attstorage", "attcollation", "attstattarget", "attndims", "attcacheoff", "attcompression",
        "atthasdef",
        "atthasmissing", "attidentity", "attgenerated", "attisdropped", "attislocal", "attinhcount",
    ]

    private static let attributeDefaults: [String?] = [
        "-1", "0", "-1", "", "f", "f", "", "", "f", "t", "0",
    ]

    static func attributes(
        _ system: [SystemRelation], _ users: [UserRelation], _ types: [[String: String]]
    ) -> SystemRows {
        let known = Dictionary(types.map { ($0["oid"] ?? "", $0) }) { first, _ in first }
        let relations = system.filter { !$0.kind.isEmpty }.map(\.relation) + users.map(\.relation)
        var rows: [[String?]] = []
        for relation in relations {
            for (place, column) in relation.columns.enumerated() {
                let type = known["\(column.type.oid)"] ?? [:]
                rows.append(
                    [
                        "\(relation.oid)", column.name, "\(column.type.oid)", "\(place + 1)",
                        "\(column.modifier)", column.isNotNull ? "t" : "f", type["typlen"], type["typbyval"],
                        type["typalign"], type["typstorage"], type["typcollation"],
                    ] + attributeDefaults)
            }
        }
        return SystemRows(attributeColumns, rows)
    }

    static func descriptions(_ users: [UserRelation]) -> SystemRows {
        var rows: [[String?]] = UserRelations.schemas.map { ["\($0.oid)", "2615", "0", $0.summary] }
        for relation in users {
            if !relation.summary.isEmpty { rows.append(["\(relation.oid)", "1259", "0", relation.summary]) }
            for (place, column) in relation.columns.enumerated() where !column.summary.isEmpty {
                rows.append(["\(relation.oid)", "1259", "\(place + 1)", column.summary])
            }
        }
        return SystemRows(["objoid", "classoid", "objsubid", "description"], rows)
    }

    static func tables(_ system: [SystemRelation], _ users: [UserRelation]) -> SystemRows {
        let names =
            system.filter { $0.kind == "r" }.map { ($0.relation.schema, $0.relation.name) }
            + users.map { ($0.schema, $0.name) }
        return SystemRows(
            [
                "schemaname", "tablename", "tableowner", "hasindexes", "hasrules", "hastriggers",
                "rowsecurity",
            ], names.map { [$0.0, $0.1, owner, "f", "f", "f", "f"] })
    }
}
