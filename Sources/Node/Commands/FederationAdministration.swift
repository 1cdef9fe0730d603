internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import GRDB
internal import Store

/// Makes, signs and takes over directories.
struct FederationAdministration: Sendable {
    let context: NodeContext
    private var draft: FederationDraft { FederationDraft(store: context.store) }

    /// Who this node is, signed with its own new keys: proof that it holds them.
    func card() throws -> String {
        let configuration = context.configuration
        let member = Directory.Member(
            organisation: configuration.organisation, name: configuration.name,
            roles: Set(configuration.roles),
            endpoint: "https://\(configuration.listenHost):\(configuration.listenPort)",
            synthetic: configuration.isSynthetic, keys: [context.keys.publicKeys])
        let payload = try JSON.encode(member)
        let document = try SignedDocument(payload: payload, type: .membershipCard).signed(
            as: "member", of: configuration.organisation, by: context.keys.query,
            at: WireInstant(milliseconds: Clock.now))
        return String(decoding: try document.serialised(), as: UTF8.self)
    }

    func create(_ name: String) throws -> String {
        try draft.begin(name)
        return "the directory '\(name)' is begun; add members by their cards, then sign it"
    }

    func add(_ card: String) async throws -> String {
        let document = try SignedDocument(parsing: Array(card.utf8))
        guard document.payloadType == DocumentType.membershipCard.payloadType,
            let member = try? JSON.decode(Directory.Member.self, from: document.payload.bytes),
            let keys = member.keys.first, let signature = document.signatures.first,
            signature.organisation == member.organisation, document.isValid(signature, by: [keys.query])
        else { throw NodeError(.directory, "this is not a card, or its signature does not verify") }
        try draft.put(member)
        _ = try await context.audit.append(
            AuditRecord(
                kind: .administration, at: Clock.now, details: ["added-member": member.organisation.text]))
        return
            "\(member.organisation) \(member.name) is in the draft as \(member.roles.map(\.rawValue).sorted().joined(separator: ", "))"
    }

    /// The next version of the directory, signed by this steward.
    func sign(days: Int) throws -> String {
        guard (1...3650).contains(days) else { throw NodeError(.directory, "--valid-days takes 1 to 3650") }
        let members = try draft.members()
        guard !members.isEmpty else {
            throw NodeError(.directory, "the draft has no members; add their cards")
        }
        let now = WireInstant(milliseconds: Clock.now)
        let steward = TrustRoot.Steward(
            organisation: context.organisation, key: context.keys.publicKeys.directory)
        let directory = Directory(
            version: try draft.nextVersion(after: context.directory.current?.version), issuedAt: now,
            expiresAt: now.advanced(bySeconds: Int64(days) * 86_400),
            root: TrustRoot(threshold: 1, stewards: [steward]), members: members,
            revocations: context.directory.current?.revocations ?? [])
        let signed = try directory.document().signed(
            as: Directory.stewardRole, of: context.organisation, by: context.keys.directory, at: now)
        return String(decoding: try signed.serialised(), as: UTF8.self)
    }

    /// The first directory pins its stewards; later ones must be signed under them.
    func join(_ text: String) async throws -> String {
        let now = WireInstant(milliseconds: Clock.now)
        let signed = try SignedDocument(parsing: Array(text.utf8))
        let pin = TrustPin(store: context.store)
        var peers = context.directory
        if try pin.root().stewards.isEmpty {
            let directory = try JSON.decode(Directory.self, from: signed.payload.bytes)
            _ = try Directory.verified(signed, root: directory.root, known: nil, at: now)
            try pin.pin(directory.root)
            peers = try PeerDirectory(store: context.store, root: directory.root)
        }
        try await peers.install(signed, at: now)
        guard let directory = peers.current,
            let own = directory.members.first(where: { $0.organisation == context.organisation })
        else {
            throw NodeError(.directory, "this node is not in that directory: hand its card to the steward")
        }
        guard own.synthetic == context.configuration.isSynthetic else {
            throw NodeError(.directory, "the directory says otherwise than the stamp of this node's data")
        }
        let stewards = directory.root.stewards.map { "\($0.organisation) (\($0.key.keyID))" }
        _ = try await context.audit.append(
            AuditRecord(
                kind: .key, at: Clock.now,
                details: ["directory": String(directory.version), "digest": signed.digest.description]))
        return "directory version \(directory.version) with \(directory.members.count) members is in force; "
            + "stewards: \(stewards.joined(separator: ", "))"
    }

    func show() throws -> NodeReply {
        guard let directory = context.directory.current else {
            throw NodeError(.directory, "no directory: 'concordat federation join' takes one over")
        }
        return .listing(
            columns: ["organisation", "name", "roles", "endpoint", "synthetic", "keys_until"],
            rows: directory.members.map { member in
                [
                    member.organisation.text, member.name,
                    member.roles.map(\.rawValue).sorted().joined(separator: " "),
                    member.endpoint, String(member.synthetic),
                    member.keys.map { Clock.text($0.validUntil.milliseconds) }.max() ?? "",
                ]
            })
    }
}

/// The directory that a steward is putting together.
struct FederationDraft: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-federation-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE federation_draft (id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL,
                        version INTEGER NOT NULL);
                    CREATE TABLE federation_member (organisation TEXT PRIMARY KEY, member BLOB NOT NULL);
                    """)
        }
    ]

    let store: ControlStore

    func begin(_ name: String) throws {
        try store.write { db in
            guard try Int.fetchOne(db, sql: "SELECT count(*) FROM federation_draft") == 0 else {
                throw NodeError(.directory, "this node is steward of a directory already")
            }
            try db.execute(sql: "INSERT INTO federation_draft VALUES (1, ?, 0)", arguments: [name])
        }
    }

    func put(_ member: Directory.Member) throws {
        let bytes = Data(try JSON.encode(member))
        try store.write { db in
            guard try Int.fetchOne(db, sql: "SELECT count(*) FROM federation_draft") == 1 else {
                throw NodeError(.directory, "begin a directory first: concordat federation create")
            }
            try db.execute(
                sql: "INSERT OR REPLACE INTO federation_member VALUES (?, ?)",
                arguments: [member.organisation.text, bytes])
        }
    }

    func members() throws -> [Directory.Member] {
        try store.read { db in
            try Data.fetchAll(db, sql: "SELECT member FROM federation_member ORDER BY organisation")
        }.map { try JSON.decode(Directory.Member.self, from: Array($0)) }
    }

    func nextVersion(after known: Int?) throws -> Int {
        try store.write { db in
            let last = try Int.fetchOne(db, sql: "SELECT version FROM federation_draft") ?? 0
            let next = max(last, known ?? 0) + 1
            try db.execute(sql: "UPDATE federation_draft SET version = ?", arguments: [next])
            return next
        }
    }
}
