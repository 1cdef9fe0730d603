internal import Foundation
internal import GRDB
internal import Store

/// What a token may be used for, besides what its user's roles allow.
package enum TokenScope: String, Codable, Sendable, CaseIterable {
    case questions
    case catalog
    case saved
    case savedWrite = "saved:write"
    case agreements
    case agreementsWrite = "agreements:write"
    case releases
    case releasesWrite = "releases:write"
    case quarantine
    case quarantineWrite = "quarantine:write"
    case operations
    case audit
}

/// Tokens by which scripts come in the name of a user, in the control store: a digest of each, never the token.
struct TokenStore: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-token-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE node_token (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL UNIQUE, name TEXT NOT NULL,
                        user TEXT NOT NULL, scopes TEXT NOT NULL, made_at INTEGER NOT NULL,
                        expires_at INTEGER NOT NULL, used_at INTEGER, revoked_at INTEGER);
                    CREATE INDEX node_token_user ON node_token (user);
                    """)
        }
    ]

    /// By which scanners of secrets know one.
    static let prefix = "concordat_"
    /// How exactly it is kept when a token was used, in milliseconds.
    private static let grain: Int64 = 60_000

    let store: ControlStore

    struct Entry: Sendable {
        let id: Int64
        let name: String
        let user: String
        let scopes: Set<TokenScope>
        let madeAt: Int64
        let expiresAt: Int64
        let usedAt: Int64?
        let revokedAt: Int64?

        fileprivate init(_ row: Row) {
            let scopes: String = row["scopes"]
            (id, name, user, madeAt) = (row["id"], row["name"], row["user"], row["made_at"])
            (expiresAt, usedAt, revokedAt) = (row["expires_at"], row["used_at"], row["revoked_at"])
            self.scopes = Set(scopes.split(separator: " ").compactMap { TokenScope(rawValue: String($0)) })
        }
    }

    /// - Returns: its number.
    func add(
        _ secret: String, name: String, of user: String, scopes: Set<TokenScope>, at now: Int64, until: Int64
    ) async throws -> Int64 {
        let digest = SecretText.digest(secret)
        let words = scopes.map(\.rawValue).sorted().joined(separator: " ")
        return try await store.write { db in
            try db.execute(
                sql: """
                    INSERT INTO node_token (digest, name, user, scopes, made_at, expires_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """, arguments: [digest, name, user, words, now, until])
            return db.lastInsertedRowID
        }
    }

    /// Newest first; of one user, or of all.
    func list(of user: String?) async throws -> [Entry] {
        try await store.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM node_token WHERE ? IS NULL OR user = ? ORDER BY id DESC",
                arguments: [user, user]
            ).map(Entry.init)
        }
    }

    /// The token, which is used then; nil where it is none, revoked or expired.
    func use(_ secret: String, at now: Int64) async throws -> Entry? {
        let digest = SecretText.digest(secret)
        let entry = try await store.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM node_token WHERE digest = ?", arguments: [digest])
                .map(Entry.init)
        }
        guard let entry, entry.revokedAt == nil, entry.expiresAt > now else { return nil }
        if (entry.usedAt ?? 0) + Self.grain < now {
            try await store.write { db in
                try db.execute(
                    sql: "UPDATE node_token SET used_at = ? WHERE id = ?", arguments: [now, entry.id])
            }
        }
        return entry
    }

    /// - Parameter user: whose it must be; nil: anybody's.
    /// - Returns: the token as it was; nil where there is none that can be revoked.
    func revoke(_ id: Int64, of user: String?, at now: Int64) async throws -> Entry? {
        try await store.write { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT * FROM node_token WHERE id = ? AND revoked_at IS NULL AND (? IS NULL OR user = ?)
                    """, arguments: [id, user, user])
            try db.execute(
                sql: "UPDATE node_token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                arguments: [now, row == nil ? -1 : id])
            return row.map(Entry.init)
        }
    }

    /// All of a user's.
    func revoke(of user: String, at now: Int64) async throws {
        try await store.write { db in
            try db.execute(
                sql: "UPDATE node_token SET revoked_at = ? WHERE user = ? AND revoked_at IS NULL",
                arguments: [now, user])
        }
    }
}
