/// Rows about people and databases, as `pg_roles`, `pg_user` and `pg_database` have them.
enum NodeRoles {
    /// By relation. Nobody can log in as the owner, and nobody but it is a superuser.
    static func role(_ name: String, number: Int, isOwner: Bool) -> [String: SystemRows] {
        let (owner, other) = (isOwner ? "t" : "f", isOwner ? "f" : "t")
        let id = "\(number)"
        let role = SystemRows(
            [
                "oid", "rolname", "rolsuper", "rolinherit", "rolcreaterole", "rolcreatedb", "rolcanlogin",
                "rolreplication", "rolbypassrls", "rolconnlimit",
            ], [[id, name, owner, "t", "f", "f", other, "f", "f", "-1"]])
        let user = SystemRows(
            ["usename", "usesysid", "usecreatedb", "usesuper", "userepl", "usebypassrls"],
            [[name, id, "f", owner, "f", "f"]])
        var rows = ["pg_catalog.pg_authid": role, "pg_catalog.pg_roles": role]
        if !isOwner {
            rows["pg_catalog.pg_user"] = user
            rows["pg_catalog.pg_shadow"] = user
        }
        return rows
    }

    static func database(_ name: String, number: Int) -> [String: SystemRows] {
        [
            "pg_catalog.pg_database": SystemRows(
                [
                    "oid", "datname", "datdba", "encoding", "datlocprovider", "datistemplate", "datallowconn",
                    "datconnlimit", "datfrozenxid", "datminmxid", "dattablespace", "datcollate", "datctype",
                ],
                [
                    [
                        "\(number)", name, SystemContents.ownerID, "6", "c", "f", "t", "-1", "0", "0", "1663",
                        "C", "C",
                    ]
                ])
        ]
    }
}
