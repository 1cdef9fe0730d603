internal import Foundation
internal import GRDB
internal import Store

/// Sessions of people in a browser, in the control store: a digest of each one's secret, never the secret.
struct WebSessionStore: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-web-session-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE node_web_session (
                        digest BLOB PRIMARY KEY, user TEXT NOT NULL, made_at INTEGER NOT NULL,
                        seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL);
                    CREATE INDEX node_web_session_user ON node_web_session (user);
                    """)
        },
        // What a provider of OpenID Connect said when the session began, sealed: it is told again at its end.
        ControlMigration(identifier: "node-web-session-2") { db in
            try db.execute(sql: "ALTER TABLE node_web_session ADD COLUMN token BLOB")
        },
    ]

    /// For each user; the oldest ends when there are more.
    static let most = 10
    /// How exactly it is kept when something came from a session, in milliseconds.
    private static let grain: Int64 = 15_000

    let store: ControlStore

    struct Kept: Sendable {
        let user: String
        let madeAt: Int64
        let expiresAt: Int64
    }

    /// - Parameter token: sealed; nil for a session that no provider began.
    func open(
        _ secret: String, of user: String, at now: Int64, until: Int64, token: Data? = nil
    ) async throws {
        let digest = SecretText.digest(secret)
        try await store.write { db in
            try db.execute(sql: "DELETE FROM node_web_session WHERE expires_at <= ?", arguments: [now])
            try db.execute(
                sql: """
                    INSERT INTO node_web_session (digest, user, made_at, seen_at, expires_at, token)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """, arguments: [digest, user, now, now, until, token])
            try db.execute(
                sql: """
                    DELETE FROM node_web_session WHERE user = ? AND digest NOT IN
                        (SELECT digest FROM node_web_session WHERE user = ?
                         ORDER BY made_at DESC, rowid DESC LIMIT ?)
                    """, arguments: [user, user, Self.most])
        }
    }

    /// The session, which is seen then; nil where it is none, or one whose time is over.
    /// - Parameter idle: milliseconds.
    func see(_ secret: String, at now: Int64, idle: Int64) async throws -> Kept? {
        let digest = SecretText.digest(secret)
        let found = try await store.read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM node_web_session WHERE digest = ?", arguments: [digest]
            ).map { (row: Row) -> (kept: Kept, seenAt: Int64) in
                (
                    Kept(user: row["user"], madeAt: row["made_at"], expiresAt: row["expires_at"]),
                    row["seen_at"]
                )
            }
        }
        guard let found else { return nil }
        guard found.kept.expiresAt > now, found.seenAt + idle > now else {
            try await end(secret)
            return nil
        }
        if found.seenAt + Self.grain < now {
            try await store.write { db in
                try db.execute(
                    sql: "UPDATE node_web_session SET seen_at = ? WHERE digest = ?", arguments: [now, digest])
            }
        }
        return found.kept
    }

    /// - Returns: what the session was opened with.
    @discardableResult
    func end(_ secret: String) async throws -> Data? {
        let digest = SecretText.digest(secret)
        return try await store.write { db in
            let token = try Data.fetchOne(
                db, sql: "SELECT token FROM node_web_session WHERE digest = ?", arguments: [digest])
            try db.execute(sql: "DELETE FROM node_web_session WHERE digest = ?", arguments: [digest])
            return token
        }
    }

    /// All of a user's.
    func end(of user: String) async throws {
        try await store.write { db in
            try db.execute(sql: "DELETE FROM node_web_session WHERE user = ?", arguments: [user])
        }
    }
}
