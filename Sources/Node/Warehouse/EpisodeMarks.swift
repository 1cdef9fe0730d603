internal import Catalog
internal import Core
internal import Warehouse

/// Finds the rows of `live` that belong to an episode which bears a restricted code; in temporary tables of one
/// session.
///
/// 1. A row is *listed* if any coding of its resource, in any code system, is on the list.
/// 2. An encounter is restricted if it is listed, if a listed row belongs to it, or if it covers the day of a
///    listed row that names no encounter; and so is every encounter tied to one that is, by `partOf` or by an
///    episode of care they share.
/// 3. A row is restricted if it is listed; if it belongs to a restricted encounter; if it names no encounter and
///    is dated on a day of a restricted encounter or of a listed row; or if it is dated on the day of a listed
///    row that names no encounter, whatever it belongs to itself. Days are those of any date of the row, and
///    of the same person.
///
/// The last is strict on purpose: what was prescribed or measured on the day tells what the visit was for.
///
/// All of it within one controller: what another has of the same person restricts nothing here.
struct EpisodeMarks: Sendable {
    let schema: SiteSchema
    let controller: OrganisationCode
    let lists: [RestrictedList]
    /// Only this person's rows are looked at.
    var person: Int?

    /// Every row that was taken in before codings were kept, which nothing can be said of.
    func unjudged(_ dataset: Dataset) -> String {
        "SELECT count(*) AS n FROM \(schema.rows(dataset)) d WHERE d.codings IS NULL\(ofOurs)"
    }

    /// The datasets whose rows are events: all but `patient`.
    var events: [Dataset] { schema.datasets.filter { $0.name != "patient" } }

    /// Works everything out; `condition` and `rows` can be used after it, until `drop`.
    func prepare(in session: any EngineSession) async throws {
        try await drop(in: session)
        try await session.execute(tables)
        guard !lists.isEmpty else { return }
        try await loadEntries(session)
        try await session.execute(codings)
        for dataset in events { try await session.execute(listed(dataset)) }
        guard try await count("restricted_listed", session) > 0 else { return }
        try await session.execute(encounters)
        try await tieEncounters(session)
        try await session.execute(spans)
    }

    /// Finds the restricted rows of one dataset: `restricted_row` is theirs until the next.
    /// - Returns: the places of the lists that have any.
    func mark(_ dataset: Dataset, in session: any EngineSession) async throws -> Set<Int> {
        guard dataset.name != "patient", !lists.isEmpty else { return [] }
        try await session.execute("DELETE FROM restricted_row; " + rows(dataset))
        let found = try await session.query("SELECT DISTINCT list FROM restricted_row")
        return Set(found.rows.map { Int($0[0].number ?? 0) })
    }

    /// Whether the row `d` of the dataset that was marked last is restricted by the list at this place.
    static func condition(_ place: Int) -> String {
        "(d.controller, d.resource_id) IN (SELECT r.controller, r.resource_id FROM restricted_row r "
            + "WHERE r.list = \(place))"
    }

    func drop(in session: any EngineSession) async throws {
        let names = ["entry", "coding", "listed", "encounter", "link", "span", "row"]
        try await session.execute(
            names.map { "DROP TABLE IF EXISTS restricted_\($0)" }.joined(separator: "; "))
    }

    private func count(_ table: String, _ session: any EngineSession) async throws -> Int {
        Int(try await session.query("SELECT count(*) AS n FROM \(table)").row(0)[0].number ?? 0)
    }

    // MARK: - Statements

    private var text: String { schema.sql(.text) }

    private var tables: String {
        """
        CREATE TEMPORARY TABLE restricted_entry (list INTEGER, code_system \(text), code \(text));
        CREATE TEMPORARY TABLE restricted_coding (list INTEGER, codings \(text));
        CREATE TEMPORARY TABLE restricted_listed
          (list INTEGER, controller \(text), person_id INTEGER, encounter_id \(text), day DATE);
        CREATE TEMPORARY TABLE restricted_encounter (list INTEGER, controller \(text), encounter_id \(text));
        CREATE TEMPORARY TABLE restricted_link (controller \(text), encounter_id \(text), tie \(text));
        CREATE TEMPORARY TABLE restricted_span
          (list INTEGER, person_id INTEGER, first_day DATE, last_day DATE, whole_day BOOLEAN);
        CREATE TEMPORARY TABLE restricted_row (list INTEGER, controller \(text), resource_id \(text))
        """
    }

    private func loadEntries(_ session: any EngineSession) async throws {
        let columns: [(name: String, type: ColumnType)] = [
            ("list", .integer), ("code_system", .text), ("code", .text),
        ]
        let rows = lists.enumerated().flatMap { place, list in
            list.entries.map {
                [Value.integer(Int64(place)), .text($0.system), .text($0.code)]
            }
        }
        guard !rows.isEmpty else { return }
        try await session.load(
            QualifiedName("restricted_entry"), columns: columns, batch: Table(columns, rows: rows))
    }

    /// The texts of codings in which a listed code is. They are few, whatever the number of rows.
    ///
    /// A coding without a system, or of one that nobody knows, may be of any.
    private var codings: String {
        let own = lists.flatMap { $0.entries.map(\.system) }.filter { !$0.isEmpty }
        let known = RestrictedList.knownSystems.union(own).sorted().map(SQLQuoting.literal)
        let all = events.map {
            "SELECT d.codings FROM \(schema.rows($0)) d WHERE d.codings <> ''\(ofOurs) GROUP BY d.codings"
        }.joined(separator: " UNION ")
        return """
            INSERT INTO restricted_coding
            SELECT DISTINCT e.list, p.codings FROM (
              SELECT codings, lower(rtrim(split_part(part, '|', 1), '/')) AS code_system,
                upper(regexp_replace(substr(part, strpos(part, '|') + 1),
                  '^([A-Za-z][0-9][0-9])[.]([0-9])', '\\1\\2')) AS code
              FROM (SELECT codings, unnest(string_to_array(codings, chr(10))) AS part FROM (\(all)) a) b) p
            JOIN restricted_entry e ON e.code = p.code
            WHERE e.code_system = '' OR p.code_system = '' OR e.code_system = p.code_system
              OR p.code_system NOT IN (\(known.joined(separator: ", ")))
            """
    }

