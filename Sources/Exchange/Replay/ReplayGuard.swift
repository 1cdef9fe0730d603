package import Core
import Crypto
import Foundation
import GRDB
package import Store

/// Refuses to do twice what was asked once, across restarts.
///
/// The same message id with the same payload digest gives the stored sealed result; the same id with another
/// digest is refused. Entries outlive the message they guard against, by the skew of clocks and a margin.
package struct ReplayGuard: Sendable {
    package enum Admission: Hashable, Sendable {
        /// New, or interrupted by a restart: run it, then `complete`.
        case execute
        /// Done before: send these bytes again.
        case stored([UInt8])
        /// Another task of this process is at it.
        case inProgress
    }

    private let store: ControlStore
    /// Tells what this process has begun from what an earlier one left unfinished.
    private let epoch: Data

    private static let marginSeconds: Int64 = 3600

    package init(store: ControlStore) {
        self.store = store
        epoch = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
    }

    /// Admits a message that was opened and verified.
    /// - Throws: `replay` for an id that came with another payload before.
    package func begin(
        sender: OrganisationCode, message: String, digest: Digest, expiresAt: WireInstant, at now: WireInstant
    ) async throws -> Admission {
        let (sender, digest, epoch) = (sender.text, Data(digest.bytes), epoch)
        let forgetAfter = expiresAt.advanced(bySeconds: Clocks.skewSeconds + Self.marginSeconds)
        return try await store.write { db in
            try db.execute(
                sql: "DELETE FROM exchange_replay WHERE forget_after < ?", arguments: [now.milliseconds])
            let row = try Row.fetchOne(
                db,
                sql: "SELECT digest, epoch, result FROM exchange_replay WHERE sender = ? AND message = ?",
                arguments: [sender, message])
            guard let row else {
                try db.execute(
                    sql: """
                        INSERT INTO exchange_replay (sender, message, digest, epoch, forget_after)
                        VALUES (?, ?, ?, ?, ?)
                        """,
                    arguments: [sender, message, digest, epoch, forgetAfter.milliseconds])
                return .execute
            }
            guard row["digest"] == digest else { throw ExchangeError(.replay) }
            if let result: Data = row["result"] { return .stored(Array(result)) }
            if row["epoch"] == epoch { return .inProgress }
            try db.execute(
                sql: "UPDATE exchange_replay SET epoch = ? WHERE sender = ? AND message = ?",
                arguments: [epoch, sender, message])
            return .execute
        }
    }

    /// Keeps the sealed result, durably: before it is sent.
    package func complete(sender: OrganisationCode, message: String, result: [UInt8]) async throws {
        let (sender, result) = (sender.text, Data(result))
        try await store.write { db in
            try db.execute(
                sql: "UPDATE exchange_replay SET result = ? WHERE sender = ? AND message = ?",
                arguments: [result, sender, message])
        }
    }

    /// Gives a message up that ended without a result (cancelled, failed): it may be tried again, unchanged.
    package func abandon(sender: OrganisationCode, message: String) async throws {
        let sender = sender.text
        try await store.write { db in
            try db.execute(
                sql: """
                    UPDATE exchange_replay SET epoch = x'' WHERE sender = ? AND message = ? AND result IS NULL
                    """,
                arguments: [sender, message])
        }
    }
}
