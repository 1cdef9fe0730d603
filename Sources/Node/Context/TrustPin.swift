internal import Exchange
internal import Foundation
internal import GRDB
internal import Store

/// The stewards this node was handed at the beginning: pinned once, used until a directory hands over.
struct TrustPin: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-trust-1") { db in
            try db.execute(
                sql: "CREATE TABLE trust_root (id INTEGER PRIMARY KEY CHECK (id = 1), root BLOB NOT NULL)")
        }
    ]

    let store: ControlStore

    /// Nobody, until the node joins: then nothing verifies.
    func root() throws -> TrustRoot {
        let bytes = try store.read { db in try Data.fetchOne(db, sql: "SELECT root FROM trust_root") }
        guard let bytes else { return TrustRoot(threshold: 1, stewards: []) }
        return try JSON.decode(TrustRoot.self, from: Array(bytes))
    }

    /// - Throws: if another root is pinned already.
    func pin(_ root: TrustRoot) throws {
        let bytes = Data(try JSON.encode(root))
        try store.write { db in
            try db.execute(sql: "INSERT INTO trust_root VALUES (1, ?)", arguments: [bytes])
        }
    }
}

/// The linkage secrets of agreements, in the vault: one an agreement's digest.
struct LinkageStore: Sendable {
    let vault: KeyVault

    private func name(_ agreement: Digest) -> String { "linkage.\(agreement.description.prefix(32))" }

    /// - Parameter shares: one of every controller, all known.
    func keep(_ shares: [[UInt8]], agreement: Digest) throws {
        try vault.store(name: name(agreement), secret: Array(shares.joined()))
    }

    /// - Throws: what the vault throws where this node was handed no shares.
    func secret(_ agreement: Digest) throws -> LinkageSecret {
        let bytes = try vault.load(name: name(agreement))
        let size = LinkageSecret.shareByteCount
        let shares = stride(from: 0, to: bytes.count, by: size).map {
            Array(bytes[$0..<min($0 + size, bytes.count)])
        }
        return try LinkageSecret(shares: shares, agreement: agreement)
    }
}