    /// Of the rows `d`, those that are looked at.
    private var ofOurs: String {
        " AND " + controller.ownership(of: "d") + (person.map { " AND d.person_id = \($0)" } ?? "")
    }

    /// The dates of a dataset's rows, as days.
    private func days(_ dataset: Dataset) -> [String] {
        dataset.columns.filter { $0.type == .date || $0.type == .timestamp }.map {
            "CAST(d.\(SQLQuoting.identifier($0.name)) AS DATE)"
        }
    }

    private func listed(_ dataset: Dataset) -> String {
        let days = days(dataset)
        let list = days.isEmpty ? ["CAST(NULL AS DATE)"] : days
        return """
            INSERT INTO restricted_listed
            SELECT c.list, d.controller, d.person_id, d.encounter_id, unnest(ARRAY[\(list.joined(separator: ", "))])
            FROM \(schema.rows(dataset)) d JOIN restricted_coding c ON c.codings = d.codings
            WHERE d.person_id IS NOT NULL\(ofOurs)
            """
    }

    private var allEncounters: String {
        schema.catalog.datasets["encounter"].map(schema.rows) ?? "live.encounter"
    }

    private var encounters: String {
        """
        INSERT INTO restricted_encounter
        SELECT list, controller, encounter_id FROM restricted_listed WHERE encounter_id IS NOT NULL
        UNION
        SELECT l.list, d.controller, d.encounter_id FROM restricted_listed l JOIN \(allEncounters) d
          ON d.person_id = l.person_id\(ofOurs) AND l.day BETWEEN \(Self.firstDay) AND \(Self.lastDay)
        WHERE l.encounter_id IS NULL
        """
    }

    /// An encounter without an end is of one day.
    private static let firstDay = "CAST(coalesce(d.start_at, d.end_at) AS DATE)"
    private static let lastDay = "CAST(coalesce(d.end_at, d.start_at) AS DATE)"

    /// Goes from encounter to encounter until there is no more.
    private func tieEncounters(_ session: any EngineSession) async throws {
        try await session.execute(
            """
            INSERT INTO restricted_link
            SELECT d.controller, d.encounter_id, 'encounter ' || d.part_of_id FROM \(allEncounters) d
            WHERE d.part_of_id IS NOT NULL\(ofOurs)
            UNION SELECT d.controller, d.part_of_id, 'encounter ' || d.part_of_id FROM \(allEncounters) d
            WHERE d.part_of_id IS NOT NULL\(ofOurs)
            UNION SELECT d.controller, d.encounter_id,
              'care ' || unnest(string_to_array(d.episode_ids, chr(10))) FROM \(allEncounters) d
            WHERE d.episode_ids <> ''\(ofOurs)
            """)
        guard try await count("restricted_link", session) > 0 else { return }
        var (before, now) = (0, try await count("restricted_encounter", session))
        while now > before {
            try await session.execute(
                """
                INSERT INTO restricted_encounter
                SELECT r.list, b.controller, b.encounter_id FROM restricted_encounter r
                JOIN restricted_link a ON a.controller = r.controller AND a.encounter_id = r.encounter_id
                JOIN restricted_link b ON b.controller = a.controller AND b.tie = a.tie
                EXCEPT SELECT list, controller, encounter_id FROM restricted_encounter
                """)
            (before, now) = (now, try await count("restricted_encounter", session))
        }
    }

    private var spans: String {
        """
        INSERT INTO restricted_span
        SELECT DISTINCT list, person_id, day, day, encounter_id IS NULL FROM restricted_listed
        WHERE day IS NOT NULL
        UNION
        SELECT r.list, d.person_id, \(Self.firstDay), \(Self.lastDay), false FROM restricted_encounter r
        JOIN \(allEncounters) d ON d.controller = r.controller AND d.encounter_id = r.encounter_id
        WHERE coalesce(d.start_at, d.end_at) IS NOT NULL AND d.person_id IS NOT NULL
        """
    }

    private func rows(_ dataset: Dataset) -> String {
        let from = "FROM \(schema.rows(dataset)) d"
        let days = days(dataset).map { "\($0) BETWEEN s.first_day AND s.last_day" }
        var parts = [
            """
            SELECT c.list, d.controller, d.resource_id \(from) JOIN restricted_coding c ON c.codings = d.codings
            WHERE d.person_id IS NOT NULL\(ofOurs)
            """,
            """
            SELECT r.list, d.controller, d.resource_id \(from) JOIN restricted_encounter r
              ON r.controller = d.controller AND r.encounter_id = d.encounter_id
            WHERE d.person_id IS NOT NULL\(ofOurs)
            """,
        ]
        if !days.isEmpty {
            parts.append(
                """
                SELECT s.list, d.controller, d.resource_id \(from) JOIN restricted_span s
                  ON s.person_id = d.person_id AND (\(days.joined(separator: " OR ")))
                  AND (s.whole_day OR d.encounter_id IS NULL)\(ofOurs)
                """)
        }
        return "INSERT INTO restricted_row \(parts.joined(separator: "\nUNION\n"))"
    }
}
