internal import Core
internal import Exchange
internal import Foundation
internal import GRDB
internal import Policy
internal import Store

/// Where policies come from.
enum PolicyOrigin: String, Codable, Sendable {
    /// A bundle that the controller signed.
    case bundle
    /// The folder `policies` in the node's home.
    case folder
    /// The folder that came with the program.
    case shipped
}

/// Policies that were in force, or are.
struct PolicyRecord: Sendable {
    let origin: PolicyOrigin
    /// What people and the decision log call it: a bundle's number, or the origin with the digest's beginning.
    let version: String
    /// Of a bundle.
    let number: Int?
    /// See `PolicyFiles.digest`.
    let digest: Digest
    /// The signed bundle, or the folder's texts as JSON.
    let document: Data
    /// Milliseconds since 1970, UTC.
    let loadedAt: Int64
}

/// Policies that were not taken over, and why; in words that bear no data.
struct PolicyRefusal: Codable, Hashable, Sendable {
    let version: String
    let reason: String
    /// Milliseconds since 1970, UTC.
    let at: Int64
}

/// Every set of policies that this node took over, newest last, and the last one that it refused.
struct PolicyRecords: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-policy-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE policy_version (
                        position INTEGER PRIMARY KEY NOT NULL, origin TEXT NOT NULL, version TEXT NOT NULL,
                        number INTEGER UNIQUE, digest BLOB NOT NULL, document BLOB NOT NULL,
                        loaded_at INTEGER NOT NULL
                    ) STRICT;
                    CREATE TABLE policy_refusal (
                        id INTEGER PRIMARY KEY CHECK (id = 1), refusal BLOB NOT NULL) STRICT;
                    """)
        }
    ]

    let store: ControlStore

    /// Newest first.
    func all() throws -> [PolicyRecord] {
        try store.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT origin, version, number, digest, document, loaded_at FROM policy_version
                    ORDER BY position DESC
                    """
            ).compactMap { row -> PolicyRecord? in
                guard let origin = PolicyOrigin(rawValue: row["origin"]),
                    let digest = Digest(bytes: Array(row["digest"] as Data))
                else { return nil }
                return PolicyRecord(
                    origin: origin, version: row["version"], number: row["number"], digest: digest,
                    document: row["document"], loadedAt: row["loaded_at"])
            }
        }
    }

    /// Keeps what is in force from now on, and forgets a refusal from before.
    /// - Throws: `NodeError` where a bundle with that number or a higher one is known: versions never go back.
    func put(_ record: PolicyRecord) throws {
        try store.write { db in
            let newest = try Int.fetchOne(db, sql: "SELECT max(number) FROM policy_version")
            if let number = record.number, let newest, number <= newest {
                throw NodeError(.policy, Self.tooOld(number, newest))
            }
            try db.execute(
                sql: """
                    INSERT INTO policy_version (origin, version, number, digest, document, loaded_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    record.origin.rawValue, record.version, record.number, Data(record.digest.bytes),
                    record.document, record.loadedAt,
                ])
            try db.execute(sql: "DELETE FROM policy_refusal")
        }
    }

    static func tooOld(_ number: Int, _ newest: Int) -> String {
        "version \(number) is not newer than version \(newest), which this node has had: sign the policies again "
            + "with --version \(newest + 1)"
    }

    func refusal() throws -> PolicyRefusal? {
        try store.read { db in try Data.fetchOne(db, sql: "SELECT refusal FROM policy_refusal") }
            .map { try JSON.decode(PolicyRefusal.self, from: Array($0)) }
    }

    func forgetRefusal() throws {
        try store.write { db in try db.execute(sql: "DELETE FROM policy_refusal") }
    }

    func put(_ refusal: PolicyRefusal) throws {
        let bytes = Data(try JSON.encode(refusal))
        try store.write { db in
            try db.execute(sql: "INSERT OR REPLACE INTO policy_refusal VALUES (1, ?)", arguments: [bytes])
        }
    }
}

extension PolicyFiles {
    /// Identifies the texts: SHA-256 of a list of them, by the bytes of their paths, each line as `sha256sum` writes it.
    var digest: Digest {
        let lines = texts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { path, text in
            "\(Digest(of: Array(text.utf8)))  \(path)\n"
        }
        return Digest(of: Array(lines.joined().utf8))
    }
}
