internal import Catalog
internal import Core
internal import Warehouse

/// Counts what a dataset holds: one pass for all counts of rows, one by month, and one or two for each column of codes.
struct QualityScan: Sendable {
    let source: QualitySource
    let fields: QualityFields
    let dialect: EngineDialect
    /// Columns of areas and organisations that a reference table lists.
    var areas: [AreaList.Column] = []

    private var name: String { fields.dataset.name }
    private var rows: String { "\(source.table(name)) d" }
    private func column(_ name: String) -> String { "d." + SQLQuoting.identifier(name) }

    // MARK: - Rows

    /// Counts that need no grouping.
    func totals(in session: any EngineSession) async throws -> DatasetQuality {
        let wanted = expressions
        let table = try await session.query(
            """
            SELECT \(wanted.list.joined(separator: ", "))
            FROM \(rows) LEFT JOIN quality_person q ON q.person_id = d.person_id WHERE \(source.isOurs)
            """)
        return dataset(wanted.values(table))
    }

    private var expressions: NamedExpressions {
        var wanted = NamedExpressions()
        wanted.add("rows", "count(*)")
        wanted.add(
            "people",
            """
            (SELECT count(*) FROM (SELECT d.person_id FROM \(rows) WHERE \(source.isOurs)
              AND d.person_id IS NOT NULL GROUP BY 1) p)
            """)
        wanted.count("unnumbered", where: "NOT q.has_number")
        for field in fields.columns { wanted.add("filled \(field.name)", "count(\(column(field.name)))") }
        for domain in fields.domains {
            let values = domain.values.map(SQLQuoting.literal).joined(separator: ", ")
            wanted.count("outside \(domain.column)", where: "\(column(domain.column)) NOT IN (\(values))")
        }
        for area in areas {
            wanted.add(
                "outside \(area.column)",
                """
                (SELECT count(*) FROM \(rows) WHERE \(source.isOurs) AND \(column(area.column)) IS NOT NULL AND NOT EXISTS
                  (SELECT 1 FROM quality_area a WHERE a.list = '\(area.list)' AND a.code = \(column(area.column))))
                """)
        }
        for date in fields.dates { addDate(date, to: &wanted) }
        for span in fields.spans {
            let (start, end) = (column(span.start), column(span.end))
            // An end that may stand for its whole month or year is before the start only if that is.
            wanted.count(
                "reversed \(span.start)",
                where: "\(end) < \(start) AND \(end) <> date_trunc('month', \(start)) "
                    + "AND \(end) <> date_trunc('year', \(start))")
        }
        if let event = fields.event {
            wanted.add(
                "latest event",
                "CAST(max(CASE WHEN \(column(event)) < \(source.day(source.today + 1)) THEN \(column(event)) END) "
                    + "AS DATE)")
        }
        if name == "patient" { addAge(to: &wanted) }
        if source.isLive { wanted.add("latest update", "max(d.last_updated)") }
        return wanted
    }

    private func addDate(_ name: String, to wanted: inout NamedExpressions) {
        let date = column(name)
        if name != "birth_date" {
            wanted.count(
                "birth \(name)",
                where: "\(date) < q.birth AND \(date) <> q.birth_month AND \(date) <> q.birth_year")
        }
        if name == fields.event, self.name != "death" {
            wanted.count("death \(name)", where: "\(date) >= q.death_after")
        }
        if !fields.mayBeAhead(name) {
            let planned = fields.isPlanned.map { " AND NOT \($0)" } ?? ""
            wanted.count("future \(name)", where: "\(date) >= \(source.day(source.today + 1))\(planned)")
        }
        wanted.count("1900 \(name)", where: "\(date) < DATE '1900-01-01'")
    }

    private func addAge(to wanted: inout NamedExpressions) {
        let today = Civil.date(days: source.today)
        let born = Civil.days(
            year: today.year - QualityRules.oldestAge, month: today.month,
            day: min(
                today.day, Civil.daysInMonth(year: today.year - QualityRules.oldestAge, month: today.month)))
        let (birth, death) = (column("birth_date"), column("deceased_date"))
        wanted.count(
            "old",
            where: """
                (coalesce(\(column("deceased")), FALSE) = FALSE AND \(death) IS NULL
                  AND \(birth) <= \(source.day(born)))
                OR \(birth) + INTERVAL '\(QualityRules.oldestAge) years' <= \(death)
                """)
    }

    private func dataset(_ values: [String: Value]) -> DatasetQuality {
        func count(_ name: String) -> Int { Int(values[name]?.whole ?? 0) }
        var found = DatasetQuality(name: name)
        (found.rows, found.people) = (count("rows"), count("people"))
        found.withoutNumber = count("unnumbered")
        found.columns = fields.columns.map {
            .init(
                name: $0.name, filled: count("filled \($0.name)"),
                outside: values["outside \($0.name)"].map { Int($0.whole ?? 0) })
        }
        found.dates = fields.dates.map {
            .init(
                column: $0, beforeBirth: count("birth \($0)"),
                afterDeath: values["death \($0)"].map { Int($0.whole ?? 0) },
                inFuture: count("future \($0)"), before1900: count("1900 \($0)"))
        }
        found.spans = fields.spans.map {
            .init(start: $0.start, end: $0.end, reversed: count("reversed \($0.start)"))
        }
        found.implausiblyOld = values["old"].map { Int($0.whole ?? 0) }
        found.eventColumn = fields.event
        found.latestEvent = values["latest event"].flatMap { $0.isNull ? nil : $0.text }
        found.latestUpdate = values["latest update"].flatMap { $0.isNull ? nil : $0.text }
        return found
    }

