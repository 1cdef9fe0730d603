#!/bin/bash
# Writes Schemas/postgresql/*.tsv, what a fresh PostgreSQL 15 says of itself, for clients that ask a node's catalog.
# Usage: Infra/dump_postgres_catalog.sh CONNECTION-STRING   (an empty database of a PostgreSQL 15)
set -euo pipefail
connection=$1
folder=$(cd "$(dirname "$0")/../Schemas/postgresql" && pwd)

dump() {
    psql -X -q -v ON_ERROR_STOP=1 "$connection" -c "COPY ($2) TO STDOUT WITH (FORMAT text, HEADER true)" >"$folder/$1.tsv"
}

# All columns of a table, functions and operators by their OID.
columns() {
    psql -X -A -t -v ON_ERROR_STOP=1 "$connection" -c "SELECT string_agg(quote_ident(attname) || CASE WHEN atttypid IN
        ('regproc'::regtype) THEN '::oid' ELSE '' END, ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = '$1'::regclass AND attnum > 0"
}

system="c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND c.relkind IN ('r', 'v')"
dump relations "SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE $system ORDER BY 2, 3"
dump attributes "SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid WHERE $system AND a.attnum > 0 ORDER BY 1, 2"
types="SELECT t.oid FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
    WHERE t.typrelid = 0 AND coalesce(e.typrelid, 0) = 0"
dump pg_type "SELECT $(columns pg_type) FROM pg_type t WHERE oid IN ($types) ORDER BY oid"
# The functions that read and write types, and those that a node answers itself.
dump pg_proc "SELECT p.oid, p.proname, p.pronamespace, p.proowner, p.prolang, p.procost, p.prorows, p.provariadic, p.prosupport::oid,
    p.prokind, p.prosecdef, p.proleakproof, p.proisstrict, p.proretset, p.provolatile, p.proparallel, p.pronargs,
    p.pronargdefaults, p.prorettype, p.proargtypes, p.proallargtypes, p.proargmodes, p.proargnames, p.prosrc
    FROM pg_proc p WHERE p.oid IN (SELECT unnest(ARRAY[typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze,
        typsubscript]::oid[])
        FROM pg_type WHERE oid IN ($types))
    OR p.proname IN ('version', 'current_database', 'current_schema', 'current_schemas', 'format_type', 'pg_get_expr',
        'pg_get_userbyid', 'pg_table_is_visible', 'pg_type_is_visible', 'obj_description', 'col_description', 'current_setting',
        'set_config', 'pg_backend_pid', 'count', 'sum', 'avg', 'min', 'max', 'now', 'lower', 'upper', 'length', 'coalesce',
        'round', 'abs', 'date_trunc', 'date_part', 'extract', 'age', 'row_number', 'rank', 'string_agg', 'array_agg')
    ORDER BY p.oid"
dump pg_get_keywords "SELECT * FROM pg_get_keywords()"
dump pg_range "SELECT $(columns pg_range) FROM pg_range ORDER BY rngtypid"
dump pg_am "SELECT $(columns pg_am) FROM pg_am ORDER BY oid"
dump pg_language "SELECT $(columns pg_language) FROM pg_language ORDER BY oid"
dump pg_collation "SELECT $(columns pg_collation) FROM pg_collation WHERE oid < 10000 ORDER BY oid"
dump pg_tablespace "SELECT $(columns pg_tablespace) FROM pg_tablespace ORDER BY oid"
dump pg_namespace "SELECT oid, nspname, nspowner FROM pg_namespace WHERE oid < 16384 ORDER BY oid"
dump pg_opclass "SELECT $(columns pg_opclass) FROM pg_opclass WHERE oid < 16384 ORDER BY oid"
dump pg_opfamily "SELECT $(columns pg_opfamily) FROM pg_opfamily WHERE oid < 16384 ORDER BY oid"
dump pg_operator "SELECT $(columns pg_operator) FROM pg_operator WHERE oid < 16384 ORDER BY oid"
dump pg_cast "SELECT $(columns pg_cast) FROM pg_cast WHERE oid < 16384 ORDER BY oid"
dump pg_settings "SELECT name, boot_val AS setting, unit, category, short_desc, extra_desc, context, vartype, 'default' AS source,
    min_val, max_val, enumvals, boot_val, boot_val AS reset_val, NULL AS sourcefile, NULL AS sourceline, false AS pending_restart
    FROM pg_settings WHERE context IN ('user', 'internal') AND category NOT LIKE 'Developer%' AND name NOT LIKE 'debug%'
    ORDER BY name"
