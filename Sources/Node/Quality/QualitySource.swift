internal import Catalog
internal import Core
internal import Warehouse

/// Which rows are looked at, and the tables that they stand in.
struct QualitySource: Sendable {
    enum Kind: Sendable {
        case live
        /// The schema of a publication.
        case publication(String)
    }

    let kind: Kind
    /// Only this controller's rows; of live data only.
    let controller: OrganisationCode?
    /// The day that is today, as days since 1970.
    let today: Int
    /// Where live rows are read: those that were taken in, and those of views.
    var tables: SiteSchema?

    var schema: String {
        switch kind {
        case .live: SiteSchema.live
        case .publication(let name): name
        }
    }

    var isLive: Bool { if case .live = kind { true } else { false } }

    func table(_ name: String) -> String {
        if isLive, let tables, let dataset = tables.catalog.datasets[name] { return tables.rows(dataset) }
        return "\(schema).\(SQLQuoting.identifier(name))"
    }

    /// A condition on rows of `d`.
    var isOurs: String {
        controller.map { "d.controller = \(SQLQuoting.literal($0.text))" } ?? "1 = 1"
    }

    func day(_ days: Int) -> String { "DATE '\(Civil.formatDate(days))'" }

    /// What is known of every person, for this session: `ids`, `has_number`, the first and last day of their life.
    ///
    /// `birth_month`, `birth_year`: what a date of birth would be if only month or year were known. `death_after`: the
    /// first day after the death, or after the month or year that may be all that is known of it.
    func people(hasDeaths: Bool) -> String {
        let dead = "greatest(b.deceased_date, x.deceased)"
        return """
            CREATE TEMPORARY TABLE quality_person AS
            SELECT s.person_id, s.ids, s.has_number, s.is_subject, b.births, b.birth,
              CAST(date_trunc('month', b.birth) AS DATE) AS birth_month,
              CAST(date_trunc('year', b.birth) AS DATE) AS birth_year, b.person_id IS NOT NULL AS has_record,
              CAST(CASE WHEN date_trunc('year', \(dead)) = \(dead) THEN \(dead) + INTERVAL '1 year'
                WHEN date_trunc('month', \(dead)) = \(dead) THEN \(dead) + INTERVAL '1 month'
                ELSE \(dead) + INTERVAL '1 day' END AS DATE) AS death_after
            FROM (\(subjects)) s
            LEFT JOIN (\(births)) b ON b.person_id = s.person_id
            LEFT JOIN (\(hasDeaths ? deaths : noDeaths)) x ON x.person_id = s.person_id
            """
    }

    private var subjects: String {
        isLive
            ? """
            SELECT p.person_id, p.person NOT LIKE 'local:%' AS has_number, coalesce(i.ids, 0) AS ids,
              i.person_id IS NOT NULL AS is_subject
            FROM live.person p LEFT JOIN (SELECT person_id, max(n) AS ids FROM
                (SELECT d.person_id, d.controller, count(*) AS n FROM live.subject d WHERE \(isOurs) GROUP BY 1, 2) c
              GROUP BY 1) i ON i.person_id = p.person_id
            """
            : """
            SELECT d.person_id, d.nhs_number IS NOT NULL AS has_number, 1 AS ids, TRUE AS is_subject
            FROM \(schema).person d
            """
    }

    /// One row a person, of several patient records the newest, as publications choose.
    private var births: String {
        isLive
            ? """
            SELECT person_id, birth_date AS birth, deceased_date, births FROM (
              SELECT d.person_id, d.birth_date, d.deceased_date, row_number() OVER (PARTITION BY d.person_id
                  ORDER BY d.last_updated DESC NULLS LAST, d.resource_id DESC) AS place,
                CASE WHEN min(d.birth_date) OVER (PARTITION BY d.person_id)
                  < max(d.birth_date) OVER (PARTITION BY d.person_id) THEN 2 ELSE 1 END AS births
              FROM \(table("patient")) d WHERE \(isOurs)) n WHERE place = 1
            """
            : "SELECT person_id, birth_date AS birth, deceased_date, 1 AS births FROM \(schema).patient"
    }

    private var deaths: String {
        "SELECT d.person_id, max(d.date_of_death) AS deceased FROM \(table("death")) d WHERE \(isOurs) GROUP BY 1"
    }

    private var noDeaths: String { "SELECT 0 AS person_id, CAST(NULL AS DATE) AS deceased WHERE 1 = 0" }

    /// Counts of `QualityPeople`.
    var peopleCounts: String {
        """
        SELECT count(*), count(*) FILTER (WHERE has_number), count(*) FILTER (WHERE NOT has_number),
          count(*) FILTER (WHERE ids > 1), count(*) FILTER (WHERE births > 1),
          count(*) FILTER (WHERE NOT has_record)
        FROM quality_person WHERE is_subject
        """
    }
}

/// Expressions to be computed in one pass, by name.
struct NamedExpressions {
    private(set) var names: [String] = []
    private(set) var list: [String] = []

    mutating func add(_ name: String, _ expression: String) {
        names.append(name)
        list.append(expression)
    }

    /// Rows for which a condition holds.
    mutating func count(_ name: String, where condition: String) {
        add(name, "count(*) FILTER (WHERE \(condition))")
    }

    /// The values of a result of one row.
    func values(_ table: Table) -> [String: Value] {
        Dictionary(uniqueKeysWithValues: zip(names, table.row(0)))
    }
}
