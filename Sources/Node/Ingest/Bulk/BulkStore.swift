internal import Foundation
internal import GRDB
internal import Store

/// What the node remembers of its exports, in the control store: enough to carry on after a crash. Addresses that the
/// server gave are sealed, since they may open what they name.
struct BulkStore: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-bulk-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE bulk_export (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, base TEXT NOT NULL,
                        level TEXT NOT NULL, types TEXT NOT NULL, since TEXT, state TEXT NOT NULL,
                        started_at INTEGER NOT NULL, ended_at INTEGER, as_of TEXT, next_since TEXT,
                        sealed BLOB NOT NULL);
                    CREATE INDEX bulk_export_source ON bulk_export (source, state);
                    CREATE TABLE bulk_file (
                        export INTEGER NOT NULL REFERENCES bulk_export (id), place INTEGER NOT NULL,
                        resources INTEGER, validator TEXT, done INTEGER NOT NULL DEFAULT 0,
                        PRIMARY KEY (export, place)) WITHOUT ROWID;
                    """)
        }
    ]

    enum State: String, Sendable {
        /// The server is at work, or its manifest was not read to its end.
        case waiting
        /// The manifest is known; files are fetched and taken in.
        case ready
        /// All that it holds is in the warehouse.
        case taken
        /// Withdrawn by a person.
        case cancelled
        /// The server ended it, or no longer knew it.
        case failed

        var isOpen: Bool { self == .waiting || self == .ready }
    }

    /// What the server gave, and how it is asked again.
    struct Secrets: Codable, Sendable {
        var statusURL: String
        /// The part of the manifest that is asked for next.
        var nextURL: String
        var pages: [BulkManifest] = []
        var client: BulkClient?
        var settings: BulkConnection.Settings
        var allowed: [String]
    }

    struct Export: Sendable {
        let id: Int64
        let base: String
        let level: String
        let types: String
        let since: String?
        var state: State
        let startedAt: Int64
        let asOf: String?
        let sealed: Data
    }

    private static let seal = "bulk export"

    let store: ControlStore
    let vault: KeyVault

    func begin(_ source: BulkSource, since: String?, _ secrets: Secrets, at now: Int64) async throws -> Export
    {
        let sealed = try seal(secrets)
        let id = try await store.write { db in
            try db.execute(
                sql: """
                    INSERT INTO bulk_export (source, base, level, types, since, state, started_at, sealed)
                    VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?)
                    """,
                arguments: [
                    source.key, source.base, source.level.text, source.types.joined(separator: ","), since,
                    now,
                    sealed,
                ])
            return db.lastInsertedRowID
        }
        guard let export = try await export(id) else {
            throw BulkError(.failed, "the export was not written down")
        }
        return export
    }

    func export(_ id: Int64) async throws -> Export? {
        try await store.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM bulk_export WHERE id = ?", arguments: [id]).flatMap(
                Self.export)
        }
    }

    /// The export of a source that was begun and is neither taken nor given up.
    func open(_ source: BulkSource) async throws -> Export? {
        let key = source.key
        return try await store.read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT * FROM bulk_export WHERE source = ? AND state IN ('waiting', 'ready')
                    ORDER BY id DESC LIMIT 1
                    """, arguments: [key]
            ).flatMap(Self.export)
        }
    }

    func list() async throws -> [Export] {
        try await store.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM bulk_export ORDER BY id").compactMap(Self.export)
        }
    }

    /// From when the next export of a source is asked: where the last one that is wholly in the warehouse ended.
    func since(_ source: BulkSource) async throws -> String? {
        let key = source.key
        return try await store.read { db in
            try String.fetchOne(
                db,
                sql: """
                    SELECT next_since FROM bulk_export WHERE source = ? AND state = 'taken'
                    ORDER BY id DESC LIMIT 1
                    """, arguments: [key])
        }
    }

    func secrets(_ export: Export) throws -> Secrets {
        try JSON.decode(Secrets.self, from: try vault.open(Array(export.sealed), context: Self.seal))
    }

    func update(_ id: Int64, _ state: State, _ secrets: Secrets) async throws {
        let sealed = try seal(secrets)
        let asOf = secrets.pages.first?.transactionTime
        try await store.write { db in
            try db.execute(
                sql: "UPDATE bulk_export SET state = ?, sealed = ?, as_of = ? WHERE id = ?",
                arguments: [state.rawValue, sealed, asOf.flatMap { BulkInstant.isValid($0) ? $0 : nil }, id])
        }
    }

    /// - Parameter next: `_since` of the next export; of a state that is not `taken`, nil.
    func end(_ id: Int64, _ state: State, next: String?, at now: Int64) async throws {
        try await store.write { db in
            try db.execute(
                sql: "UPDATE bulk_export SET state = ?, next_since = ?, ended_at = ? WHERE id = ?",
                arguments: [state.rawValue, next, now, id])
            try db.execute(sql: "DELETE FROM bulk_file WHERE export = ?", arguments: [id])
        }
    }

    // MARK: - Files

    /// - Returns: of the files that are here whole, by place, how many resources they hold.
    func done(_ id: Int64) async throws -> [Int: Int] {
        try await store.read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT place, resources FROM bulk_file WHERE export = ? AND done = 1",
                arguments: [id])
            return Dictionary(rows.map { ($0["place"], $0["resources"] ?? 0) }, uniquingKeysWith: { $1 })
        }
    }

    /// What tells that a file is still the one that was begun: its ETag or date, and its coding.
    func validator(_ id: Int64, _ place: Int) async throws -> String? {
        try await store.read { db in
            try String.fetchOne(
                db, sql: "SELECT validator FROM bulk_file WHERE export = ? AND place = ?",
                arguments: [id, place])
        }
    }

    func begin(_ id: Int64, _ place: Int, validator: String?) async throws {
        try await store.write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO bulk_file (export, place, validator, done) VALUES (?, ?, ?, 0)",
                arguments: [id, place, validator])
        }
    }

    func finish(_ id: Int64, _ place: Int, resources: Int) async throws {
        try await store.write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO bulk_file (export, place, resources, done) VALUES (?, ?, ?, 1)",
                arguments: [id, place, resources])
        }
    }

    private func seal(_ secrets: Secrets) throws -> Data {
        Data(vault.seal(try JSON.encode(secrets), context: Self.seal))
    }

    private static func export(_ row: Row) -> Export? {
        guard let state = State(rawValue: row["state"]) else { return nil }
        return Export(
            id: row["id"], base: row["base"], level: row["level"], types: row["types"], since: row["since"],
            state: state, startedAt: row["started_at"], asOf: row["as_of"], sealed: row["sealed"])
    }
}
