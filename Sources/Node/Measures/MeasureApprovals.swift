internal import Core
internal import Exchange
internal import Foundation
internal import GRDB
internal import Policy
internal import Store

/// Measures that requesters have put before this controller, and what a person here decided: once for all periods.
struct MeasureApprovals: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-measure-approval-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE measure_approval (
                        id INTEGER PRIMARY KEY, requester TEXT NOT NULL, agreement TEXT NOT NULL,
                        version INTEGER NOT NULL, digest TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
                        asked_at INTEGER NOT NULL, decided_at INTEGER, reason TEXT, sealed BLOB NOT NULL,
                        UNIQUE (requester, agreement, version, digest));
                    CREATE INDEX measure_approval_state ON measure_approval (state, requester);
                    """)
        }
    ]

    /// What was put before the controller: the whole of what is approved.
    struct Proposal: Codable, Sendable {
        let measure: RequestMeasure
        let purpose: Purpose
        /// `reference.NAME` or `codelist.NAME` -> digest: what the statement's tables were when a person decided.
        var tables: [String: String] = [:]

        /// As the approval is found by: the period is no part of it.
        var digest: String {
            Digest(of: Array("\(measure.digest) \(purpose.name)".utf8)).description
        }

        /// As a period's release is found by: the same text for the same day is released once, whatever it is called.
        var releaseDigest: String {
            Digest(of: Array("\(purpose.name)\u{0}\(measure.sql)".utf8)).description
        }
    }

    /// Under which agreement, and whose.
    struct Place: Hashable, Sendable {
        let requester: String
        let agreement: String
        let version: Int
    }

    struct Entry: Sendable {
        let id: Int64
        let place: Place
        let name: String
        let state: ReviewStore.State
        let askedAt: Int64
        let reason: String?
        let proposal: Proposal
    }

    /// Those of one requester that wait at once: each takes room, and a person's time.
    static let mostWaiting = 50

    private static let seal = "measure approval"

    let store: ControlStore
    let vault: KeyVault

    /// What was decided under this version of the agreement; nil where it was never put before the controller.
    func find(_ proposal: Proposal, _ place: Place) throws -> Entry? {
        try entries(
            "WHERE requester = ? AND agreement = ? AND version = ? AND digest = ?",
            [place.requester, place.agreement, place.version, proposal.digest]
        ).first
    }

    /// - Returns: its number; nil where so many of the requester's wait that there is no room for it.
    func propose(_ proposal: Proposal, _ place: Place, at now: Int64) async throws -> Int64? {
        let sealed = Data(vault.seal(try JSON.encode(proposal), context: Self.seal))
        return try await store.write { db in
            // Those that wait under another version of their agreement wait for nothing.
            try db.execute(
                sql: """
                    DELETE FROM measure_approval
                    WHERE state = 'waiting' AND requester = ? AND agreement = ? AND version <> ?
                    """, arguments: [place.requester, place.agreement, place.version])
            let waiting =
                try Int.fetchOne(
                    db,
                    sql: "SELECT count(*) FROM measure_approval WHERE requester = ? AND state = 'waiting'",
                    arguments: [place.requester]) ?? 0
            guard waiting < Self.mostWaiting else { return nil }
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO measure_approval
                    (requester, agreement, version, digest, name, state, asked_at, sealed)
                    VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?)
                    """,
                arguments: [
                    place.requester, place.agreement, place.version, proposal.digest, proposal.measure.name,
                    now, sealed,
                ])
            return db.lastInsertedRowID
        }
    }

    /// An approved one waits again, as it is now.
    func reopen(_ id: Int64, as proposal: Proposal) async throws {
        let sealed = Data(vault.seal(try JSON.encode(proposal), context: Self.seal))
        try await store.write { db in
            try db.execute(
                sql: """
                    UPDATE measure_approval SET state = 'waiting', reason = NULL, decided_at = NULL, sealed = ?
                    WHERE id = ? AND state = 'approved'
                    """, arguments: [sealed, id])
        }
    }

    func all() throws -> [Entry] { try entries("", []) }

    func waiting() throws -> Int {
        try store.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM measure_approval WHERE state = 'waiting'") ?? 0
        }
    }

    /// - Returns: whether it was in one of these states.
    func decide(
        _ id: Int64, _ state: ReviewStore.State, from states: [ReviewStore.State], reason: String?,
        at now: Int64
    ) async throws -> Bool {
        try await store.write { db in
            guard
                let current = try String.fetchOne(
                    db, sql: "SELECT state FROM measure_approval WHERE id = ?", arguments: [id]),
                states.map(\.rawValue).contains(current)
            else { return false }
            try db.execute(
                sql: "UPDATE measure_approval SET state = ?, reason = ?, decided_at = ? WHERE id = ?",
                arguments: [state.rawValue, reason, now, id])
            return true
        }
    }

    private func entries(_ condition: String, _ arguments: StatementArguments) throws -> [Entry] {
        try store.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM measure_approval \(condition) ORDER BY id", arguments: arguments)
        }.map { row in
            let sealed: Data = row["sealed"]
            guard let state = ReviewStore.State(rawValue: row["state"]) else {
                throw NodeError(.input, "a measure of the store has a state that is unknown here")
            }
            return Entry(
                id: row["id"],
                place: Place(
                    requester: row["requester"], agreement: row["agreement"], version: row["version"]),
                name: row["name"], state: state, askedAt: row["asked_at"], reason: row["reason"],
                proposal: try JSON.decode(
                    Proposal.self, from: try vault.open(Array(sealed), context: Self.seal)))
        }
    }
}
