internal import Core
internal import Disclosure
internal import Exchange
internal import Foundation
internal import GRDB
internal import Store

/// Releases that wait for a person, and what became of them: in the control store, what would leave is sealed.
struct ReviewStore: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-review-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE release_review (
                        id INTEGER PRIMARY KEY, agreement TEXT NOT NULL, version INTEGER NOT NULL,
                        question TEXT NOT NULL, requester TEXT NOT NULL, purpose TEXT NOT NULL,
                        asked_at INTEGER NOT NULL, state TEXT NOT NULL, decided_at INTEGER, reason TEXT,
                        sealed BLOB NOT NULL, UNIQUE (agreement, version, question));
                    """)
        }
    ]

    enum State: String, Sendable {
        case waiting
        case approved
        case declined
    }

    /// What a person looks at, and what leaves once it is approved.
    struct Held: Codable, Sendable {
        let query: String
        let sql: [String]
        let tables: [PreviewTable]
        let obligations: [String]
        let policies: [String]
        /// Empty where people are linked: then the question is run again, with nonces of its own.
        let releases: [StoredRelease]
        let snapshot: String
        /// Of the ledger's key.
        let digest: String
    }

    struct Entry: Sendable {
        let id: Int64
        let agreement: String
        let version: Int
        let requester: String
        let purpose: String
        let askedAt: Int64
        let state: State
        let reason: String?
        let sealed: Data
    }

    /// Those that wait at once, of all agreements: each takes room.
    static let mostWaiting = 500

    private static let seal = "release review"

    let store: ControlStore
    let vault: KeyVault

    /// What was decided about a question under this version; nil for a new one.
    func state(of question: String, _ agreement: String, _ version: Int) async throws -> State? {
        try await store.read { db in
            try String.fetchOne(
                db,
                sql: "SELECT state FROM release_review WHERE agreement = ? AND version = ? AND question = ?",
                arguments: [agreement, version, question])
        }.flatMap(State.init)
    }

    func count(_ state: State, _ agreement: String? = nil, _ version: Int? = nil) async throws -> Int {
        try await store.read { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM release_review WHERE state = ? AND (? IS NULL OR agreement = ?)
                    AND (? IS NULL OR version = ?)
                    """, arguments: [state.rawValue, agreement, agreement, version, version]) ?? 0
        }
    }

    /// Keeps a release until a person has looked at it; the first of a question stands.
    func hold(
        _ held: Held, question: String, agreement: String, version: Int, requester: OrganisationCode,
        purpose: Purpose, at now: WireInstant
    ) async throws {
        let sealed = Data(vault.seal(try JSON.encode(held), context: Self.seal))
        try await store.write { db in
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO release_review
                    (agreement, version, question, requester, purpose, asked_at, state, sealed)
                    VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?)
                    """,
                arguments: [
                    agreement, version, question, requester.text, purpose.name, now.milliseconds, sealed,
                ])
        }
    }

    func list() async throws -> [Entry] {
        try await store.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM release_review ORDER BY id").compactMap(Self.entry)
        }
    }

    func entry(_ id: Int64) async throws -> Entry? {
        try await store.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM release_review WHERE id = ?", arguments: [id])
                .flatMap(Self.entry)
        }
    }

    func held(_ entry: Entry) throws -> Held {
        try JSON.decode(Held.self, from: try vault.open(Array(entry.sealed), context: Self.seal))
    }

    /// - Returns: whether it was still waiting.
    func decide(_ id: Int64, _ state: State, reason: String?, at now: Int64) async throws -> Bool {
        try await store.write { db in
            try db.execute(
                sql: """
                    UPDATE release_review SET state = ?, reason = ?, decided_at = ?
                    WHERE id = ? AND state = 'waiting'
                    """, arguments: [state.rawValue, reason, now, id])
            return db.changesCount == 1
        }
    }

    private static func entry(_ row: Row) -> Entry? {
        guard let state = State(rawValue: row["state"]) else { return nil }
        return Entry(
            id: row["id"], agreement: row["agreement"], version: row["version"], requester: row["requester"],
            purpose: row["purpose"], askedAt: row["asked_at"], state: state, reason: row["reason"],
            sealed: row["sealed"])
    }
}
