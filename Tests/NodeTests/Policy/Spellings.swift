/// Ways to use a column in SQL. `«c»` stands for it: once for a column that the agreement does not name, once for one
/// that it names, of the same type.
struct Spelling: Sendable, CustomStringConvertible {
    static let place = "«c»"

    let description: String
    let sql: String

    init(_ description: String, _ sql: String) {
        self.description = description
        self.sql = sql
    }

    func using(_ column: String) -> String {
        let first = column.unicodeScalars.first.map { String($0.value, radix: 16) } ?? ""
        return sql.replacing(Self.place, with: column).replacing("«C»", with: column.uppercased())
            .replacing("«u»", with: "\\00" + first + column.dropFirst())
    }

    /// Fragments, as somebody who keeps no rules sends them to a site.
    static let fragments: [Spelling] =
        conditions.map { name, condition in
            Spelling(name, "SELECT count(*) AS n FROM patient p WHERE \(condition)")
        } + [
            .init("group key", "SELECT «c», count(*) AS n FROM patient GROUP BY «c»"),
            .init("ANY of an array", "SELECT count(*) AS n FROM patient WHERE «c» = ANY (ARRAY['A', 'B'])"),
            .init("replace", "SELECT count(*) AS n FROM patient WHERE replace(«c», 'A', 'B') = 'B'"),
            .init("position", "SELECT count(*) AS n FROM patient WHERE position('A' IN «c») = 1"),
            .init(
                "quoted identifier", "SELECT \"«c»\" AS k, count(*) AS n FROM \"patient\" GROUP BY \"«c»\""),
            .init("upper case", "SELECT «C» AS k, COUNT(*) AS n FROM PATIENT GROUP BY «C»"),
            .init(
                "qualified and renamed", "SELECT p.«c» AS sex_, count(*) AS n FROM patient p GROUP BY p.«c»"),
            .init(
                "renamed as an allowed column",
                "SELECT «c» AS deceased, count(*) AS n FROM patient GROUP BY «c»"),
            .init("group by position", "SELECT «c» AS k, count(*) AS n FROM patient GROUP BY 1"),
            .init("group by an alias", "SELECT lower(«c») AS k, count(*) AS n FROM patient GROUP BY k"),
            .init(
                "group by an expression",
                "SELECT upper(«c») AS k, count(*) AS n FROM patient GROUP BY upper(«c»)"),
            .init(
                "comment between",
                "SELECT count(*) AS n FROM patient WHERE /* sex */ «c» /* */ = -- sex\n 'A'"),
            .init("nested comment", "SELECT count(*) AS n FROM patient WHERE /* /* */ sex */ «c» = 'A'"),
            .init("count of it", "SELECT count(«c») AS n FROM patient"),
            .init("FILTER", "SELECT count(*) FILTER (WHERE «c» = 'A') AS n FROM patient"),
            .init(
                "FILTER of people", "SELECT count(DISTINCT person) FILTER (WHERE «c» = 'A') AS n FROM patient"
            ),
            .init("sum of CASE", "SELECT sum(CASE WHEN «c» = 'A' THEN 1 ELSE 0 END) AS n FROM patient"),
            .init("mean of CASE", "SELECT avg(CASE «c» WHEN 'A' THEN 1.0 ELSE 0 END) AS n FROM patient"),
            .init("sum of length", "SELECT sum(length(«c»)) AS n FROM patient"),
            .init(
                "derived table",
                "SELECT k, count(*) AS n FROM (SELECT person, «c» AS k FROM patient) s GROUP BY k"),
            .init(
                "renamed twice",
                "SELECT b, count(*) AS n FROM (SELECT a AS b FROM (SELECT «c» AS a FROM patient) s) t GROUP BY b"
            ),
            .init("star", "SELECT count(*) AS n FROM (SELECT * FROM patient) s WHERE s.«c» = 'A'"),
            .init(
                "qualified star", "SELECT count(*) AS n FROM (SELECT p.* FROM patient p) s WHERE s.«c» = 'A'"),
            .init(
                "column list of an alias",
                "SELECT k, count(*) AS n FROM (SELECT person, «c» FROM patient) AS s(who, k) GROUP BY k"),
            .init(
                "CTE",
                "WITH x AS (SELECT person, «c» AS k FROM patient) SELECT k, count(*) AS n FROM x GROUP BY k"),
            .init(
                "CTE of a CTE",
                "WITH x AS (SELECT * FROM patient), y AS (SELECT person, «c» AS z FROM x) "
                    + "SELECT z, count(*) AS n FROM y GROUP BY z"),
            .init(
                "CTE with column names",
                "WITH x(who, k) AS (SELECT person, «c» FROM patient) SELECT k, count(*) AS n FROM x GROUP BY k"
            ),
            .init(
                "CTE that is named as a table",
                "WITH condition AS (SELECT person, «c» AS code FROM patient) "
                    + "SELECT code, count(*) AS n FROM condition GROUP BY code"),
            .init(
                "correlated EXISTS",
                "SELECT count(*) AS n FROM condition c WHERE EXISTS "
                    + "(SELECT 1 FROM patient p WHERE p.person = c.person AND p.«c» = 'A')"),
            .init(
                "NOT EXISTS",
                "SELECT count(*) AS n FROM condition c WHERE NOT EXISTS "
                    + "(SELECT 1 FROM patient p WHERE p.person = c.person AND p.«c» = 'A')"),
            .init(
                "EXISTS in EXISTS",
                "SELECT count(*) AS n FROM encounter e WHERE EXISTS (SELECT 1 FROM condition c WHERE "
                    + "c.person = e.person AND EXISTS (SELECT 1 FROM patient p WHERE p.person = c.person AND p.«c» = 'A'))"
            ),
            .init(
                "IN of people",
                "SELECT count(*) AS n FROM condition WHERE person IN (SELECT person FROM patient WHERE «c» = 'A')"
            ),
            .init(
                "HAVING a person",
                "SELECT count(*) AS n FROM condition WHERE person IN "
                    + "(SELECT person FROM patient GROUP BY person HAVING max(«c») = 'A')"),
            .init(
                "FILTER a person",
                "SELECT count(*) AS n FROM condition WHERE person IN (SELECT person FROM patient "
                    + "GROUP BY person HAVING count(*) FILTER (WHERE «c» = 'A') > 0)"),
            .init(
                "scalar sub-query",
                "SELECT count(*) AS n FROM condition c WHERE "
                    + "(SELECT max(p.«c») FROM patient p WHERE p.person = c.person) = 'A'"),
            .init(
                "scalar sub-query as a key",
                "SELECT (SELECT max(p.«c») FROM patient p WHERE p.person = c.person) AS k, count(*) AS n "
                    + "FROM condition c GROUP BY 1"),
            .init(
                "joined",
                "SELECT count(*) AS n FROM condition c JOIN patient p ON p.person = c.person WHERE p.«c» = 'A'"
            ),
            .init(
                "in ON",
                "SELECT count(*) AS n FROM condition c JOIN patient p ON p.person = c.person AND p.«c» = 'A'"),
            .init(
                "in ON of a left join",
                "SELECT count(p.sex) AS n FROM condition c LEFT JOIN patient p ON p.person = c.person AND p.«c» = 'A'"
            ),
            .init(
                "joined with USING",
                "SELECT p.«c» AS k, count(*) AS n FROM condition c JOIN patient p USING (person) GROUP BY p.«c»"
            ),
            .init(
                "in USING",
                "SELECT count(*) AS n FROM (SELECT person, «c» AS k FROM patient) a "
                    + "JOIN (SELECT person, «c» AS k FROM patient) b USING (person, k)"),
            .init(
                "comma join",
                "SELECT count(*) AS n FROM condition c, patient p WHERE p.person = c.person AND p.«c» = 'A'"),
            .init(
                "patient twice",
                "SELECT count(*) AS n FROM patient a JOIN patient b USING (person) WHERE b.«c» = 'A'"),
            .init(
                "UNION ALL",
                "SELECT k, count(*) AS n FROM (SELECT person, code AS k FROM condition UNION ALL "
                    + "SELECT person, «c» FROM patient) u GROUP BY k"),
            .init(
                "first of a UNION",
                "SELECT k, count(*) AS n FROM (SELECT person, «c» AS k FROM patient UNION "
                    + "SELECT person, code FROM condition) u GROUP BY k"),
            .init(
                "DISTINCT a person", "SELECT count(*) AS n FROM (SELECT DISTINCT person, «c» FROM patient) s"),
            .init(
                "ORDER BY of a window a person",
                "SELECT count(*) AS n FROM (SELECT person, row_number() OVER (PARTITION BY person ORDER BY «c») AS r "
                    + "FROM patient) s WHERE r = 1"),
            .init(
                "PARTITION BY of a window",
                "SELECT count(*) AS n FROM (SELECT person, row_number() OVER (PARTITION BY person, «c» ORDER BY deceased) "
                    + "AS r FROM patient) s WHERE r = 1"),
            .init(
                "lag of a window",
                "SELECT k, count(*) AS n FROM (SELECT person, lag(«c») OVER (PARTITION BY person ORDER BY deceased) AS k "
                    + "FROM patient) s GROUP BY k"),
            .init(
                "codelist function", "SELECT count(*) AS n FROM patient WHERE in_codelist(«c», 'diabetes')"),
            .init(
                "joined to a codelist",
                "SELECT count(*) AS n FROM patient p JOIN codelist.diabetes d ON d.code = p.«c»"),
            .init(
                "in a codelist",
                "SELECT count(*) AS n FROM patient WHERE «c» IN (SELECT code FROM codelist.diabetes)"),
            .init(
                "joined to a reference table",
                "SELECT count(*) AS n FROM patient p JOIN reference.age_band b ON b.name = p.«c»"),
        ]

