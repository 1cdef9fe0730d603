package import Foundation
import GRDB
package import Store

/// Who was counted in which release, so that a controller can tell a person who asks.
///
/// A question pays nothing for it: with its release the ledger keeps the sealed statement that finds its people
/// in its publication (`open`). Before the publication is dropped the statement is run and the people are kept
/// as a sealed `PersonSet` (`settled`); where that is no longer possible, the release stays and says so
/// (`lost`). One cohort a publication and statement, however many releases were made from it.
package struct ReleaseCohorts: Sendable {
    /// What is known of a release, beside its numbers: in the controller's own words, never the requester's.
    package struct Note: Hashable, Codable, Sendable {
        /// Who asked: an ODS code.
        package let requester: String
        package let purpose: String
        /// Whether people were counted once across controllers.
        package let isLinked: Bool
        /// Kinds of numbers: `count`, `distinctPeople`, `sum`, `average`.
        package let kinds: [String]
        /// Columns that were read, as `dataset.column`; a dataset alone where no column of it was.
        package let columns: [String]
        /// `reference.NAME` or `codelist.NAME` -> digest: the tables that the question used.
        package let tables: [String: String]

        package init(
            requester: String, purpose: String, isLinked: Bool, kinds: [String], columns: [String],
            tables: [String: String]
        ) {
            self.requester = requester
            self.purpose = purpose
            self.isLinked = isLinked
            self.kinds = kinds
            self.columns = columns
            self.tables = tables
        }
    }

    /// A release's note, and the statements that find its people: one a fragment.
    package struct Counted: Hashable, Codable, Sendable {
        package let note: Note
        package let statements: [String]

        package init(_ note: Note, statements: [String]) {
            self.note = note
            self.statements = statements
        }
    }

    /// A cohort that waits to be settled.
    package struct Open: Hashable, Sendable {
        package let id: Int64
        package let snapshot: String
        /// Its one column is `person_id`; NULLs and repetitions count for nothing.
        package let statement: String
        /// As in `Note.tables`.
        package let tables: [String: String]
    }

    /// A release and what is known of whether a person was counted in it.
    package struct Release: Hashable, Sendable {
        package let agreement: String
        package let snapshot: String
        /// Seconds since the epoch.
        package let releasedAt: Int64
        package let note: Note
        package let isCounted: Presence
    }

    package enum Presence: String, Hashable, Codable, Sendable {
        case counted
        /// By a statement that was run when a codelist or reference table had changed since the release, or by
        /// records that were then held under another NHS number.
        case probablyCounted
        case notCounted
        case unknown
    }

    /// How much is kept.
    package struct Size: Hashable, Sendable {
        package let settled: Int
        package let open: Int
        package let lost: Int
        /// Of the sealed sets.
        package let bytes: Int
    }

    static let migration = ControlMigration(identifier: "disclosure-cohorts-1") { db in
        try db.execute(
            sql: """
                CREATE TABLE release_cohort (
                    id INTEGER PRIMARY KEY, snapshot TEXT NOT NULL, digest TEXT NOT NULL, state TEXT NOT NULL,
                    exact INTEGER NOT NULL, sealed BLOB NOT NULL, UNIQUE (snapshot, digest));
                CREATE INDEX release_cohort_state ON release_cohort (state, snapshot);
                CREATE TABLE release_note (
                    id INTEGER PRIMARY KEY, controller TEXT NOT NULL, agreement TEXT NOT NULL,
                    snapshot TEXT NOT NULL, digest TEXT NOT NULL, released_at INTEGER NOT NULL,
                    sealed BLOB NOT NULL, UNIQUE (controller, agreement, snapshot, digest));
                CREATE TABLE release_member (
                    note INTEGER NOT NULL REFERENCES release_note (id) ON DELETE CASCADE,
                    cohort INTEGER NOT NULL REFERENCES release_cohort (id), PRIMARY KEY (note, cohort)
                ) WITHOUT ROWID;
                """)
    }

    /// What is sealed of a cohort that is open.
    struct Recipe: Codable {
        let statement: String
        let tables: [String: String]
    }

    private let store: ControlStore
    private let seal: @Sendable (Data) throws -> Data
    private let open: @Sendable (Data) throws -> Data

    /// - Parameters:
    ///   - seal: encrypts under a key of the node; `open` is its inverse. The ledger's own.
    package init(
        store: ControlStore, seal: @escaping @Sendable (Data) throws -> Data,
        open: @escaping @Sendable (Data) throws -> Data
    ) {
        self.store = store
        self.seal = seal
        self.open = open
    }

    /// The cohorts that wait, oldest first.
    package func waiting() async throws -> [Open] {
        let open = open
        return try await store.read { db in
            try Row.fetchAll(
                db, sql: "SELECT id, snapshot, sealed FROM release_cohort WHERE state = 'open' ORDER BY id"
            ).map { row in
                let recipe = try JSONDecoder().decode(Recipe.self, from: try open(row["sealed"]))
                return Open(
                    id: row["id"], snapshot: row["snapshot"], statement: recipe.statement,
                    tables: recipe.tables)
            }
        }
    }

    /// Keeps the people of a cohort in the place of its statement.
    /// - Parameter isExact: false where a table that the statement reads is not the one of then.
    package func settle(_ cohort: Open, _ people: PersonSet, isExact: Bool) async throws {
        try await close(cohort, "settled", isExact, try seal(Data(people.bytes)))
    }

    /// Notes that nobody can tell any more who was in a cohort.
    package func lose(_ cohort: Open) async throws { try await close(cohort, "lost", false, Data()) }

    private func close(_ cohort: Open, _ state: String, _ isExact: Bool, _ sealed: Data) async throws {
        let id = cohort.id
        try await store.write { db in
            try db.execute(
                sql:
                    "UPDATE release_cohort SET state = ?, exact = ?, sealed = ? WHERE id = ? AND state = 'open'",
                arguments: [state, isExact, sealed, id])
        }
    }

    /// Every release that is kept, newest first, with whether a person was counted in it.
    /// - Parameters:
    ///   - people: the person's number within the site.
    ///   - formerly: numbers that records of the person had before.
    package func releases(
        of controller: String, people: [UInt32], formerly: [UInt32] = []
    ) async throws -> [Release] {
        let open = open
        return try await store.read { db in
            var presences: [Int64: Presence] = [:]
            let cohorts = try Row.fetchCursor(db, sql: "SELECT id, state, exact, sealed FROM release_cohort")
            while let row = try cohorts.next() {
                let state: String = row["state"]
                guard state == "settled" else {
                    presences[row["id"]] = .unknown
                    continue
                }
                let set = try PersonSet(bytes: try open(row["sealed"]))
                let isIn = people.contains(where: set.contains)
                let wasIn = formerly.contains(where: set.contains)
                presences[row["id"]] =
                    isIn && row["exact"] ? .counted : isIn || wasIn ? .probablyCounted : .notCounted
            }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT id, agreement, snapshot, released_at, sealed FROM release_note
                    WHERE controller = ? ORDER BY released_at DESC, id DESC
                    """, arguments: [controller]
            ).map { row in
                let members = try Int64.fetchAll(
                    db, sql: "SELECT cohort FROM release_member WHERE note = ?",
                    arguments: [row["id"] as Int64])
                let order: [Presence] = [.counted, .probablyCounted, .unknown]
                let found = Set(members.map { presences[$0] ?? .unknown })
                return Release(
                    agreement: row["agreement"], snapshot: row["snapshot"], releasedAt: row["released_at"],
                    note: try JSONDecoder().decode(Note.self, from: try open(row["sealed"])),
                    isCounted: order.first(where: found.contains) ?? .notCounted)
            }
        }
    }

    /// Releases in the ledger of which there is no note: from before this was kept, or older than it is kept.
    package func unnoted(of controller: String) async throws -> Int {
        try await store.read { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM release_ledger l WHERE controller = ? AND NOT EXISTS (
                      SELECT 1 FROM release_note n WHERE n.controller = l.controller
                      AND n.agreement = l.agreement AND n.snapshot = l.snapshot AND n.digest = l.digest)
                    """, arguments: [controller]) ?? 0
        }
    }

    /// Forgets who was counted in releases from before `day`, and that they were made; the ledger stays.
    /// - Returns: how many releases.
    @discardableResult
    package func forget(before day: Date) async throws -> Int {
        let seconds = Int64(day.timeIntervalSince1970)
        return try await store.write { db in
            try db.execute(sql: "DELETE FROM release_note WHERE released_at < ?", arguments: [seconds])
            let count = db.changesCount
            if count > 0 {
                try db.execute(
                    sql: "DELETE FROM release_cohort WHERE id NOT IN (SELECT cohort FROM release_member)")
            }
            return count
        }
    }

    package func size() async throws -> Size {
        try await store.read { db in
            func value(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql) ?? 0 }
            let count = "SELECT count(*) FROM release_cohort WHERE state = "
            return Size(
                settled: try value(count + "'settled'"), open: try value(count + "'open'"),
                lost: try value(count + "'lost'"),
                bytes: try value(
                    "SELECT coalesce(sum(length(sealed)), 0) FROM release_cohort WHERE state = 'settled'"))
        }
    }
}

extension ReleaseCohorts.Counted {
    /// Keeps this with the release of `key`, within the ledger's own transaction.
    func insert(
        _ key: ReleaseLedger.Key, at seconds: Int64, _ seal: (Data) throws -> Data,
        digest: (String) -> String,
        _ db: Database
    ) throws {
        let encoder = JSONEncoder()
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO release_note (controller, agreement, snapshot, digest, released_at, sealed)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                key.controller, key.agreement, key.snapshot, key.digest, seconds,
                try seal(try encoder.encode(note)),
            ])
        guard db.changesCount > 0 else { return }
        let id = db.lastInsertedRowID
        for statement in Set(statements).sorted() {
            let recipe = ReleaseCohorts.Recipe(statement: statement, tables: note.tables)
            let digest = digest(statement)
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO release_cohort (snapshot, digest, state, exact, sealed)
                    VALUES (?, ?, 'open', 1, ?)
                    """, arguments: [key.snapshot, digest, try seal(try encoder.encode(recipe))])
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO release_member
                    SELECT ?, id FROM release_cohort WHERE snapshot = ? AND digest = ?
                    """, arguments: [id, key.snapshot, digest])
        }
    }
}
