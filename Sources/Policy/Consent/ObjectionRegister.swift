package import Core
package import Foundation
import GRDB
package import Store
import Synchronization

/// The objections that a controller decided on: sealed in the control store, which alone says what holds.
///
/// An objection is about an NHS number, not about a record: it counts for whoever bears the number, also when
/// their data come later. It is in force with the next question after `record` has returned, and then durable.
/// Each act waits in `unlogged` until its entry of the log is durable too, so that a crash between loses none.
package final class ObjectionRegister: Sendable {
    /// An act that the log must bear.
    package struct Act: Hashable, Sendable {
        package enum Kind: String, Sendable {
            case recorded
            case withdrawn
        }

        package let id: Int64
        package let kind: Kind
        package let objection: Objection
    }

    /// The tables of this room in the control store.
    package static let migrations = [
        ControlMigration(identifier: "policy-objection-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE objection (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, recorded_at INTEGER NOT NULL,
                        sealed BLOB NOT NULL);
                    CREATE TABLE objection_withdrawal (
                        objection INTEGER PRIMARY KEY REFERENCES objection (id),
                        withdrawn_at INTEGER NOT NULL, sealed BLOB NOT NULL);
                    CREATE TABLE objection_act (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, objection INTEGER NOT NULL REFERENCES objection (id),
                        act TEXT NOT NULL, entry INTEGER);
                    """)
        }
    ]

    /// What is sealed of an objection.
    private struct Content: Codable {
        let number: String
        let scope: Objection.Scope
        let decision: Objection.Outcome
        let reason: String
    }

    private struct Known {
        let lastAct: Int64
        let objections: [Objection]
    }

    private let store: ControlStore
    private let seal: @Sendable (Data) throws -> Data
    private let open: @Sendable (Data) throws -> Data
    /// Opened once and read by every question; told to be old by the number of the last act.
    private let known = Mutex<Known?>(nil)

    /// - Parameters:
    ///   - seal: encrypts under a key of the node; `open` is its inverse.
    package init(
        store: ControlStore, seal: @escaping @Sendable (Data) throws -> Data,
        open: @escaping @Sendable (Data) throws -> Data
    ) {
        self.store = store
        self.seal = seal
        self.open = open
    }

    /// Every objection, oldest first, whatever was decided.
    package func all() async throws -> [Objection] {
        let held = known.withLock { $0 }
        let open = open
        let current = try await store.read { db in
            let last = try Self.lastAct(db)
            if let held, held.lastAct == last { return held }
            return Known(lastAct: last, objections: try Self.objections(db, open))
        }
        known.withLock { $0 = current }
        return current.objections
    }

    /// The NHS numbers of everybody whom an upheld objection takes out of a question, ascending, none twice.
    package func objectors(
        agreement: String, purpose: Purpose, in purposes: PurposeHierarchy
    ) async throws -> [Int64] {
        let numbers = try await all().filter {
            $0.isEffective && $0.covers(agreement: agreement, purpose: purpose, in: purposes)
        }
        return Set(numbers.compactMap { Int64($0.number) }).sorted()
    }

    /// Records an objection and what was decided.
    /// - Throws: `ObjectionFault` where one of the same person and scope is upheld already.
    package func record(
        _ number: NHSNumber, _ scope: Objection.Scope, _ decision: Objection.Outcome, reason: String,
        at now: Date
    ) async throws -> Objection {
        let content = Content(number: number.digits, scope: scope, decision: decision, reason: reason)
        let sealed = try seal(try JSONEncoder().encode(content))
        let (open, seconds) = (open, Int64(now.timeIntervalSince1970))
        return try await store.write { db in
            let standing = try Self.objections(db, open).first {
                $0.number == content.number && $0.scope == scope && $0.isEffective
            }
            if let standing {
                throw ObjectionFault(
                    "objection \(standing.id) of this person with this scope is upheld already; "
                        + "withdraw it first if that is to change")
            }
            try db.execute(
                sql: "INSERT INTO objection (recorded_at, sealed) VALUES (?, ?)",
                arguments: [seconds, sealed])
            let id = db.lastInsertedRowID
            try Self.note(.recorded, of: id, db)
            return Objection(
                id: id, number: content.number, scope: scope, decision: decision, reason: reason,
                recordedAt: seconds, withdrawal: nil)
        }
    }

    /// Takes an objection out of force, for good; the record of it stays.
    /// - Throws: `ObjectionFault` where there is none of that id or it is withdrawn already.
    package func withdraw(_ id: Int64, reason: String, at now: Date) async throws -> Objection {
        let sealed = try seal(Data(reason.utf8))
        let (open, seconds) = (open, Int64(now.timeIntervalSince1970))
        return try await store.write { db in
            guard let found = try Self.objections(db, open).first(where: { $0.id == id }) else {
                throw ObjectionFault("there is no objection \(id): 'concordat objection list' has them")
            }
            guard found.withdrawal == nil else {
                throw ObjectionFault("objection \(id) is withdrawn already")
            }
            try db.execute(
                sql: "INSERT INTO objection_withdrawal VALUES (?, ?, ?)", arguments: [id, seconds, sealed])
            try Self.note(.withdrawn, of: id, db)
            return found
        }
    }

    /// Acts whose log entry is not known to be durable, oldest first.
    package func unlogged() async throws -> [Act] {
        let open = open
        return try await store.read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT id, objection, act FROM objection_act WHERE entry IS NULL ORDER BY id")
            guard !rows.isEmpty else { return [] }
            let objections = try Self.objections(db, open)
            return rows.compactMap { row in
                let (id, of, act): (Int64, Int64, String) = (row[0], row[1], row[2])
                guard let kind = Act.Kind(rawValue: act), let found = objections.first(where: { $0.id == of })
                else { return nil }
                return Act(id: id, kind: kind, objection: found)
            }
        }
    }

    /// Notes under which entry of the log an act stands.
    package func logged(_ act: Act, entry: Int64) async throws {
        let id = act.id
        try await store.write { db in
            try db.execute(sql: "UPDATE objection_act SET entry = ? WHERE id = ?", arguments: [entry, id])
        }
    }

    private static func note(_ kind: Act.Kind, of id: Int64, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO objection_act (objection, act) VALUES (?, ?)", arguments: [id, kind.rawValue])
    }

    private static func lastAct(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT coalesce(max(id), 0) FROM objection_act") ?? 0
    }

    private static func objections(_ db: Database, _ open: (Data) throws -> Data) throws -> [Objection] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT o.id, o.recorded_at, o.sealed, w.withdrawn_at, w.sealed AS reason
                FROM objection o LEFT JOIN objection_withdrawal w ON w.objection = o.id ORDER BY o.id
                """)
        return try rows.map { row in
            let content = try JSONDecoder().decode(Content.self, from: try open(row["sealed"]))
            let withdrawnAt: Int64? = row["withdrawn_at"]
            let withdrawal = try withdrawnAt.map {
                Objection.Withdrawal(
                    at: $0, reason: String(decoding: try open(row["reason"]), as: UTF8.self))
            }
            return Objection(
                id: row["id"], number: content.number, scope: content.scope, decision: content.decision,
                reason: content.reason, recordedAt: row["recorded_at"], withdrawal: withdrawal)
        }
    }
}
