internal import Core
internal import Foundation
internal import GRDB
internal import Store

/// Relationships of care, accesses that broke the glass, alerts and reviews, in the control store.
///
/// INVARIANT: a person stands here as a keyed pseudonym of this node, never by NHS number; reasons and notes,
/// which people write, are sealed.
struct CareStore: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-direct-care-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE care_relationship (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, person TEXT NOT NULL,
                        basis TEXT NOT NULL, recorded_at INTEGER NOT NULL, until_day INTEGER NOT NULL,
                        ended_at INTEGER);
                    CREATE INDEX care_relationship_of ON care_relationship (user, person);
                    CREATE TABLE care_glass (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, user TEXT NOT NULL,
                        person TEXT NOT NULL, reason BLOB NOT NULL);
                    CREATE INDEX care_glass_of ON care_glass (user, at);
                    CREATE TABLE care_alert (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, role TEXT NOT NULL,
                        user TEXT NOT NULL, person TEXT NOT NULL, acknowledged_at INTEGER, acknowledged_by TEXT);
                    CREATE TABLE care_review (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, user TEXT NOT NULL,
                        person TEXT NOT NULL, reason BLOB NOT NULL, outcome TEXT, note BLOB, closed_at INTEGER,
                        closed_by TEXT)
                    """)
        }
    ]

    /// The uses of one clinician are counted over this time, milliseconds.
    static let glassWindow: Int64 = 86_400_000

    let store: ControlStore
    let vault: KeyVault

    func seal(_ text: String) -> Data { Data(vault.seal(Array(text.utf8), context: "direct care")) }

    func open(_ bytes: Data) throws -> String {
        String(decoding: try vault.open(Array(bytes), context: "direct care"), as: UTF8.self)
    }

    // MARK: - Relationships

    struct Relationship: Sendable {
        let id: Int
        let user: String
        let person: String
        let basis: String
        let recordedAt: Int64
        let untilDay: Int
        let endedAt: Int64?
    }

    func record(user: String, person: String, basis: String, untilDay: Int, at now: Int64) throws -> Int {
        try store.write { db in
            try db.execute(
                sql: """
                    INSERT INTO care_relationship (user, person, basis, recorded_at, until_day)
                    VALUES (?, ?, ?, ?, ?)
                    """, arguments: [user, person, basis, now, untilDay])
            return Int(db.lastInsertedRowID)
        }
    }

    /// - Returns: false if there is none of that number that has not ended.
    func end(_ id: Int, at now: Int64) throws -> Bool {
        try store.write { db in
            try db.execute(
                sql: "UPDATE care_relationship SET ended_at = ? WHERE id = ? AND ended_at IS NULL",
                arguments: [now, id])
            return db.changesCount > 0
        }
    }

    func relationships() throws -> [Relationship] {
        try store.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM care_relationship ORDER BY id").map {
                Relationship(
                    id: $0["id"], user: $0["user"], person: $0["person"], basis: $0["basis"],
                    recordedAt: $0["recorded_at"], untilDay: $0["until_day"], endedAt: $0["ended_at"])
            }
        }
    }

    func hasRelationship(user: String, person: String, on day: Int) throws -> Bool {
        try store.read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM care_relationship
                    WHERE user = ? AND person = ? AND ended_at IS NULL AND until_day >= ?)
                    """, arguments: [user, person, day]) ?? false
        }
    }
}
