internal import Core
internal import Disclosure
internal import Exchange
internal import Foundation
internal import GRDB
internal import Query
internal import Store

/// Every question that this controller was asked, with what left: beside the log, which bears neither, and sealed.
///
/// INVARIANT: whatever is in it left, or did not, under the entry of the log that it names.
struct QuestionBook: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-asked-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE asked_question (
                        entry INTEGER PRIMARY KEY, at INTEGER NOT NULL, requester TEXT NOT NULL,
                        agreement TEXT NOT NULL, purpose TEXT NOT NULL, outcome TEXT NOT NULL,
                        sealed BLOB NOT NULL);
                    CREATE INDEX asked_question_at ON asked_question (at);
                    """)
        }
    ]

    /// What is not for whoever can read the store's file.
    struct Sealed: Codable, Sendable {
        let person: String
        let fragments: [RequestFragment]
        let words: [QuestionWords]
        let left: [LeftTable]
        let rule: String?
        let reason: String?
        let linker: String?
        let conditions: [String]
        let decision: String?
        let profile: String?
        let publication: String?
        let publishedAt: Int64?
    }

    struct Entry: Sendable {
        let entry: Int
        /// Milliseconds since 1970, UTC.
        let at: Int64
        let requester: String
        let agreement: String
        let purpose: String
        let outcome: AskedQuestion.Outcome
        let sealed: Sealed
    }

    private static let seal = "asked question"

    let store: ControlStore
    let vault: KeyVault
    /// How long they are kept.
    let days: Int

    /// Keeps a question with what becomes of it; before anything leaves.
    /// - Parameter entry: its place in the log.
    func keep(_ request: QueryRequest, _ outcome: SiteOutcome, as entry: Int, at now: Int64) async throws {
        let sealed = Sealed(
            person: request.user, fragments: request.fragments, words: outcome.words,
            left: outcome.outcome == .answered ? outcome.left : [], rule: outcome.refusal?.rule,
            reason: outcome.refusal?.words,
            linker: request.fragments.contains(where: \.linked) ? request.linker?.text : nil,
            conditions: outcome.evidence.obligations, decision: outcome.evidence.decisionID,
            profile: outcome.evidence.disclosure?.profile, publication: outcome.evidence.snapshot?.id,
            publishedAt: outcome.evidence.snapshot?.publishedAt.milliseconds)
        let bytes = Data(vault.seal(try JSON.encode(sealed), context: Self.seal))
        let kind = Self.outcome(outcome)
        try await store.write { [days] db in
            try db.execute(
                sql: """
                    INSERT OR REPLACE INTO asked_question
                    (entry, at, requester, agreement, purpose, outcome, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    entry, now, request.requester.text, request.agreementID, request.purpose.name,
                    kind.rawValue, bytes,
                ])
            try db.execute(
                sql: "DELETE FROM asked_question WHERE at < ?", arguments: [now - Int64(days) * 86_400_000])
        }
    }

    private static func outcome(_ outcome: SiteOutcome) -> AskedQuestion.Outcome {
        switch (outcome.outcome, outcome.refusal?.rule) {
        case (.answered, _): .answered
        case (.planned, _): .rehearsed
        case (.refused, "pending-review"?): .waiting
        case (.refused, _): .refused
        default: .unanswered
        }
    }

    func entry(_ entry: Int) async throws -> Entry? {
        try await store.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM asked_question WHERE entry = ?", arguments: [entry])
                .flatMap(read)
        }
    }

    /// When the oldest was asked.
    func since() async throws -> Int64? {
        try await store.read { try Int64.fetchOne($0, sql: "SELECT min(at) FROM asked_question") }
    }

    /// When each requester asked last, by ODS code.
    func lastAsked() async throws -> [String: Int64] {
        try await store.read { db in
            try Row.fetchAll(
                db, sql: "SELECT requester, max(at) AS at FROM asked_question GROUP BY requester"
            )
            .reduce(into: [:]) { $0[$1["requester"]] = $1["at"] }
        }
    }

    func counts(since: Int64) async throws -> [AskedQuestion.Outcome: Int] {
        try await store.read { db in
            try Row.fetchAll(
                db, sql: "SELECT outcome, count(*) AS n FROM asked_question WHERE at >= ? GROUP BY outcome",
                arguments: [since]
            ).reduce(into: [:]) { counts, row in
                AskedQuestion.Outcome(rawValue: row["outcome"]).map { counts[$0] = row["n"] }
            }
        }
    }

    /// Newest first; what is sealed is for the caller to search.
    func entries(_ search: AskedSearch, before: Int?, limit: Int) async throws -> [Entry] {
        let until = search.until.map { Int64($0 + 1) * 86_400_000 }
        return try await store.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM asked_question
                    WHERE (? IS NULL OR entry < ?) AND (? IS NULL OR agreement = ?)
                      AND (? IS NULL OR requester = ?) AND (? IS NULL OR outcome = ?)
                      AND (? IS NULL OR at >= ?) AND (? IS NULL OR at < ?)
                    ORDER BY entry DESC LIMIT ?
                    """,
                arguments: StatementArguments(
                    Self.twice(before) + Self.twice(search.agreement) + Self.twice(search.requester)
                        + Self.twice(search.outcome?.rawValue)
                        + Self.twice(search.from.map { Int64($0) * 86_400_000 }) + Self.twice(until) + [limit]
                )
            ).compactMap(read)
        }
    }

    private static func twice(_ value: (any DatabaseValueConvertible)?) -> [(any DatabaseValueConvertible)?] {
        [value, value]
    }

    private func read(_ row: Row) throws -> Entry? {
        guard let outcome = AskedQuestion.Outcome(rawValue: row["outcome"]) else { return nil }
        let sealed: Data = row["sealed"]
        return Entry(
            entry: row["entry"], at: row["at"], requester: row["requester"], agreement: row["agreement"],
            purpose: row["purpose"], outcome: outcome,
            sealed: try JSON.decode(
                Sealed.self, from: try vault.open(Array(sealed), context: Self.seal)))
    }
}
