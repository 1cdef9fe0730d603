internal import Core
internal import Exchange
internal import Foundation
internal import GRDB
internal import Store

/// What this controller was asked lately, sealed: for rehearsals of other agreements, never for the log.
struct RecentQuestions: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-recent-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE recent_question (
                        id INTEGER PRIMARY KEY, agreement TEXT NOT NULL, purpose TEXT NOT NULL,
                        digest TEXT NOT NULL UNIQUE, asked_at INTEGER NOT NULL, sealed BLOB NOT NULL);
                    """)
        }
    ]

    /// One question as this site was asked it.
    struct Asked: Sendable {
        let agreement: String
        let purpose: String
        let fragments: [RequestFragment]
        let references: [String: Digest]
    }

    private struct Kept: Codable {
        let fragments: [RequestFragment]
        let references: [String: Digest]
    }

    /// The oldest goes when there are more.
    static let most = 1_000

    private static let seal = "recent question"

    let store: ControlStore
    let vault: KeyVault

    /// Keeps a question that was permitted; the same again moves to the front.
    func keep(_ request: QueryRequest, at now: WireInstant) async throws {
        let kept = Kept(fragments: request.fragments, references: request.referenceDigests)
        let bytes = try JSON.encode(kept)
        // Keyed: the digest alone must not give a short question away.
        let digest = Digest(
            of: vault.derive(label: Self.seal) + Array(request.agreementID.utf8) + [0] + bytes)
        let sealed = Data(vault.seal(bytes, context: Self.seal))
        try await store.write { db in
            try db.execute(
                sql: "DELETE FROM recent_question WHERE digest = ?", arguments: [digest.description])
            try db.execute(
                sql: """
                    INSERT INTO recent_question (agreement, purpose, digest, asked_at, sealed)
                    VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [
                    request.agreementID, request.purpose.name, digest.description, now.milliseconds, sealed,
                ])
            try db.execute(
                sql: """
                    DELETE FROM recent_question
                    WHERE id <= (SELECT max(id) FROM recent_question) - ?
                    """, arguments: [Self.most])
        }
    }

    /// The latest ones under other agreements, newest first.
    func latest(except agreement: String) throws -> [Asked] {
        try store.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM recent_question WHERE agreement <> ? ORDER BY id DESC",
                arguments: [agreement])
        }.map { row in
            let sealed: Data = row["sealed"]
            let kept = try JSON.decode(Kept.self, from: try vault.open(Array(sealed), context: Self.seal))
            return Asked(
                agreement: row["agreement"], purpose: row["purpose"], fragments: kept.fragments,
                references: kept.references)
        }
    }
}
