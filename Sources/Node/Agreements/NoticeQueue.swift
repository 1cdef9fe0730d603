internal import Core
internal import Exchange
internal import Foundation
internal import GRDB
internal import Store

/// Notices about agreements that are on their way, in the control store: one that cannot be delivered is tried again
/// until it is, at longer and longer intervals.
struct NoticeQueue: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-notice-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE agreement_notice (
                        id INTEGER PRIMARY KEY, agreement TEXT NOT NULL, recipient TEXT NOT NULL,
                        act TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
                        attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL, delivered_at INTEGER);
                    CREATE INDEX agreement_notice_due ON agreement_notice (due) WHERE delivered_at IS NULL;
                    """)
        }
    ]

    /// One notice for one recipient.
    struct Entry: Sendable {
        let id: Int64
        let recipient: OrganisationCode
        let notice: AgreementNotice
        let attempts: Int
    }

    let store: ControlStore

    /// Half a minute after the first attempt, doubled after each, an hour at most.
    static func wait(after attempts: Int) -> Int64 {
        min(3_600_000, 30_000 << Int64(min(max(0, attempts - 1), 10)))
    }

    func put(_ notice: AgreementNotice, to recipients: [OrganisationCode]) async throws {
        try await store.write { db in
            for recipient in recipients {
                try db.execute(
                    sql: """
                        INSERT INTO agreement_notice (agreement, recipient, act, reason, at, due)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        notice.agreementID, recipient.text, notice.act.rawValue, notice.reason,
                        notice.at.milliseconds, notice.at.milliseconds,
                    ])
            }
        }
    }

    /// What is due, oldest first.
    func due(at now: WireInstant) async throws -> [Entry] {
        try await store.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT * FROM agreement_notice WHERE delivered_at IS NULL AND due <= ? ORDER BY id LIMIT 64",
                arguments: [now.milliseconds]
            ).compactMap(Self.entry)
        }
    }

    /// Agreement -> who has not had a notice about it yet.
    func undelivered() async throws -> [String: Set<OrganisationCode>] {
        try await store.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM agreement_notice WHERE delivered_at IS NULL")
                .compactMap(Self.entry)
        }.reduce(into: [:]) { $0[$1.notice.agreementID, default: []].insert($1.recipient) }
    }

    func delivered(_ entry: Entry, at now: WireInstant) async throws {
        try await store.write { db in
            try db.execute(
                sql: "UPDATE agreement_notice SET delivered_at = ?, attempts = attempts + 1 WHERE id = ?",
                arguments: [now.milliseconds, entry.id])
        }
    }

    func failed(_ entry: Entry, at now: WireInstant) async throws {
        let due = now.milliseconds + Self.wait(after: entry.attempts + 1)
        try await store.write { db in
            try db.execute(
                sql: "UPDATE agreement_notice SET attempts = attempts + 1, due = ? WHERE id = ?",
                arguments: [due, entry.id])
        }
    }

    private static func entry(_ row: Row) -> Entry? {
        guard let recipient = OrganisationCode(row["recipient"]),
            let act = AgreementNotice.Act(rawValue: row["act"])
        else { return nil }
        return Entry(
            id: row["id"], recipient: recipient,
            notice: AgreementNotice(
                agreementID: row["agreement"], act: act, reason: row["reason"],
                at: WireInstant(milliseconds: row["at"])), attempts: row["attempts"])
    }
}
