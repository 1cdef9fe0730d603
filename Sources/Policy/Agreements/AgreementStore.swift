package import Core
package import Foundation
import GRDB
package import Store

/// The agreements a node knows, with their signatures and revocations, in the control store.
///
/// Whoever calls `put` and `revoke` has verified the signatures: the store keeps what it is told.
package struct AgreementStore: Sendable {
    /// The tables of this room in the control store.
    package static let migrations = [
        ControlMigration(identifier: "policy-agreement-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE agreement (
                        id TEXT NOT NULL, version INTEGER NOT NULL, document BLOB NOT NULL,
                        PRIMARY KEY (id, version)
                    ) WITHOUT ROWID;
                    CREATE TABLE agreement_signature (
                        id TEXT NOT NULL, version INTEGER NOT NULL, organisation TEXT NOT NULL,
                        envelope BLOB NOT NULL, PRIMARY KEY (id, version, organisation),
                        FOREIGN KEY (id, version) REFERENCES agreement (id, version)
                    ) WITHOUT ROWID;
                    CREATE TABLE agreement_halt (
                        id TEXT NOT NULL, organisation TEXT NOT NULL, kind TEXT NOT NULL,
                        reason TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (id, organisation, kind)
                    ) WITHOUT ROWID;
                    """)
        },
        // The newest act of each party, so that a notice that comes late undoes nothing.
        ControlMigration(identifier: "policy-agreement-2") { db in
            try db.execute(
                sql: """
                    CREATE TABLE agreement_act (
                        id TEXT NOT NULL, organisation TEXT NOT NULL, at INTEGER NOT NULL,
                        PRIMARY KEY (id, organisation)
                    ) WITHOUT ROWID;
                    """)
        },
    ]

    private let store: ControlStore

    package init(store: ControlStore) { self.store = store }

    /// Keeps a version and verified signatures over it; signatures of earlier calls stay.
    /// - Parameter signatures: the signed envelope of each party that signed.
    /// - Throws: `AgreementFault` where another document is known under that id and version.
    package func put(_ agreement: Agreement, signatures: [OrganisationCode: Data]) async throws {
        let document = try agreement.canonicalJSON()
        if let stranger = signatures.keys.first(where: { !agreement.parties.contains($0) }) {
            throw AgreementFault("signatures.\(stranger)", "is not a party to the agreement")
        }
        let (id, version) = (agreement.id, agreement.version)
        try await store.write { db in
            let known = try Data.fetchOne(
                db, sql: "SELECT document FROM agreement WHERE id = ? AND version = ?",
                arguments: [id, version])
            if let known, known != document {
                throw AgreementFault("version", "version \(version) of \(id) is known with another text")
            }
            try Self.checkRequester(agreement, db)
            try db.execute(
                sql: "INSERT OR IGNORE INTO agreement VALUES (?, ?, ?)", arguments: [id, version, document])
            for (organisation, envelope) in signatures {
                try db.execute(
                    sql: "INSERT OR REPLACE INTO agreement_signature VALUES (?, ?, ?, ?)",
                    arguments: [id, version, organisation.text, envelope])
            }
        }
    }

    /// An amendment is between the same: nobody else takes a name over.
    private static func checkRequester(_ agreement: Agreement, _ db: Database) throws {
        let others = try Data.fetchAll(
            db, sql: "SELECT document FROM agreement WHERE id = ?", arguments: [agreement.id])
        for other in others
        where try Agreement(canonicalJSON: other).requester != agreement.requester {
            throw AgreementFault("requester", "is another than in the versions known: give it another id")
        }
    }

    /// Ends an agreement, all versions of it, at once and for good.
    package func revoke(
        _ id: String, by organisation: OrganisationCode, reason: String, at now: Date
    ) async throws {
        try await halt(id, "revoked", organisation, reason, now)
    }

    /// Halts an agreement until `resume`.
    package func suspend(
        _ id: String, by organisation: OrganisationCode, reason: String, at now: Date
    ) async throws {
        try await halt(id, "suspended", organisation, reason, now)
    }

    /// Takes back one party's suspension; a revocation stays.
    package func resume(_ id: String, by organisation: OrganisationCode) async throws {
        try await store.write { db in
            try db.execute(
                sql: "DELETE FROM agreement_halt WHERE id = ? AND organisation = ? AND kind = 'suspended'",
                arguments: [id, organisation.text])
        }
    }

    private func halt(
        _ id: String, _ kind: String, _ organisation: OrganisationCode, _ reason: String, _ now: Date
    ) async throws {
        try await store.write { db in
            try Self.halt(id, kind, organisation, reason, Int64(now.timeIntervalSince1970), db)
        }
    }

    private static func halt(
        _ id: String, _ kind: String, _ organisation: OrganisationCode, _ reason: String, _ at: Int64,
        _ db: Database
    ) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO agreement_halt VALUES (?, ?, ?, ?, ?)",
            arguments: [id, organisation.text, kind, reason, at])
    }

    /// Takes over what another party says it has done (`revoked`, `suspended`, `resumed`).
    /// - Parameter at: when it was done, milliseconds since the epoch.
    /// - Returns: whether it counts: false where a newer act of that party is known.
    package func heed(
        _ act: AgreementHalt.Act, _ id: String, by organisation: OrganisationCode, reason: String, at: Int64
    ) async throws -> Bool {
        try await store.write { db in
            let known = try Int64.fetchOne(
                db, sql: "SELECT at FROM agreement_act WHERE id = ? AND organisation = ?",
                arguments: [id, organisation.text])
            // A revocation is for good, however late one hears of it.
            if let known, known > at, act != .revoked { return false }
            try db.execute(
                sql: "INSERT OR REPLACE INTO agreement_act VALUES (?, ?, ?)",
                arguments: [id, organisation.text, max(at, known ?? at)])
            switch act {
            case .revoked, .suspended:
                try Self.halt(id, act.rawValue, organisation, reason, at / 1000, db)
            case .resumed:
                try db.execute(
                    sql: """
                        DELETE FROM agreement_halt WHERE id = ? AND organisation = ? AND kind = 'suspended'
                        """, arguments: [id, organisation.text])
            }
            return true
        }
    }

    /// What stops an agreement, of every party, by organisation.
    package func halts(_ id: String) async throws -> [AgreementHalt] {
        try await store.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT organisation, kind, reason, at FROM agreement_halt WHERE id = ?
                    ORDER BY organisation, kind
                    """, arguments: [id]
            ).compactMap { row in
                guard let organisation = OrganisationCode(row["organisation"]),
                    let act = AgreementHalt.Act(rawValue: row["kind"])
                else { return nil }
                return AgreementHalt(
                    organisation: organisation, act: act, reason: row["reason"], at: row["at"])
            }
        }
    }

    /// Every version of one agreement, oldest first.
    package func versions(_ id: String) async throws -> [AgreementRecord] {
        try await store.read { db in
            try Row.fetchAll(
                db, sql: "SELECT id, version, document FROM agreement WHERE id = ? ORDER BY version",
                arguments: [id]
            ).map { try Self.record($0, db) }
        }
    }

    /// Every version of every agreement, by id and version.
    package func list() async throws -> [AgreementRecord] {
        try await store.read { db in
            try Row.fetchAll(db, sql: "SELECT id, version, document FROM agreement ORDER BY id, version")
                .map { try Self.record($0, db) }
        }
    }

    /// The version that counts for a controller: the newest in force, else the newest that all
    /// have signed, else the newest.
    ///
    /// An amendment that is not signed by all yet leaves the version before it in force.
    package func current(
        _ id: String, for controller: OrganisationCode, on day: CivilDate
    ) async throws -> AgreementRecord? {
        let versions = try await store.read { db in
            try Row.fetchAll(
                db, sql: "SELECT id, version, document FROM agreement WHERE id = ? ORDER BY version DESC",
                arguments: [id]
            ).map { try Self.record($0, db) }
        }
        return versions.first { $0.state(for: controller, on: day) == .inForce }
            ?? versions.first { $0.signers.isSuperset(of: $0.agreement.parties) } ?? versions.first
    }

    /// The signed envelopes of a version.
    package func signatures(_ id: String, version: Int) async throws -> [OrganisationCode: Data] {
        try await store.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT organisation, envelope FROM agreement_signature WHERE id = ? AND version = ?",
                arguments: [id, version])
            return rows.reduce(into: [:]) { result, row in
                if let organisation = OrganisationCode(row[0]) { result[organisation] = row[1] }
            }
        }
    }

    private static func record(_ row: Row, _ db: Database) throws -> AgreementRecord {
        let (id, version): (String, Int) = (row["id"], row["version"])
        func organisations(_ sql: String, _ arguments: StatementArguments) throws -> Set<OrganisationCode> {
            Set(try String.fetchAll(db, sql: sql, arguments: arguments).compactMap(OrganisationCode.init))
        }
        let halts = "SELECT organisation FROM agreement_halt WHERE id = ? AND kind = ?"
        return AgreementRecord(
            agreement: try Agreement(canonicalJSON: row["document"]),
            signers: try organisations(
                "SELECT organisation FROM agreement_signature WHERE id = ? AND version = ?", [id, version]),
            revokedBy: try organisations(halts, [id, "revoked"]),
            suspendedBy: try organisations(halts, [id, "suspended"]))
    }
}
