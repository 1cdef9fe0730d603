internal import Catalog
internal import Core
internal import GRDB
package import Policy
internal import Store
internal import Warehouse

/// A frozen state of data and opt-outs, which questions are answered from.
package struct Publication: Hashable, Sendable {
    package let id: Int
    /// Milliseconds since the epoch.
    package let publishedAt: Int64
    /// dataset -> rows.
    package let rows: [String: Int]
    package let people: Int
    /// The allow-lists that are frozen in it, one a scheme at most.
    package let lists: [OptOutRegister.Entry]
    /// How its tables lie; of an older layout than `SiteSchema.layout` not every question can be answered.
    var layout = SiteSchema.layout
    /// The restricted codelists that its rows are marked with.
    var restricted = RestrictedFreeze()
    /// Of the views that were read: sentences, told once.
    var notes: [String] = []

    package var schema: String { SiteSchema.snapshot(id) }

    package func note(at now: Int64) -> SnapshotNote {
        SnapshotNote(
            id: id, publishedAt: Clock.text(publishedAt),
            ageDays: Int(max(0, now - publishedAt) / 86_400_000),
            notes: notes.isEmpty ? nil : notes)
    }
}

/// What a publication says of restricted episodes.
struct RestrictedFreeze: Hashable, Codable, Sendable {
    var lists: [RestrictedList.Frozen] = []
    /// Rows that were taken in before all their codes were kept: nothing can be said of their episodes.
    var unjudged = 0
}

/// The list of publications, in the control store.
struct PublicationStore: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-publication-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE publication (
                        id INTEGER PRIMARY KEY, published_at INTEGER NOT NULL, people INTEGER NOT NULL,
                        rows TEXT NOT NULL, lists TEXT NOT NULL)
                    """)
        },
        ControlMigration(identifier: "node-publication-2") { db in
            try db.execute(
                sql: """
                    ALTER TABLE publication ADD COLUMN layout INTEGER NOT NULL DEFAULT 1;
                    ALTER TABLE publication ADD COLUMN restricted TEXT NOT NULL DEFAULT '{"lists":[],"unjudged":0}'
                    """)
        },
    ]

    let store: ControlStore

    func current() throws -> Publication? {
        try store.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM publication ORDER BY id DESC LIMIT 1").map(Self.read)
        }
    }

    /// One that was made before, by its number in text; nil where there is none.
    func publication(_ id: String) throws -> Publication? {
        try store.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM publication WHERE id = ?", arguments: [Int(id)])
                .map(Self.read)
        }
    }

    func record(_ publication: Publication) throws {
        let rows = String(decoding: try JSON.encode(publication.rows), as: UTF8.self)
        let lists = String(decoding: try JSON.encode(publication.lists), as: UTF8.self)
        let restricted = String(decoding: try JSON.encode(publication.restricted), as: UTF8.self)
        try store.write { db in
            try db.execute(
                sql: """
                    INSERT INTO publication (id, published_at, people, rows, lists, layout, restricted)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    publication.id, publication.publishedAt, publication.people, rows, lists,
                    publication.layout, restricted,
                ])
        }
    }

    private static func read(_ row: Row) throws -> Publication {
        let rows: String = row["rows"]
        let lists: String = row["lists"]
        let restricted: String = row["restricted"]
        return Publication(
            id: row["id"], publishedAt: row["published_at"],
            rows: try JSON.decode([String: Int].self, from: Array(rows.utf8)), people: row["people"],
            lists: try JSON.decode([OptOutRegister.Entry].self, from: Array(lists.utf8)),
            layout: row["layout"],
            restricted: try JSON.decode(RestrictedFreeze.self, from: Array(restricted.utf8)))
    }
}