    // MARK: - Months

    /// Events of the last 24 whole months and of this one; months without any stand with 0.
    func months(in session: any EngineSession) async throws -> [DatasetQuality.Month] {
        guard let event = fields.event else { return [] }
        let (year, month, _) = Civil.date(days: source.today)
        let this = year * 12 + month - 1
        let first = this - QualityRules.months
        func start(_ number: Int) -> String {
            source.day(Civil.days(year: number / 12, month: number % 12 + 1, day: 1))
        }
        let date = column(event)
        let table = try await session.query(
            """
            SELECT CAST(date_part('year', \(date)) * 12 + date_part('month', \(date)) - 1 AS INTEGER) AS month,
              count(*) AS n
            FROM \(rows) WHERE \(source.isOurs) AND \(date) >= \(start(first)) AND \(date) < \(start(this + 1))
            GROUP BY 1
            """)
        let counts = Dictionary(
            uniqueKeysWithValues: table.rows.map { (Int($0[0].whole ?? 0), Int($0[1].whole ?? 0)) })
        return (first...this).map {
            .init(
                month: String(
                    Civil.formatDate(
                        Civil.days(year: $0 / 12, month: $0 % 12 + 1, day: 1)
                    ).prefix(7)), rows: counts[$0] ?? 0)
        }
    }

    // MARK: - Codes

    /// Rows and people by code and system; `body` is given code, system (nil: none), rows, people.
    func codes(
        _ codes: QualityFields.Codes, in session: any EngineSession,
        _ body: @escaping @Sendable (String, String?, Int, Int) -> Void
    ) async throws {
        let system = systemSQL(codes.system)
        let value =
            codes.isList
            ? "unnest(\(dialect == .duckdb ? "string_split" : "string_to_array")(\(column(codes.column)), ' '))"
            : column(codes.column)
        let sql = """
            SELECT code, system, CAST(sum(n) AS BIGINT) AS n, count(*) AS people FROM (
              SELECT code, system, person_id, count(*) AS n FROM (
                SELECT \(value) AS code, \(system) AS system, d.person_id
                FROM \(rows) WHERE \(source.isOurs) AND \(column(codes.column)) IS NOT NULL) v
              WHERE code <> '' GROUP BY 1, 2, 3) c
            GROUP BY 1, 2
            """
        try await session.stream(sql, parameters: []) { table in
            let columns = table.columns.map(\.vector)
            for row in 0..<table.rowCount {
                body(
                    columns[0][row].text, columns[1][row].isNull ? nil : columns[1][row].text,
                    Int(columns[2][row].whole ?? 0), Int(columns[3][row].whole ?? 0))
            }
        }
    }

    private func systemSQL(_ system: QualityFields.Codes.System) -> String {
        switch system {
        case .column(let name): "nullif(\(column(name)), '')"
        case .declared(let uri): "CAST(\(SQLQuoting.literal(uri)) AS VARCHAR)"
        case .none: "CAST(NULL AS VARCHAR)"
        }
    }

    /// People by system, of those that a column says.
    func systems(_ column: String, in session: any EngineSession) async throws -> [String: Int] {
        let table = try await session.query(
            """
            SELECT system, count(*) AS people FROM (SELECT \(self.column(column)) AS system, d.person_id
              FROM \(rows) WHERE \(source.isOurs) GROUP BY 1, 2) s
            WHERE system IS NOT NULL GROUP BY 1
            """)
        return Dictionary(
            uniqueKeysWithValues: table.rows.map { ($0[0].text, Int($0[1].whole ?? 0)) })
    }

    /// Rows and people with a number by system, code and unit.
    func units(
        in session: any EngineSession, _ body: @escaping @Sendable (MeasuredUnit) -> Void
    ) async throws {
        let sql = """
            SELECT code, code_system, unit, CAST(sum(n) AS BIGINT) AS n, count(*) AS people FROM (
              SELECT d.code, d.code_system, nullif(d.value_unit, '') AS unit, d.person_id, count(*) AS n
              FROM \(rows) WHERE \(source.isOurs) AND d.value_quantity IS NOT NULL GROUP BY 1, 2, 3, 4) u
            GROUP BY 1, 2, 3
            """
        try await session.stream(sql, parameters: []) { table in
            for row in table.rows {
                body(
                    MeasuredUnit(
                        code: row[0].isNull ? nil : row[0].text, system: row[1].isNull ? nil : row[1].text,
                        unit: row[2].isNull ? nil : row[2].text, rows: Int(row[3].whole ?? 0),
                        people: Int(row[4].whole ?? 0)))
            }
        }
    }
}

/// Rows of one code in one unit.
struct MeasuredUnit: Hashable, Sendable {
    let code: String?
    let system: String?
    let unit: String?
    let rows: Int
    let people: Int
}
