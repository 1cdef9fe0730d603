package import Core
import Crypto
import Foundation
import GRDB
package import Store
import Synchronization

/// Refuses to do twice what was asked once, across restarts.
///
/// The same message id with the same payload digest gives the stored sealed result; the same id with another
/// digest is refused. Entries outlive the message they guard against, by the skew of clocks and a margin. Results
/// of over a megabyte (what sites seal to a linker) are kept in memory only, the latest of them: asked for again when
/// they are gone, the message is refused, and never executed twice.
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
    private static let largestStored = 1 << 20
    private let large = LargeResults()

    package init(store: ControlStore) {
        self.store = store
        epoch = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
    }

    /// Admits a message that was opened and verified.
    /// - Throws: `replay` for an id that came with another payload before.
    package func begin(
        sender: OrganisationCode, message: String, digest: Digest, expiresAt: WireInstant, at now: WireInstant
    ) async throws -> Admission {
        let (sender, digest, epoch, large) = (sender.text, Data(digest.bytes), epoch, large)
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
                large.forget(sender, message)
                return .execute
            }
            guard row["digest"] == digest else { throw ExchangeError(.replay) }
            if let result: Data = row["result"] {
                guard result.isEmpty else { return .stored(Array(result)) }
                guard let kept = large[sender, message] else {
                    throw ExchangeError(.replay, "answered before, and the answer is no longer kept")
                }
                return .stored(kept)
            }
            if row["epoch"] == epoch { return .inProgress }
            try db.execute(
                sql: "UPDATE exchange_replay SET epoch = ? WHERE sender = ? AND message = ?",
                arguments: [epoch, sender, message])
            return .execute
        }
    }

    /// Keeps the sealed result, durably: before it is sent.
    package func complete(sender: OrganisationCode, message: String, result: [UInt8]) async throws {
        let isLarge = result.count > Self.largestStored
        if isLarge { large.keep(result, sender.text, message) }
        let (sender, result) = (sender.text, isLarge ? Data() : Data(result))
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

/// The latest large results, up to so many bytes.
private final class LargeResults: Sendable {
    private struct Entry {
        let sender: String
        let message: String
        let result: [UInt8]
    }

    private static let mostBytes = 32 << 20
    private let entries = Mutex<[Entry]>([])

    subscript(sender: String, message: String) -> [UInt8]? {
        entries.withLock { $0.first { $0.sender == sender && $0.message == message }?.result }
    }

    func forget(_ sender: String, _ message: String) {
        entries.withLock { $0.removeAll { $0.sender == sender && $0.message == message } }
    }

    func keep(_ result: [UInt8], _ sender: String, _ message: String) {
        entries.withLock { entries in
            entries.removeAll { $0.sender == sender && $0.message == message }
            entries.append(Entry(sender: sender, message: message, result: result))
            var bytes = entries.reduce(0) { $0 + $1.result.count }
            while bytes > Self.mostBytes, entries.count > 1 { bytes -= entries.removeFirst().result.count }
        }
    }
}