    /// Conditions over `patient p`.
    private static let conditions: [(String, String)] = [
        ("equality", "«c» = 'A'"), ("quoted", "p.\"«c»\" = 'A'"), ("inequality", "«c» <> 'A'"),
        ("negation", "NOT («c» = 'A')"), ("NULL test", "«c» IS NOT NULL"), ("IN a list", "«c» IN ('A', 'B')"),
        ("NOT IN a list", "«c» NOT IN ('A', 'B')"), ("pattern", "«c» LIKE 'A%'"),
        ("no pattern", "«c» NOT LIKE 'A%'"),
        ("case-blind pattern", "«c» ILIKE 'a%'"), ("escaped identifier", "U&\"«u»\" = 'A'"),
        ("CAST", "CAST(«c» AS text) = 'A'"), ("cast operator", "«c»::text = 'A'"),
        ("cast of a cast", "(«c»::varchar)::text = 'A'"), ("lower", "lower(«c») = 'a'"),
        ("nested functions", "upper(trim(lower(«c»))) = 'A'"), ("length", "length(«c») = 1"),
        ("substring", "substring(«c», 1, 1) = 'A'"), ("SQL substring", "substring(«c» FROM 1 FOR 1) = 'A'"),
        ("left", "left(«c», 1) = 'A'"), ("right", "right(«c», 1) = 'A'"),
        ("coalesce", "coalesce(«c», 'A') = 'A'"),
        ("nullif", "nullif(«c», 'A') IS NULL"), ("greatest", "greatest(«c», 'A') = 'A'"),
        ("concatenation", "«c» || 'x' = 'Ax'"), ("concat", "concat(«c», 'x') = 'Ax'"),
        ("CASE", "CASE WHEN «c» = 'A' THEN true ELSE false END"),
        ("simple CASE", "CASE «c» WHEN 'A' THEN true ELSE false END"), ("BETWEEN", "«c» BETWEEN 'A' AND 'B'"),
        ("order", "«c» < 'B'"), ("DISTINCT FROM", "«c» IS DISTINCT FROM 'A'"),
        ("or", "deceased OR «c» = 'A'"),
        ("and not", "deceased AND NOT «c» = 'A'"), ("IN VALUES", "«c» IN (VALUES ('A'), ('B'))"),
        ("itself", "«c» = «c»"), ("with an allowed column", "«c» = p.sex"), ("truth", "(«c» = 'A') IS TRUE"),
    ]