extension SiteWarehouse {
    /// Freezes what is live as publication `id` and drops those before the last.
    ///
    /// Events stand sorted by code, person and date, so that the engine reads what belongs together at once.
    /// - Parameters:
    ///   - lists: the allow-lists in use, which are frozen with the data.
    ///   - restricted: the codelists whose episodes are marked.
    ///   - pieceRows: rows that are sorted at once; nil: as many as the engine's memory holds.
    func publish(
        _ id: Int, at now: Int64, lists: [OptOutRegister.Entry], restricted: [RestrictedList],
        pieceRows: Int? = nil
    ) async throws -> Publication {
        let schema = schema
        let name = SiteSchema.snapshot(id)
        let marks = EpisodeMarks(schema: schema, controller: controller, lists: restricted)
        let views = ViewRegister(warehouse: self)
        let pieces = PublicationPieces(schema: schema, controller: controller, pieceRows: pieceRows)
        let (rows, people, unjudged, notes) = try await frozen { session in
            let notes = try await views.refresh(session)
            try await session.execute("DROP SCHEMA IF EXISTS \(name) CASCADE; CREATE SCHEMA \(name)")
            try await session.execute(Self.people(name, of: controller))
            try await session.execute(Self.claims(name, of: controller))
            for scheme in OptOutScheme.listed { try await session.execute(Self.allowed(name, scheme)) }
            try await marks.prepare(in: session)
            try await session.execute(SiteSchema.freezeConsents(in: name, of: controller))
            var rows: [String: Int] = [:]
            var unjudged = 0
            for dataset in schema.datasets {
                let found = try await marks.mark(dataset, in: session)
                let columns = restricted.enumerated().map { place, list in
                    "\(found.contains(place) ? EpisodeMarks.condition(place) : "false") AS \(list.frozen.column)"
                }
                let frozen = "\(name).\(SQLQuoting.identifier(dataset.name))"
                for (place, piece) in try await pieces.of(dataset, in: session).enumerated() {
                    let rows = Self.rows(
                        dataset, schema, piece, restricted: columns, in: name, of: controller)
                    try await session.execute(
                        (place == 0 ? "CREATE TABLE \(frozen) AS " : "INSERT INTO \(frozen) ") + rows)
                }
                if dataset.name != "patient" {
                    unjudged += Self.whole(try await session.query(marks.unjudged(dataset)))
                }
                let count = try await session.query("SELECT count(*) FROM \(name).\(dataset.name)")
                rows[dataset.name] = Self.whole(count)
            }
            try await marks.drop(in: session)
            return (
                rows, Self.whole(try await session.query("SELECT count(*) FROM \(name).person")), unjudged,
                notes
            )
        }
        if let snapshots {
            if snapshots.isKept {
                try await snapshots.write(id, from: engine)
            } else {
                // Of an attempt that was never recorded a copy of this number may be left.
                await snapshots.remove([id])
            }
        }
        return Publication(
            id: id, publishedAt: now, rows: rows, people: people, lists: lists,
            restricted: RestrictedFreeze(lists: restricted.map(\.frozen), unjudged: unjudged), notes: notes)
    }

    /// One state of everything: an ingest that goes on meanwhile is not seen.
    private func frozen<Result: Sendable>(
        _ body: @Sendable (any EngineSession) async throws -> Result
    ) async throws -> Result {
        try await engine.withSession { session in
            try await session.transaction { session in try await body(session) }
        }
    }

    /// Drops every publication older than the one before `id`: questions under way still read that one.
    /// - Parameter kept: older ones that are still needed.
    func dropPublications(before id: Int, keeping kept: Set<Int> = []) async throws {
        for old in try await publications().subtracting(kept) where old < id - 1 {
            let name = SiteSchema.snapshot(old)
            try await engine.withSession { session in
                try await session.execute("DROP SCHEMA IF EXISTS \(name) CASCADE")
            }
            await snapshots?.remove([old])
            await peopleTables.forget(name)
        }
    }

    private static func whole(_ table: Core.Table) -> Int { Int(table.row(0)[0].number ?? 0) }

    private static func people(_ name: String, of controller: OrganisationCode) -> String {
        """
        CREATE TABLE \(name).person AS
        SELECT person_id, person, record_key,
          CASE WHEN person NOT LIKE 'local:%' THEN CAST(person AS bigint) END AS nhs_number
        FROM live.person
        WHERE person_id IN (
          SELECT person_id FROM live.subject WHERE \(controller.ownership()))
        ORDER BY person_id
        """
    }

