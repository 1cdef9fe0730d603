import Crypto
package import Foundation
import GRDB
package import Store

/// What a controller has released: the same question in one snapshot gets the same answer, and the number of
/// releases has a cap.
///
/// Order of use: `stored` (policy was checked again before), else `charge` before anything is run, then
/// `record` before the answer leaves. A full ledger means no more releases; entries are never evicted.
package struct ReleaseLedger: Sendable {
    /// Which question, over which data, for whom.
    package struct Key: Hashable, Sendable {
        package let controller: String
        package let agreement: String
        /// The publication snapshot.
        package let snapshot: String
        /// Digest of the canonical fragments, with the profile and what obligations were rewritten in.
        package let digest: String

        package init(controller: String, agreement: String, snapshot: String, digest: String) {
            self.controller = controller
            self.agreement = agreement
            self.snapshot = snapshot
            self.digest = digest
        }
    }

    /// Outcome of charging a release, known from the plan alone.
    package enum Charge: Hashable, Sendable {
        case charged(used: Int, cap: Int?)
        /// Nothing was charged: the cap is reached.
        case full(cap: Int)
        /// Nothing was charged: so many were charged lately as may be.
        case tooSoon
        /// Nothing was charged: the requester has had as many, over all agreements, as it gets.
        case spent
    }

    /// The most charges within so many seconds, whenever they begin.
    package struct Rate: Hashable, Sendable {
        package let most: Int
        package let seconds: Int64

        package init(most: Int, seconds: Int64) {
            self.most = most
            self.seconds = seconds
        }
    }

    /// The tables of this room in the control store.
    package static let migrations = [
        ControlMigration(identifier: "disclosure-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE release_charge (
                        controller TEXT NOT NULL, agreement TEXT NOT NULL, query TEXT NOT NULL,
                        charged_at INTEGER NOT NULL, PRIMARY KEY (controller, agreement, query)
                    ) WITHOUT ROWID;
                    CREATE TABLE release_ledger (
                        controller TEXT NOT NULL, agreement TEXT NOT NULL, snapshot TEXT NOT NULL,
                        digest TEXT NOT NULL, query TEXT NOT NULL, cells INTEGER NOT NULL,
                        released_at INTEGER NOT NULL, sealed BLOB NOT NULL,
                        PRIMARY KEY (controller, agreement, snapshot, digest)
                    ) WITHOUT ROWID;
                    """)
        },
        // A table with row ids: one without compares whole rows on the way to a key, large releases included.
        ControlMigration(identifier: "disclosure-2") { db in
            try db.execute(
                sql: """
                    ALTER TABLE release_ledger RENAME TO release_ledger_1;
                    CREATE TABLE release_ledger (
                        controller TEXT NOT NULL, agreement TEXT NOT NULL, snapshot TEXT NOT NULL,
                        digest TEXT NOT NULL, query TEXT NOT NULL, cells INTEGER NOT NULL,
                        released_at INTEGER NOT NULL, sealed BLOB NOT NULL,
                        PRIMARY KEY (controller, agreement, snapshot, digest)
                    );
                    INSERT INTO release_ledger SELECT * FROM release_ledger_1;
                    DROP TABLE release_ledger_1;
                    """)
        },
        ReleaseCohorts.migration,
        Period.migration,
        // Who asked: charges from before it was kept are nobody's.
        ControlMigration(identifier: "disclosure-budget-1") { db in
            try db.execute(
                sql: """
                    ALTER TABLE release_charge ADD COLUMN requester TEXT NOT NULL DEFAULT '';
                    CREATE INDEX release_charge_requester ON release_charge (controller, requester, charged_at);
                    """)
        },
    ]

    private let store: ControlStore
    private let seal: @Sendable (Data) throws -> Data
    private let open: @Sendable (Data) throws -> Data

    /// - Parameters:
    ///   - seal: encrypts a release under a key of the node; `open` is its inverse.
    package init(
        store: ControlStore, seal: @escaping @Sendable (Data) throws -> Data,
        open: @escaping @Sendable (Data) throws -> Data
    ) {
        self.store = store
        self.seal = seal
        self.open = open
    }

    /// Charges one query to an agreement and to who asked. Charging the same query again changes nothing.
    /// - Parameters:
    ///   - cap: of the agreement, for ever; `rate` of the agreement within some time.
    ///   - budget: of the requester within some time, over all agreements: users and agreements are free to mint.
    package func charge(
        controller: String, agreement: String, requester: String, query: String, cap: Int?,
        rate: Rate? = nil, budget: Rate? = nil, at now: Date
    ) async throws -> Charge {
        let seconds = Int64(now.timeIntervalSince1970)
        return try await store.write { db in
            let used =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM release_charge WHERE controller = ? AND agreement = ?",
                    arguments: [controller, agreement]) ?? 0
            let isCharged = try Bool.fetchOne(
                db,
                sql: """
                    SELECT true FROM release_charge WHERE controller = ? AND agreement = ? AND query = ?
                    """, arguments: [controller, agreement, query])
            if isCharged == true { return .charged(used: used, cap: cap) }
            if let cap, used >= cap { return .full(cap: cap) }
            if let rate {
                let lately =
                    try Int.fetchOne(
                        db,
                        sql: """
                            SELECT count(*) FROM release_charge
                            WHERE controller = ? AND agreement = ? AND charged_at > ?
                            """,
                        arguments: [controller, agreement, seconds - rate.seconds]) ?? 0
                if lately >= rate.most { return .tooSoon }
            }
            if let budget {
                let spent =
                    try Int.fetchOne(
                        db,
                        sql: """
                            SELECT count(*) FROM release_charge
                            WHERE controller = ? AND requester = ? AND charged_at > ?
                            """, arguments: [controller, requester, seconds - budget.seconds]) ?? 0
                if spent >= budget.most { return .spent }
            }
            try db.execute(
                sql: """
                    INSERT INTO release_charge (controller, agreement, query, charged_at, requester)
                    VALUES (?, ?, ?, ?, ?)
                    """, arguments: [controller, agreement, query, seconds, requester])
            return .charged(used: used + 1, cap: cap)
        }
    }

    /// The releases that were given for exactly this question, if any: one a fragment.
    package func stored(_ key: Key) async throws -> [StoredRelease]? {
        let sealed = try await store.read { db in
            try Data.fetchOne(
                db,
                sql: """
                    SELECT sealed FROM release_ledger
                    WHERE controller = ? AND agreement = ? AND snapshot = ? AND digest = ?
                    """, arguments: [key.controller, key.agreement, key.snapshot, key.digest])
        }
        return try sealed.map { try JSONDecoder().decode([StoredRelease].self, from: try open($0)) }
    }

    /// Records what is about to leave. The first record of a key stands: recording it again changes nothing.
    /// - Parameters:
    ///   - counted: how to find who was counted; in the same transaction.
    ///   - period: of a measure that this is the release of; in the same transaction.
    package func record(
        _ releases: [StoredRelease], for key: Key, query: String, at now: Date,
        counted: ReleaseCohorts.Counted? = nil, period: Period.Entry? = nil
    ) async throws {
        let sealed = try seal(try JSONEncoder().encode(releases))
        let cells = releases.reduce(0) { $0 + $1.summary.releasedCells }
        let seal = seal
        let evidence = try period.map { try seal($0.evidence) }
        try await store.write { db in
            try counted?.insert(key, at: Int64(now.timeIntervalSince1970), seal, digest: Self.digest, db)
            try db.execute(
                sql: "INSERT OR IGNORE INTO release_ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    key.controller, key.agreement, key.snapshot, key.digest, query, cells,
                    Int64(now.timeIntervalSince1970), sealed,
                ])
            if let period, let evidence {
                try period.period.insert(key, evidence, at: Int64(now.timeIntervalSince1970), db)
            }
        }
    }

    /// Notes that a release which was made before is that of a measure's period, unless the period has one.
    package func keep(_ entry: Period.Entry, as key: Key, at now: Date) async throws {
        let evidence = try seal(entry.evidence)
        try await store.write { db in
            try entry.period.insert(key, evidence, at: Int64(now.timeIntervalSince1970), db)
        }
    }

    /// What was released for a period of a measure, if anything was, and in which snapshot.
    package func released(_ period: Period) async throws -> Period.Release? {
        let row = try await store.read { db in try period.read(db) }
        return try row.map {
            Period.Release(
                snapshot: $0.snapshot, releasedAt: $0.releasedAt,
                releases: try JSONDecoder().decode([StoredRelease].self, from: try open($0.sealed)),
                evidence: try open($0.evidence))
        }
    }

    /// The cohorts behind the releases, sealed alike.
    package var cohorts: ReleaseCohorts { ReleaseCohorts(store: store, seal: seal, open: open) }

    private static func digest(_ statement: String) -> String {
        SHA256.hash(data: Data(statement.utf8)).map { String($0, radix: 16) }.joined(separator: ".")
    }
}