    /// What an analyst asks at the own node; the fragments of the plan are sent.
    static let statements: [Spelling] = [
        .init(
            "HAVING",
            "SELECT practice FROM patient GROUP BY practice HAVING count(*) FILTER (WHERE «c» = 'A') > 3"),
        .init(
            "ORDER BY",
            "SELECT practice, count(*) AS n FROM patient GROUP BY practice "
                + "ORDER BY count(*) FILTER (WHERE «c» = 'A') DESC LIMIT 3"),
        .init("order of the key", "SELECT «c», count(*) AS n FROM patient GROUP BY «c» ORDER BY «c»"),
        .init(
            "window over groups",
            "SELECT practice, rank() OVER (ORDER BY count(*) FILTER (WHERE «c» = 'A')) AS r FROM patient GROUP BY practice"
        ),
        .init("share", "SELECT 100.0 * count(*) FILTER (WHERE «c» = 'A') / count(*) AS share FROM patient"),
        .init(
            "two questions",
            "WITH a AS (SELECT count(*) AS n FROM patient), b AS (SELECT count(*) AS n FROM patient WHERE «c» = 'A') "
                + "SELECT 1.0 * b.n / a.n AS share FROM a CROSS JOIN b"),
        .init(
            "UNION of answers",
            "SELECT practice AS k, count(*) AS n FROM patient GROUP BY practice UNION ALL "
                + "SELECT «c», count(*) FROM patient GROUP BY «c»"),
        .init(
            "sub-query over groups",
            "SELECT max(n) AS most FROM (SELECT «c», count(*) AS n FROM patient GROUP BY «c») s"),
        .init(
            "group that is not shown",
            "SELECT n FROM (SELECT «c» AS k, count(*) AS n FROM patient GROUP BY «c») s"),
        .init("only in GROUP BY", "SELECT count(*) AS n FROM patient GROUP BY «c»"),
        .init(
            "CASE over groups",
            "SELECT CASE WHEN count(*) FILTER (WHERE «c» = 'A') > 10 THEN 'many' ELSE 'few' END AS words FROM patient"
        ),
    ]