    /// Each NHS number that a person's records bear: their own, and those that are not verified or are in conflict.
    ///
    /// Whether or not such a number is theirs: who objected or opted out under it may be they.
    private static func claims(_ name: String, of controller: OrganisationCode) -> String {
        """
        CREATE TABLE \(name).claim AS
        SELECT DISTINCT c.person_id, c.person, CAST(c.person AS bigint) AS nhs_number FROM (
          SELECT person_id, person FROM \(name).person WHERE nhs_number IS NOT NULL
          UNION ALL \(PatientRegister.claimed(of: controller))) c
        JOIN \(name).person p ON p.person_id = c.person_id WHERE c.person <> '' ORDER BY 1
        """
    }

    /// Who is on the list by every number that their records bear.
    private static func allowed(_ name: String, _ scheme: OptOutScheme) -> String {
        """
        CREATE TABLE \(name).\(SiteSchema.allowed(scheme)) AS
        SELECT c.person_id FROM \(name).claim c LEFT JOIN (
          SELECT DISTINCT person FROM governance.allowed WHERE scheme = \(SQLQuoting.literal(scheme.rawValue))) a
          ON a.person = c.person
        GROUP BY c.person_id HAVING count(*) = count(a.person) ORDER BY 1
        """
    }

    /// One row a resource; for patients one row a person: the newest of those that share an NHS number.
    ///
    /// Each row bears what every question needs of its person, so that no question has to join it: the record
    /// key, and whether the person is on each allow-list; and whether it is of a restricted episode.
    /// - Parameter piece: a condition on `d`: pieces follow one another in the order of the rows.
    private static func rows(
        _ dataset: Dataset, _ schema: SiteSchema, _ piece: String, restricted: [String], in name: String,
        of controller: OrganisationCode
    ) -> String {
        // INVARIANT: a publication has rows of one controller only.
        let ours = controller.ownership()
        let columns = schema.stored(dataset).map { "d." + SQLQuoting.identifier($0.name) }
        // Of whom no list can know.
        let isUnnumbered =
            "(p.nhs_number IS NULL AND d.person_id NOT IN (SELECT person_id FROM \(name).claim))"
        let lists = OptOutScheme.listed.flatMap { scheme in
            let isListed = "d.person_id IN (SELECT person_id FROM \(name).\(SiteSchema.allowed(scheme)))"
            return [
                "\(isListed) AS \(SiteSchema.allowed(scheme))",
                "(\(isUnnumbered) OR \(isListed)) AS "
                    + SiteSchema.allowed(scheme, countingUnnumbered: true),
            ]
        }
        let list =
            (["d.person_id", "CAST(p.record_key AS SMALLINT) AS record_key"] + lists + restricted + columns)
            .joined(separator: ", ")
        let people = "JOIN \(name).person p ON p.person_id = d.person_id"
        if dataset.name == "patient" {
            return """
                SELECT \(list) FROM (
                  SELECT *, row_number() OVER (PARTITION BY person_id
                    ORDER BY last_updated DESC NULLS LAST, resource_id DESC) AS place
                  FROM \(schema.rows(dataset)) d WHERE \(ours) AND \(piece)) d
                \(people) WHERE d.place = 1 ORDER BY d.person_id
                """
        }
        let order = Self.order(dataset).map {
            "d." + SQLQuoting.identifier($0 == "person" ? "person_id" : $0)
        }
        return """
            SELECT \(list) FROM \(schema.rows(dataset)) d
            \(people) WHERE \(controller.ownership(of: "d")) AND \(piece) ORDER BY \(order.joined(separator: ", "))
            """
    }

    /// The columns that a publication stores the rows of `dataset` in the order of.
    static func order(_ dataset: Dataset) -> [String] {
        if dataset.name == "patient" { return ["person"] }
        let time = dataset.columns.first { $0.type == .date || $0.type == .timestamp }?.name
        return [dataset.column("code").map { _ in "code" }, "person", time].compactMap(\.self)
    }
}
