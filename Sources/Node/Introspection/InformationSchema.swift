/// The views of `information_schema` that clients read, made from `pg_catalog`'s tables once they are filled.
/// Names of the database are left out here: each session has its own, and what is not NULL becomes it.
enum InformationSchema {
    static let statements: [String] = [
        schemata, tables, columns, privileges("table_privileges"), privileges("role_table_grants"), views,
        "INSERT INTO pgc.\"information_schema.information_schema_catalog_name\" VALUES ('')",
        """
        INSERT INTO pgc."information_schema.character_sets" (character_set_name, character_repertoire, form_of_use,
            default_collate_catalog, default_collate_schema, default_collate_name)
            VALUES ('UTF8', 'UCS', 'UTF8', '', 'pg_catalog', 'default')
        """,
        "INSERT INTO pgc.\"information_schema.enabled_roles\" SELECT rolname FROM pgc.\"pg_catalog.pg_authid\"",
    ]

    private static let schemata = """
        INSERT INTO pgc."information_schema.schemata" (catalog_name, schema_name, schema_owner)
        SELECT '', nspname, 'concordat' FROM pgc."pg_catalog.pg_namespace"
        """

    private static let tables = """
        INSERT INTO pgc."information_schema.tables" (table_catalog, table_schema, table_name, table_type,
            is_insertable_into, is_typed)
        SELECT '', n.nspname, c.relname, CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'BASE TABLE' END, 'NO', 'NO'
        FROM pgc."pg_catalog.pg_class" c JOIN pgc."pg_catalog.pg_namespace" n ON n.oid = c.relnamespace
        """

    private static let views = """
        INSERT INTO pgc."information_schema.views" (table_catalog, table_schema, table_name, check_option, is_updatable,
            is_insertable_into, is_trigger_updatable, is_trigger_deletable, is_trigger_insertable_into)
        SELECT '', schemaname, viewname, 'NONE', 'NO', 'NO', 'NO', 'NO', 'NO' FROM pgc."pg_catalog.pg_views"
        """

    /// Everything may be read.
    private static func privileges(_ name: String) -> String {
        """
        INSERT INTO pgc."information_schema.\(name)" (grantor, grantee, table_catalog, table_schema, table_name,
            privilege_type, is_grantable, with_hierarchy)
        SELECT 'concordat', 'PUBLIC', '', table_schema, table_name, 'SELECT', 'NO', 'YES'
        FROM pgc."information_schema.tables"
        """
    }

    /// PostgreSQL 15, information_schema.sql, view `columns`: `b` is the type, or what its domain is made of.
    private static let columns = """
        INSERT INTO pgc."information_schema.columns" (table_catalog, table_schema, table_name, column_name,
            ordinal_position, is_nullable, data_type, character_maximum_length, character_octet_length,
            numeric_precision, numeric_precision_radix, numeric_scale, datetime_precision, collation_catalog,
            collation_schema, collation_name, domain_catalog, domain_schema, domain_name, udt_catalog, udt_schema,
            udt_name, dtd_identifier, is_self_referencing, is_identity, identity_cycle, is_generated, is_updatable)
        SELECT '', n.nspname, c.relname, a.attname, a.attnum,
            CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END,
            CASE WHEN b.typelem <> 0 AND b.typlen = -1 AND b.typcategory = 'A' THEN 'ARRAY'
                WHEN b.typnamespace = 11 THEN c_format_type(b.oid, -1) ELSE 'USER-DEFINED' END,
            CASE WHEN b.oid IN (1042, 1043) AND a.atttypmod >= 4 THEN a.atttypmod - 4 END,
            CASE WHEN b.oid IN (25, 1042, 1043) THEN
                CASE WHEN a.atttypmod >= 4 THEN (a.atttypmod - 4) * 4 ELSE 1073741824 END END,
            CASE b.oid WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53
                WHEN 1700 THEN CASE WHEN a.atttypmod >= 4 THEN (a.atttypmod - 4) >> 16 END END,
            CASE WHEN b.oid IN (20, 21, 23, 700, 701) THEN 2 WHEN b.oid = 1700 THEN 10 END,
            CASE WHEN b.oid IN (20, 21, 23) THEN 0
                WHEN b.oid = 1700 AND a.atttypmod >= 4 THEN (a.atttypmod - 4) & 65535 END,
            CASE WHEN b.oid = 1082 THEN 0 WHEN b.oid IN (1083, 1114, 1184, 1186, 1266) THEN 6 END,
            CASE WHEN x.collname IS NOT NULL THEN '' END,
            CASE WHEN x.collname IS NOT NULL THEN 'pg_catalog' END, x.collname,
            CASE WHEN t.typtype = 'd' THEN '' END,
            CASE WHEN t.typtype = 'd' THEN (SELECT z.nspname FROM pgc."pg_catalog.pg_namespace" z
                WHERE z.oid = t.typnamespace) END,
            CASE WHEN t.typtype = 'd' THEN t.typname END,
            '', CASE WHEN b.typnamespace = 11 THEN 'pg_catalog' ELSE 'information_schema' END, b.typname,
            CAST(a.attnum AS VARCHAR), 'NO', 'NO', 'NO', 'NEVER', 'NO'
        FROM pgc."pg_catalog.pg_attribute" a
            JOIN pgc."pg_catalog.pg_class" c ON c.oid = a.attrelid
            JOIN pgc."pg_catalog.pg_namespace" n ON n.oid = c.relnamespace
            JOIN pgc."pg_catalog.pg_type" t ON t.oid = a.atttypid
            JOIN pgc."pg_catalog.pg_type" b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
            LEFT JOIN pgc."pg_catalog.pg_collation" x ON x.oid = a.attcollation AND x.collname <> 'default'
        """
}