    /// No cut, unknown to the catalog, or no function that is known: refused whichever column it is, before anything
    /// is decided.
    static let neverLegal: [Spelling] = [
        .init("whole row", "SELECT count(p) AS n FROM patient p"),
        .init("test of a whole row", "SELECT count(*) AS n FROM patient p WHERE p IS NOT NULL"),
        .init("whole row as text", "SELECT count(*) AS n FROM patient p WHERE p::text LIKE '%A%'"),
        .init("field of a whole row", "SELECT count(*) AS n FROM patient p WHERE (p).«c» = 'A'"),
        .init("row as JSON", "SELECT count(*) AS n FROM patient p WHERE row_to_json(p)->>'«c»' = 'A'"),
        .init("count of a row's star", "SELECT count(p.*) AS n FROM patient p"),
        .init("an unknown function", "SELECT count(*) AS n FROM patient WHERE pg_sleep(length(«c»)) IS NULL"),
        .init(
            "a function that reads files", "SELECT count(*) AS n FROM patient WHERE pg_read_file(«c») = 'A'"),
        .init("a function of the engine", "SELECT count(*) AS n FROM patient WHERE hash(«c») = 1"),
        .init("SQL in a function", "SELECT count(*) AS n FROM patient WHERE query_to_xml(«c») IS NULL"),
        .init("column of a list", "SELECT string_agg(«c», ',') AS n FROM patient"),
        .init("array of values", "SELECT array_agg(«c») AS n FROM patient"),
        .init("smallest value", "SELECT min(«c») AS n FROM patient"),
        .init("regular expression", "SELECT count(*) AS n FROM patient WHERE «c» ~ '^A'"),
        .init("row comparison", "SELECT count(*) AS n FROM patient WHERE («c», deceased) = ('A', false)"),
        .init("IN rows", "SELECT count(*) AS n FROM patient WHERE («c», deceased) IN (('A', false))"),
        .init(
            "LATERAL",
            "SELECT k, count(*) AS n FROM patient p CROSS JOIN LATERAL (SELECT p.«c» AS k) l GROUP BY k"),
        .init(
            "NATURAL",
            "SELECT count(*) AS n FROM (SELECT person, «c» AS k FROM patient) a "
                + "NATURAL JOIN (SELECT person, code AS k FROM condition) b"),
        .init(
            "NATURAL by its own name",
            "SELECT count(*) AS n FROM (SELECT person, «c» FROM patient) a "
                + "NATURAL JOIN (SELECT person, «c» FROM patient) b"),
        .init("ROLLUP", "SELECT «c», count(*) AS n FROM patient GROUP BY ROLLUP («c»)"),
        .init("GROUPING SETS", "SELECT «c», count(*) AS n FROM patient GROUP BY GROUPING SETS ((«c»), ())"),
        .init("ordered aggregate", "SELECT mode() WITHIN GROUP (ORDER BY «c») AS n FROM patient"),
        .init("sample", "SELECT count(*) AS n FROM patient TABLESAMPLE SYSTEM (10) WHERE «c» = 'A'"),
        .init("DISTINCT ON", "SELECT count(*) AS n FROM (SELECT DISTINCT ON («c») person FROM patient) s"),
        .init("rows", "SELECT «c» FROM patient"),
        .init("all rows", "SELECT * FROM patient"),
        .init("table of the engine", "SELECT count(*) AS n FROM live.patient WHERE «c» = 'A'"),
        .init("table of the publication", "SELECT count(*) AS n FROM snapshot_1.patient WHERE «c» = 'A'"),
        .init(
            "schema of the engine",
            "SELECT count(*) AS n FROM information_schema.columns WHERE column_name = '«c»'"),
        .init("two statements", "SELECT count(*) AS n FROM patient; SELECT «c» FROM patient"),
        .init("a change", "UPDATE patient SET sex = «c»"),
        .init("prepared", "PREPARE x AS SELECT «c» FROM patient"),
        .init("a column that is not in the catalog", "SELECT count(*) AS n FROM patient WHERE «c»_raw = 'A'"),
        .init("hidden column", "SELECT count(*) AS n FROM patient WHERE ctid IS NOT NULL"),
    ]
}
