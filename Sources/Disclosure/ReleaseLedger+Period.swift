package import Foundation
internal import GRDB
internal import Store

extension ReleaseLedger {
    /// One period of an approved, recurring measure: it is released once, whatever is published later.
    package struct Period: Hashable, Sendable {
        package let controller: String
        /// Digest of what was approved, with the agreement and its version.
        package let measure: String
        /// Last day of the period, in days since 1970-01-01.
        package let asAt: Int

        package init(controller: String, measure: String, asAt: Int) {
            self.controller = controller
            self.measure = measure
            self.asAt = asAt
        }

        package struct Release: Sendable {
            /// The publication that it was made from.
            package let snapshot: String
            /// Seconds since the epoch.
            package let releasedAt: Int64
            /// One a fragment.
            package let releases: [StoredRelease]
            /// What was said of it then, as whoever kept it wrote it.
            package let evidence: Data
        }

        /// A row of the ledger, still sealed.
        struct Sealed: Sendable {
            let snapshot: String
            let releasedAt: Int64
            let sealed: Data
            let evidence: Data
        }

        /// A period's release on its way into the ledger.
        package struct Entry: Sendable {
            package let period: Period
            /// What is said of it, for when it is given again; sealed by the ledger.
            package let evidence: Data

            package init(_ period: Period, evidence: Data) {
                self.period = period
                self.evidence = evidence
            }
        }

        static let migration = ControlMigration(identifier: "disclosure-measures-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE measure_release (
                        controller TEXT NOT NULL, measure TEXT NOT NULL, as_at INTEGER NOT NULL,
                        agreement TEXT NOT NULL, snapshot TEXT NOT NULL, digest TEXT NOT NULL,
                        released_at INTEGER NOT NULL, evidence BLOB NOT NULL,
                        PRIMARY KEY (controller, measure, as_at));
                    """)
        }

        /// The first release of a period stands.
        func insert(_ key: Key, _ evidence: Data, at seconds: Int64, _ db: Database) throws {
            try db.execute(
                sql: "INSERT OR IGNORE INTO measure_release VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    controller, measure, asAt, key.agreement, key.snapshot, key.digest, seconds, evidence,
                ])
        }

        func read(_ db: Database) throws -> Sealed? {
            try Row.fetchOne(
                db,
                sql: """
                    SELECT m.snapshot, m.released_at, m.evidence, l.sealed FROM measure_release m
                    JOIN release_ledger l ON l.controller = m.controller AND l.agreement = m.agreement
                      AND l.snapshot = m.snapshot AND l.digest = m.digest
                    WHERE m.controller = ? AND m.measure = ? AND m.as_at = ?
                    """, arguments: [controller, measure, asAt]
            ).map {
                Sealed(
                    snapshot: $0["snapshot"], releasedAt: $0["released_at"], sealed: $0["sealed"],
                    evidence: $0["evidence"])
            }
        }
    }
}
