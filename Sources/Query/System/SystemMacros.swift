/// Functions of `pg_catalog` as macros of the engine that holds it, over its tables of the schema `pgc`.
package enum SystemMacros {
    /// To be run once the tables are there. `pgc.type_names(oid, name)` has what `format_type` says of a type
    /// without modifier; `pgc.visible(oid)` the relations that are found without a schema.
    package static let statements: [String] = [
        macro("oid_out(p1)", "CAST(p1 AS VARCHAR)"),
        macro("oid_in(p1)", "CAST(p1 AS BIGINT)"),
        macro(
            "float_out(p1)", "regexp_replace(CAST(p1 AS VARCHAR), '\\.0$', '')"),
        macro(
            "array_out(p1)",
            """
            '{' || array_to_string(list_transform(p1, lambda e: CASE WHEN e IS NULL THEN 'NULL'
                WHEN e = '' OR lower(e) = 'null' OR regexp_matches(e, '[\\s,{}"\\\\]')
                THEN '"' || replace(replace(e, '\\', '\\\\'), '"', '\\"') || '"' ELSE e END), ',') || '}'
            """),
        macro(
            "list_concat(p1, p2)", "CASE WHEN p1 IS NULL THEN p2 WHEN p2 IS NULL THEN p1 ELSE p1 || p2 END"),
        macro(
            "quote_ident(p1)",
            """
            CASE WHEN regexp_matches(p1, '^[a-z_][a-z0-9_]*$')
                AND NOT EXISTS (SELECT 1 FROM pgc."pg_catalog.pg_get_keywords()" z WHERE z.word = p1 AND z.catcode <> 'U')
            THEN p1 ELSE '"' || replace(p1, '"', '""') || '"' END
            """),
        macro("quote_literal(p1)", "'''' || replace(p1, '''', '''''') || ''''"),
        macro(
            "regclass_out(p1)",
            """
            CASE WHEN p1 = 0 THEN '-' ELSE coalesce((SELECT CASE WHEN p1 IN (SELECT v.oid FROM pgc.visible v) THEN ''
                ELSE c_quote_ident(n.nspname) || '.' END || c_quote_ident(z.relname)
                FROM pgc."pg_catalog.pg_class" z JOIN pgc."pg_catalog.pg_namespace" n ON n.oid = z.relnamespace
                WHERE z.oid = p1), CAST(p1 AS VARCHAR)) END
            """),
        macro(
            "to_regclass(p1)",
            """
            (SELECT min(z.oid) FROM pgc."pg_catalog.pg_class" z
                JOIN pgc."pg_catalog.pg_namespace" n ON n.oid = z.relnamespace
                WHERE n.nspname || '.' || z.relname = replace(p1, '"', '')
                OR (z.relname = replace(p1, '"', '') AND z.oid IN (SELECT v.oid FROM pgc.visible v)))
            """),
        macro("regclass(p1)", "coalesce(TRY_CAST(p1 AS BIGINT), c_to_regclass(p1))"),
        macro(
            "regtype_out(p1)",
            """
            CASE WHEN p1 = 0 THEN '-' ELSE
                coalesce((SELECT z.name FROM pgc.type_names z WHERE z.oid = p1), CAST(p1 AS VARCHAR)) END
            """),
        macro(
            "to_regtype(p1)",
            """
            (SELECT min(z.oid) FROM pgc.type_names z JOIN pgc."pg_catalog.pg_type" t ON t.oid = z.oid
                WHERE z.name = p1 OR t.typname = p1 OR 'pg_catalog.' || t.typname = p1)
            """),
        macro("regtype(p1)", "coalesce(TRY_CAST(p1 AS BIGINT), c_to_regtype(p1))"),
        macro(
            "regproc_out(p1)",
            """
            CASE WHEN p1 = 0 THEN '-' ELSE coalesce((SELECT z.proname FROM pgc."pg_catalog.pg_proc" z WHERE z.oid = p1),
                CAST(p1 AS VARCHAR)) END
            """),
        macro(
            "to_regproc(p1)",
            "(SELECT min(z.oid) FROM pgc.\"pg_catalog.pg_proc\" z WHERE z.proname = p1 OR 'pg_catalog.' || z.proname = p1)"
        ),
        macro("regproc(p1)", "coalesce(TRY_CAST(p1 AS BIGINT), c_to_regproc(p1))"),
        macro(
            "regnamespace_out(p1)",
            "coalesce((SELECT c_quote_ident(z.nspname) FROM pgc.\"pg_catalog.pg_namespace\" z WHERE z.oid = p1), CAST(p1 AS VARCHAR))"
        ),
        macro(
            "to_regnamespace(p1)",
            "(SELECT min(z.oid) FROM pgc.\"pg_catalog.pg_namespace\" z WHERE z.nspname = replace(p1, '\"', ''))"
        ),
        macro("regnamespace(p1)", "coalesce(TRY_CAST(p1 AS BIGINT), c_to_regnamespace(p1))"),
        macro(
            "regrole_out(p1)",
            "coalesce((SELECT c_quote_ident(z.rolname) FROM pgc.\"pg_catalog.pg_authid\" z WHERE z.oid = p1), CAST(p1 AS VARCHAR))"
        ),
        macro(
            "to_regrole(p1)",
            "(SELECT min(z.oid) FROM pgc.\"pg_catalog.pg_authid\" z WHERE z.rolname = replace(p1, '\"', ''))"),
        macro("regrole(p1)", "coalesce(TRY_CAST(p1 AS BIGINT), c_to_regrole(p1))"),
        macro(
            "pg_get_userbyid(p1)",
            "coalesce((SELECT z.rolname FROM pgc.\"pg_catalog.pg_authid\" z WHERE z.oid = p1), 'unknown (OID=' || p1 || ')')"
        ),
        macro("pg_encoding_to_char(p1)", "CASE p1 WHEN 6 THEN 'UTF8' WHEN 0 THEN 'SQL_ASCII' ELSE '' END"),
        macro(
            "format_type(p1, p2)",
            """
            CASE WHEN p1 IS NULL THEN NULL WHEN p1 = 0 THEN '-' ELSE
                coalesce((SELECT z.name FROM pgc.type_names z WHERE z.oid = p1), '???')
                || CASE WHEN coalesce(p2, -1) < 0 THEN ''
                    WHEN p1 IN (1042, 1043) THEN '(' || CAST(p2 - 4 AS VARCHAR) || ')'
                    WHEN p1 = 1700 THEN '(' || CAST((p2 - 4) >> 16 AS VARCHAR) || ',' || CAST((p2 - 4) & 65535 AS VARCHAR) || ')'
                    ELSE '' END END
            """),
        macro(
            "obj_description(p1, p2)",
            """
            (SELECT min(z.description) FROM pgc."pg_catalog.pg_description" z WHERE z.objoid = p1 AND z.objsubid = 0
                AND (p2 IS NULL OR z.classoid = c_to_regclass('pg_catalog.' || p2)))
            """),
        macro(
            "shobj_description(p1, p2)",
            """
            (SELECT min(z.description) FROM pgc."pg_catalog.pg_shdescription" z WHERE z.objoid = p1
                AND z.classoid = c_to_regclass('pg_catalog.' || p2))
            """),
        macro(
            "col_description(p1, p2)",
            """
            (SELECT min(z.description) FROM pgc."pg_catalog.pg_description" z WHERE z.objoid = p1 AND z.objsubid = p2
                AND z.classoid = 1259)
            """),
        macro("pg_table_is_visible(p1)", "p1 IN (SELECT v.oid FROM pgc.visible v)"),
        macro(
            "pg_type_is_visible(p1)",
            "coalesce((SELECT z.typnamespace = 11 FROM pgc.\"pg_catalog.pg_type\" z WHERE z.oid = p1), false)"
        ),
        macro("pg_get_expr(p1, p2)", "p1"),
        macro("pg_get_indexdef(p1, p2)", "CAST(NULL AS VARCHAR)"),
        macro("pg_get_constraintdef(p1)", "CAST(NULL AS VARCHAR)"),
        macro("pg_index_has_property(p1, p2)", "CAST(NULL AS BOOLEAN)"),
        macro("pg_size_pretty(p1)", "CAST(p1 AS VARCHAR) || ' bytes'"),
        macro(
            "pg_get_function_result(p1)",
            """
            (SELECT CASE WHEN z.proretset THEN 'SETOF ' ELSE '' END || c_format_type(z.prorettype, -1)
                FROM pgc."pg_catalog.pg_proc" z WHERE z.oid = p1)
            """),
        macro("pg_get_function_arguments(p1)", functionArguments),
        macro("pg_get_function_identity_arguments(p1)", functionArguments),
        macro("_pg_truetypid(p1)", "p1"),
        macro("_pg_char_max_length(p1, p2)", "CASE WHEN p1 IN (1042, 1043) AND p2 >= 4 THEN p2 - 4 END"),
        macro("array_in_type(p1)", "p1"),
        macro(
            "may(p1)",
            "coalesce(regexp_matches(lower(p1), '(^|[, ])(select|usage|connect|execute)([, ]|$)'), false)"),
        macro(
            "current_setting(p1)",
            "(SELECT min(z.setting) FROM pgc.\"pg_catalog.pg_settings\" z WHERE lower(z.name) = lower(p1))"),
    ]

    private static let functionArguments = """
        (SELECT coalesce(string_agg(t.name, ', ' ORDER BY a.place), '') FROM (SELECT unnest(z.proargtypes) AS type,
            unnest(generate_series(1, len(z.proargtypes))) AS place
            FROM pgc."pg_catalog.pg_proc" z WHERE z.oid = p1) a JOIN pgc.type_names t ON t.oid = a.type)
        """

    private static func macro(_ head: String, _ body: String) -> String {
        "CREATE OR REPLACE MACRO c_\(head) AS \(body)"
    }
}
