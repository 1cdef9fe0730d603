package import Core
import Foundation
import GRDB
package import Store
import Synchronization

/// The directory that this node goes by: verified, kept in the control store, replaced without a restart.
///
/// Every look-up asks the version in force at that moment, so that a revocation takes effect at once.
package final class PeerDirectory: KeyDirectory {
    private struct State {
        var directory: Directory?
        var digest: Digest?
        var root: TrustRoot
    }

    private let store: ControlStore
    private let state: Mutex<State>

    /// Reads what was installed before; until `install`, look-ups throw `directoryExpired`.
    /// - Parameter root: pinned at hand-over; used until a directory signed under it hands over to another.
    package init(store: ControlStore, root: TrustRoot) throws {
        self.store = store
        state = Mutex(State(root: root))
        let row = try store.read { db in
            try Row.fetchOne(db, sql: "SELECT payload FROM exchange_directory ORDER BY version DESC LIMIT 1")
        }
        guard let row else { return }
        let payload: [UInt8] = Array(row["payload"] as Data)
        let directory = try WireJSON.decode(Directory.self, from: payload)
        state.withLock {
            $0 = State(directory: directory, digest: Digest(of: payload), root: directory.root)
        }
    }

    /// Verifies a signed directory and goes by it from now on.
    /// - Throws: see `Directory.verified`; the version before stays in force.
    package func install(_ signed: SignedDocument, at now: WireInstant) async throws {
        let before = state.withLock { $0 }
        let known = before.directory.flatMap { directory in
            before.digest.map { (version: directory.version, digest: $0) }
        }
        let directory = try Directory.verified(signed, root: before.root, known: known, at: now)
        let (payload, document) = (Data(signed.payload.bytes), Data(try signed.serialised()))
        try await store.write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO exchange_directory (version, payload, signed) VALUES (?, ?, ?)",
                arguments: [directory.version, payload, document])
        }
        state.withLock {
            guard $0.directory?.version ?? 0 <= directory.version else { return }
            $0 = State(directory: directory, digest: signed.digest, root: directory.root)
        }
    }

    /// The newest directory with its stewards' signatures, to hand on.
    package func signed() async throws -> SignedDocument? {
        let bytes = try await store.read { db in
            try Data.fetchOne(db, sql: "SELECT signed FROM exchange_directory ORDER BY version DESC LIMIT 1")
        }
        return try bytes.map { try SignedDocument(parsing: Array($0)) }
    }

    /// The directory in force, expired or not; nil before the first.
    package var current: Directory? { state.withLock { $0.directory } }

    private func required() throws(ExchangeError) -> Directory {
        guard let directory = current else { throw ExchangeError(.directoryExpired, "none installed") }
        return directory
    }

    package func member(_ organisation: OrganisationCode) throws(ExchangeError) -> Directory.Member {
        try required().member(organisation)
    }

    package func keySets(
        of organisation: OrganisationCode, at now: WireInstant
    ) throws(ExchangeError) -> [PublicKeySet] {
        try required().keySets(of: organisation, at: now)
    }

    package func verifyingKeys(
        of organisation: OrganisationCode, for use: SigningUse, at now: WireInstant
    ) throws(ExchangeError) -> [VerifyingKey] {
        try required().verifyingKeys(of: organisation, for: use, at: now)
    }

    /// What is sealed to `organisation` now: the key of its newest generation in force.
    package func sealingKey(
        of organisation: OrganisationCode, at now: WireInstant
    ) throws(ExchangeError) -> SealingPublicKey {
        try keySets(of: organisation, at: now)[0].sealing
    }

    /// - Throws: `wrongRole` unless the directory gives `organisation` the role.
    package func require(_ role: NodeRole, of organisation: OrganisationCode) throws(ExchangeError) {
        guard try member(organisation).roles.contains(role) else { throw ExchangeError(.wrongRole) }
    }

    /// Whose TLS certificate this is, by exact comparison.
    /// - Throws: `unknownSender` for a stranger's, `revoked`, `directoryExpired`.
    package func organisation(
        presenting certificate: [UInt8], at now: WireInstant
    ) throws(ExchangeError) -> OrganisationCode {
        let owner = try required().members.first { member in
            member.keys.contains { $0.tlsCertificate.bytes == certificate }
        }
        guard let owner else { throw ExchangeError(.unknownSender, "TLS certificate of a stranger") }
        let inForce = try keySets(of: owner.organisation, at: now)
        guard inForce.contains(where: { $0.tlsCertificate.bytes == certificate }) else {
            throw ExchangeError(.revoked, "TLS certificate")
        }
        return owner.organisation
    }
}
