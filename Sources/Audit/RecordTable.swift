import Crypto
import Foundation
import GRDB
import Store

/// The records behind the leaves: a table of the control store.
///
/// The commitment stays for ever; record and nonce may be erased, and then the commitment says nothing.
enum RecordTable {
    static let migrations = [
        ControlMigration(identifier: "audit-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE audit_record (
                        position INTEGER PRIMARY KEY NOT NULL,
                        commitment BLOB NOT NULL CHECK (length(commitment) = 32),
                        nonce BLOB,
                        record TEXT,
                        CHECK ((nonce IS NULL) = (record IS NULL))
                    ) STRICT
                    """)
        },
        // Decisions are looked up by their name; records of other things are not in the index.
        ControlMigration(identifier: "audit-2") { db in
            try db.execute(
                sql: """
                    CREATE INDEX audit_decision ON audit_record (json_extract(record, '$.details.decision'))
                    WHERE json_extract(record, '$.details.decision') IS NOT NULL
                    """)
        },
    ]

    /// A record made ready: everything but its place.
    struct Prepared: Sendable {
        let json: String
        let nonce: [UInt8]
        let commitment: [UInt8]
        let leafHash: TreeHash

        init(_ record: AuditRecord) {
            var generator = SystemRandomNumberGenerator()
            json = record.canonicalJSON
            nonce = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
            commitment = RecordTable.commitment(nonce: nonce, json: json)
            leafHash = TreeHash.leaf(commitment)
        }
    }

    /// A row as it stands.
    struct Row {
        let index: Int
        let commitment: [UInt8]
        /// Nil when erased.
        let opening: (nonce: [UInt8], json: String)?

        /// Of `position, commitment, nonce, record`.
        init(_ row: GRDB.Row) {
            let nonce: Data? = row[2]
            let json: String? = row[3]
            let commitment: Data = row[1]
            index = row[0]
            self.commitment = Array(commitment)
            opening = nonce.flatMap { nonce in json.map { (Array(nonce), $0) } }
        }
    }

    /// SHA-256(nonce || canonical JSON).
    static func commitment(nonce: [UInt8], json: String) -> [UInt8] {
        Array(SHA256.hash(data: nonce + Array(json.utf8)))
    }

    static func insert(_ batch: [Prepared], at start: Int, into db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO audit_record (position, commitment, nonce, record) VALUES (?, ?, ?, ?)")
        for (offset, prepared) in batch.enumerated() {
            try statement.execute(arguments: [
                start + offset, Data(prepared.commitment), Data(prepared.nonce), prepared.json,
            ])
        }
    }

    static func forEach(in db: Database, _ body: (Row) throws -> Void) throws {
        let rows = try GRDB.Row.fetchCursor(
            db, sql: "SELECT position, commitment, nonce, record FROM audit_record ORDER BY position")
        while let row = try rows.next() { try body(Row(row)) }
    }

    /// The records of decisions whose identifier begins so.
    static func rows(ofDecision prefix: String, in db: Database) throws -> [Row] {
        // 'g' comes after every hexadecimal digit.
        try GRDB.Row.fetchAll(
            db,
            sql: """
                SELECT position, commitment, nonce, record FROM audit_record
                WHERE json_extract(record, '$.details.decision') >= ?
                  AND json_extract(record, '$.details.decision') < ? ORDER BY position
                """, arguments: [prefix, prefix + "g"]
        ).map(Row.init)
    }

    /// Newest first, those before an index; of some kinds, or all.
    static func rows(
        before: Int?, kinds: Set<AuditRecord.Kind>, limit: Int, in db: Database
    ) throws -> [Row] {
        let names = kinds.map(\.rawValue).sorted()
        let filter =
            names.isEmpty
            ? ""
            : "AND json_extract(record, '$.kind') IN (\(names.map { _ in "?" }.joined(separator: ", ")))"
        return try GRDB.Row.fetchAll(
            db,
            sql: """
                SELECT position, commitment, nonce, record FROM audit_record
                WHERE position < ? \(filter) ORDER BY position DESC LIMIT ?
                """, arguments: StatementArguments([before ?? Int.max] + names + [limit])
        ).map(Row.init)
    }

    /// The leaf hashes alone, in order.
    static func forEachLeaf(in db: Database, _ body: (Int, TreeHash) throws -> Void) throws {
        let rows = try GRDB.Row.fetchCursor(
            db, sql: "SELECT position, commitment FROM audit_record ORDER BY position")
        while let row = try rows.next() {
            let commitment: Data = row[1]
            try body(row[0], TreeHash.leaf(commitment))
        }
    }

    static func erase(_ indices: some Sequence<Int>, in db: Database) throws {
        for index in indices {
            try db.execute(
                sql: "UPDATE audit_record SET nonce = NULL, record = NULL WHERE position = ?",
                arguments: [index])
        }
    }
}
