package import Core
internal import Foundation
internal import GRDB
internal import Store

/// Receipts of questions that were asked in sessions, so that they can be read again: sealed, each its user's own.
struct ReceiptStore: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-receipt-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE node_receipt (
                        id INTEGER PRIMARY KEY, query TEXT NOT NULL, user TEXT NOT NULL,
                        asked_at INTEGER NOT NULL, sealed BLOB NOT NULL);
                    CREATE INDEX node_receipt_user ON node_receipt (user, id);
                    """)
        }
    ]

    /// For each user; the oldest goes when there are more.
    static let most = 1_000

    private static let seal = "receipt"

    let store: ControlStore
    let vault: KeyVault

    func keep(_ receipt: Receipt, of user: String, at now: Int64) async throws {
        let sealed = Data(vault.seal(try JSON.encode(receipt), context: Self.seal))
        try await store.write { db in
            try db.execute(
                sql: "INSERT INTO node_receipt (query, user, asked_at, sealed) VALUES (?, ?, ?, ?)",
                arguments: [receipt.queryID, user, now, sealed])
            try db.execute(
                sql: """
                    DELETE FROM node_receipt WHERE user = ? AND id <=
                        (SELECT id FROM node_receipt WHERE user = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
                    """, arguments: [user, user, Self.most])
        }
    }

    struct Kept: Sendable {
        let askedAt: Int64
        let receipt: Receipt
    }

    /// A user's own, newest first.
    func list(of user: String) async throws -> [Kept] {
        let rows = try await store.read { db in
            try Row.fetchAll(
                db, sql: "SELECT asked_at, sealed FROM node_receipt WHERE user = ? ORDER BY id DESC",
                arguments: [user]
            ).map { (askedAt: $0["asked_at"] as Int64, sealed: $0["sealed"] as Data) }
        }
        return try rows.map { row in
            Kept(
                askedAt: row.askedAt,
                receipt: try JSON.decode(
                    Receipt.self, from: try vault.open(Array(row.sealed), context: Self.seal)))
        }
    }
}

extension NodeContext {
    /// Receipts of a user's own questions, newest first.
    package func keptReceipts(of user: String) async throws -> [Receipt] {
        try await receipts.list(of: user).map(\.receipt)
    }

    /// The table `concordat.receipts` as one user sees it: their own questions, newest first.
    package func receiptRows(of user: String) async throws -> ResultRows {
        let columns = [
            ResultColumn(name: "query_id", oid: 25), ResultColumn(name: "asked_at", oid: 1114),
            ResultColumn(name: "agreement", oid: 25), ResultColumn(name: "purpose", oid: 25),
            ResultColumn(name: "sites_asked", oid: 23), ResultColumn(name: "sites_answered", oid: 23),
            ResultColumn(name: "summary", oid: 25), ResultColumn(name: "receipt", oid: 114),
        ]
        let rows = try await receipts.list(of: user).map { kept -> [Value] in
            let receipt = kept.receipt
            return [
                .text(receipt.queryID), .timestamp(kept.askedAt * 1_000), .text(receipt.agreement),
                .text(receipt.purpose), .integer(Int64(receipt.sites.count)),
                .integer(Int64(receipt.sites.count { $0.outcome == .answered })),
                .text(ReceiptText.summary(receipt)),
                .text(String(decoding: try JSON.encode(receipt), as: UTF8.self)),
            ]
        }
        return ResultRows(columns: columns, rows: rows)
    }
}
