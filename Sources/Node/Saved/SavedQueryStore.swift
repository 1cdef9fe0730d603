internal import Core
internal import Exchange
internal import Foundation
internal import GRDB
internal import Store

/// A question that is kept, and what was last released to it.
struct SavedQuery: Sendable {
    let name: String
    let question: Question
    let comment: String?
    /// Milliseconds since 1970-01-01 UTC; nil until it was asked.
    let ranAt: Int64?
    let answer: Answer?
}

/// Saved questions with their last results, sealed in the control store.
struct SavedQueryStore: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-saved-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE saved_query (
                        name TEXT PRIMARY KEY, saved_at INTEGER NOT NULL, ran_at INTEGER, question BLOB NOT NULL,
                        result BLOB);
                    """)
        }
    ]

    private struct Kept: Codable {
        let question: Question
        let comment: String?
    }

    private static let questionSeal = "saved question"
    private static let resultSeal = "saved result"

    let store: ControlStore
    let vault: KeyVault

    /// - Returns: false where a measure has that name: they are tables of one schema.
    @discardableResult
    func keep(_ name: String, _ question: Question, comment: String?, at now: Int64) async throws -> Bool {
        let sealed = Data(
            vault.seal(
                try JSON.encode(Kept(question: question, comment: comment)), context: Self.questionSeal))
        return try await store.write { db in
            try db.execute(
                sql: """
                    INSERT INTO saved_query (name, saved_at, question)
                    SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM measure WHERE name = ?)
                    ON CONFLICT (name) DO UPDATE SET saved_at = excluded.saved_at, question = excluded.question
                    """, arguments: [name, now, sealed, name])
            return db.changesCount == 1
        }
    }

    func keep(_ answer: Answer, of name: String, at now: Int64) async throws {
        let sealed = Data(vault.seal(try JSON.encode(answer), context: Self.resultSeal))
        try await store.write { db in
            try db.execute(
                sql: "UPDATE saved_query SET ran_at = ?, result = ? WHERE name = ?",
                arguments: [now, sealed, name])
        }
    }

    /// - Returns: whether there was one.
    func remove(_ name: String) async throws -> Bool {
        try await store.write { db in
            try db.execute(sql: "DELETE FROM saved_query WHERE name = ?", arguments: [name])
            return db.changesCount > 0
        }
    }

    /// In order of name.
    func all() throws -> [SavedQuery] {
        try store.read { db in try Row.fetchAll(db, sql: "SELECT * FROM saved_query ORDER BY name") }.map {
            row in
            let question: Data = row["question"]
            let result: Data? = row["result"]
            let kept = try JSON.decode(
                Kept.self, from: try vault.open(Array(question), context: Self.questionSeal))
            let answer = try result.map {
                try JSON.decode(Answer.self, from: try vault.open(Array($0), context: Self.resultSeal))
            }
            return SavedQuery(
                name: row["name"], question: kept.question, comment: kept.comment, ranAt: row["ran_at"],
                answer: answer)
        }
    }
}
