internal import Core
internal import Foundation
internal import GRDB
internal import Store

extension CareStore {
    /// Who reads whose record, and why.
    struct Access: Sendable {
        let user: String
        let person: String
        let isBreakGlass: Bool
        let reason: String
        let at: Int64
    }

    struct Alert: Sendable {
        let id: Int
        let at: Int64
        let role: String
        let user: String
        let person: String
        let acknowledgedBy: String?
    }

    struct Review: Sendable {
        let id: Int
        let at: Int64
        let user: String
        let person: String
        let reason: String
        let outcome: String?
        let closedBy: String?
        let note: String?
    }

    /// Decides with the number of times the glass was broken in the last 24 hours and, if it is permitted, counts
    /// this use, tells those who must be told and opens a review: in one transaction, so that two requests at
    /// once cannot both be the third.
    func admit(_ access: Access, decide: @Sendable (Int) -> Decision) throws -> Decision {
        let reason = seal(access.reason)
        return try store.write { db in
            let uses = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM care_glass WHERE user = ? AND at > ?",
                arguments: [access.user, access.at - Self.glassWindow])
            let decision = decide(uses ?? 0)
            guard decision.isPermit else { return decision }
            var told = decision.obligations.alerts
            if access.isBreakGlass {
                // Whatever a policy forgets, who breaks the glass is seen.
                told.insert("privacy-officer")
                try db.execute(
                    sql: "INSERT INTO care_glass (at, user, person, reason) VALUES (?, ?, ?, ?)",
                    arguments: [access.at, access.user, access.person, reason])
            }
            for role in told.sorted() {
                try db.execute(
                    sql: "INSERT INTO care_alert (at, role, user, person) VALUES (?, ?, ?, ?)",
                    arguments: [access.at, role, access.user, access.person])
            }
            if access.isBreakGlass || decision.obligations.needsReview {
                try db.execute(
                    sql: "INSERT INTO care_review (at, user, person, reason) VALUES (?, ?, ?, ?)",
                    arguments: [access.at, access.user, access.person, reason])
            }
            return decision
        }
    }

    func alerts() throws -> [Alert] {
        try store.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM care_alert ORDER BY id").map {
                Alert(
                    id: $0["id"], at: $0["at"], role: $0["role"], user: $0["user"], person: $0["person"],
                    acknowledgedBy: $0["acknowledged_by"])
            }
        }
    }

    /// - Returns: false if there is no such alert that waits.
    func acknowledge(_ id: Int, by user: String, at now: Int64) throws -> Bool {
        try store.write { db in
            try db.execute(
                sql: """
                    UPDATE care_alert SET acknowledged_at = ?, acknowledged_by = ?
                    WHERE id = ? AND acknowledged_at IS NULL AND user <> ?
                    """, arguments: [now, user, id, user])
            return db.changesCount > 0
        }
    }

    func reviews() throws -> [Review] {
        let rows = try store.read { db in try Row.fetchAll(db, sql: "SELECT * FROM care_review ORDER BY id") }
        return try rows.map { row in
            let note: Data? = row["note"]
            return Review(
                id: row["id"], at: row["at"], user: row["user"], person: row["person"],
                reason: try open(row["reason"]), outcome: row["outcome"], closedBy: row["closed_by"],
                note: try note.map(open))
        }
    }

    /// - Returns: false if there is no such open review of somebody else's access.
    func close(
        _ id: Int, by user: String, outcome: String, note: String, at now: Int64
    ) throws -> Bool {
        let note = seal(note)
        return try store.write { db in
            try db.execute(
                sql: """
                    UPDATE care_review SET outcome = ?, note = ?, closed_at = ?, closed_by = ?
                    WHERE id = ? AND closed_at IS NULL AND user <> ?
                    """, arguments: [outcome, note, now, user, id, user])
            return db.changesCount > 0
        }
    }

    /// Alerts and reviews that wait for somebody.
    func waiting() throws -> (alerts: Int, reviews: Int) {
        try store.read { db in
            (
                try Int.fetchOne(db, sql: "SELECT count(*) FROM care_alert WHERE acknowledged_at IS NULL")
                    ?? 0,
                try Int.fetchOne(db, sql: "SELECT count(*) FROM care_review WHERE closed_at IS NULL") ?? 0
            )
        }
    }
}
