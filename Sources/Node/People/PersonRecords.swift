internal import Catalog
internal import Core
internal import Policy
internal import Warehouse

/// What the warehouse holds about one person.
struct PersonRecords: Sendable {
    let warehouse: SiteWarehouse
    let number: NHSNumber

    /// Rows of another controller are not this one's to tell of.
    private var ours: String { warehouse.controller.ownership() }

    /// The number of the person within the site; nil for somebody who is not known here.
    func personID() async throws -> Int64? {
        try await warehouse.personID(of: number, orUntied: true).map(Int64.init)
    }

    /// The numbers under which records of the person were held before an NHS number was corrected.
    func formerIDs(_ person: Int64) async throws -> Set<Int64> {
        let moves = try await query(
            "SELECT former_id, person_id FROM live.renumbered WHERE \(ours) OR controller IS NULL", [])
        let pairs = moves.rows.compactMap { row in
            row[0].whole.flatMap { from in row[1].whole.map { (from, $0) } }
        }
        var found: Set<Int64> = []
        var next: Set<Int64> = [person]
        while !next.isEmpty {
            next = Set(pairs.filter { next.contains($0.1) }.map(\.0)).subtracting(found).subtracting([person])
            found.formUnion(next)
        }
        return found
    }

    /// The names of the person in the systems that the records came from.
    func localIdentifiers(_ person: Int64) async throws -> [String] {
        let found = try await query(
            "SELECT subject FROM live.subject WHERE person_id = $1 AND \(ours) ORDER BY subject",
            [.integer(person)])
        return (0..<found.rowCount).map { found.row($0)[0].text }
    }

    struct Holding: Sendable {
        let dataset: String
        let records: Int
        let earliest: String?
        let latest: String?
        let sources: [String]
    }

    /// One a dataset that has records of the person.
    func holdings(_ person: Int64) async throws -> [Holding] {
        var holdings: [Holding] = []
        for dataset in datasets() {
            let table = warehouse.schema.rows(dataset)
            let time = Self.time(dataset).map(SQLQuoting.identifier)
            let ends = time.map { ", CAST(min(\($0)) AS DATE), CAST(max(\($0)) AS DATE)" } ?? ""
            let facts = try await query(
                "SELECT count(*)\(ends) FROM \(table) WHERE person_id = $1 AND \(ours)", [.integer(person)]
            ).row(0)
            let count = Int(facts[0].whole ?? 0)
            guard count > 0 else { continue }
            let sources = try await query(
                "SELECT DISTINCT controller FROM \(table) WHERE person_id = $1 AND \(ours) ORDER BY 1",
                [.integer(person)]
            )
            func day(_ place: Int) -> String? {
                facts.indices.contains(place) && !facts[place].isNull ? facts[place].text : nil
            }
            holdings.append(
                Holding(
                    dataset: dataset.name, records: count, earliest: day(1), latest: day(2),
                    sources: (0..<sources.rowCount).map { sources.row($0)[0].text }))
        }
        return holdings
    }

    /// The records themselves, with the ids that their sources know them by.
    func records(_ person: Int64) async throws -> [PersonReport.Records] {
        var records: [PersonReport.Records] = []
        for dataset in datasets() {
            let columns =
                warehouse.schema.stored(dataset).map(\.name) + ["resource_id", "last_updated"]
            let order = ([Self.time(dataset)].compactMap(\.self) + ["resource_id"])
                .map(SQLQuoting.identifier)
            let found = try await query(
                "SELECT \(columns.map(SQLQuoting.identifier).joined(separator: ", ")) "
                    + "FROM \(warehouse.schema.rows(dataset)) WHERE person_id = $1 AND \(ours) "
                    + "ORDER BY \(order.joined(separator: ", "))", [.integer(person)])
            guard found.rowCount > 0 else { continue }
            records.append(
                .init(
                    dataset: dataset.name, columns: columns,
                    rows: (0..<found.rowCount).map { found.row($0).map { $0.isNull ? "" : $0.text } }))
        }
        return records
    }

    /// Whether the person is on the allow-list of a scheme, by every number that their records bear.
    func isAllowed(_ scheme: OptOutScheme) async throws -> Bool {
        let found = try await query(
            """
            SELECT count(*) FROM (SELECT CAST($2 AS TEXT) AS person UNION SELECT c.person FROM (
              \(PatientRegister.claimed(of: warehouse.controller))) c JOIN live.person p ON p.person_id = c.person_id AND p.person = $2) n
            WHERE n.person <> '' AND NOT EXISTS (SELECT 1 FROM governance.allowed a
              WHERE a.scheme = $1 AND a.person = n.person)
            """,
            [.text(scheme.rawValue), .text(number.digits)])
        return found.row(0)[0] == .integer(0)
    }

    /// Of the source's patients, how many bear the number and are held apart from it: it is not verified, or in conflict.
    func bearers() async throws -> Int {
        let found = try await query(
            """
            SELECT count(DISTINCT c.person_id) FROM (\(PatientRegister.claimed(of: warehouse.controller))) c
            JOIN live.person p ON p.person_id = c.person_id WHERE c.person = $1 AND p.person <> $1
            """, [.text(number.digits)])
        return Int(found.row(0)[0].whole ?? 0)
    }

    func isPublished(_ person: Int64, in publication: Publication) async throws -> Bool {
        let found = try await query(
            "SELECT count(*) FROM \(publication.schema).person WHERE person_id = $1", [.integer(person)])
        return found.row(0)[0] != .integer(0)
    }

    private func datasets() -> [Dataset] { warehouse.schema.datasets }

    /// The column that says when a record is about; a birth is not when a patient's record is about.
    private static func time(_ dataset: Dataset) -> String? {
        dataset.name == "patient"
            ? nil : dataset.columns.first { $0.type == .date || $0.type == .timestamp }?.name
    }

    private func query(_ sql: String, _ parameters: [Value]) async throws -> Table {
        try await warehouse.engine.withSession { try await $0.query(sql, parameters: parameters) }
    }
}
