import Crypto
import Foundation
import GRDB
package import Store

/// The nonces that this controller gave out for linked queries: one a query, for one question, used once.
package struct LinkNonceLedger: Sendable {
    private let store: ControlStore

    package init(store: ControlStore) { self.store = store }

    /// A nonce of 32 random bytes; the same again for the same query and question.
    /// - Throws: `replay` where the query id was given a nonce for another question, or its nonce was used.
    package func issue(
        queryID: String, question: Digest, expiresAt: WireInstant, at now: WireInstant
    ) async throws -> [UInt8] {
        let (question, nonce) = (
            Data(question.bytes), SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        )
        let forgetAfter = expiresAt.advanced(bySeconds: Clocks.longestLifetimeSeconds)
        return try await store.write { db in
            try db.execute(
                sql: "DELETE FROM exchange_link_nonce WHERE forget_after < ?", arguments: [now.milliseconds])
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO exchange_link_nonce (query, question, nonce, forget_after)
                    VALUES (?, ?, ?, ?)
                    """,
                arguments: [queryID, question, nonce, forgetAfter.milliseconds])
            let issued = try Data.fetchOne(
                db,
                sql: "SELECT nonce FROM exchange_link_nonce WHERE query = ? AND question = ? AND used = 0",
                arguments: [queryID, question])
            guard let issued else { throw ExchangeError(.replay, "nonce of a linked query") }
            return Array(issued)
        }
    }

    /// Marks the nonce as used: a second linked execution under it is refused.
    /// - Throws: `replay` unless `nonce` was issued here for this query and question and is unused.
    package func consume(queryID: String, question: Digest, nonce: [UInt8]) async throws {
        let (question, nonce) = (Data(question.bytes), Data(nonce))
        try await store.write { db in
            try db.execute(
                sql: """
                    UPDATE exchange_link_nonce SET used = 1
                    WHERE query = ? AND question = ? AND nonce = ? AND used = 0
                    """,
                arguments: [queryID, question, nonce])
            guard db.changesCount == 1 else { throw ExchangeError(.replay, "nonce of a linked query") }
        }
    }
}
