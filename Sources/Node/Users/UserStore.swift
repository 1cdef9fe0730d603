internal import Foundation
internal import GRDB
internal import Policy
internal import Store

/// The people who sign in at this node, in the control store; what is kept of passwords is sealed.
struct UserStore: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-user-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE node_user (
                        name TEXT PRIMARY KEY, roles TEXT NOT NULL, sealed BLOB NOT NULL,
                        held INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
                        locked_until INTEGER, made_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
                        signed_in_at INTEGER);
                    """)
        },
        // Whom a provider signs in: a digest of what it calls them.
        ControlMigration(identifier: "node-user-2") { db in
            try db.execute(
                sql: """
                    ALTER TABLE node_user ADD COLUMN subject TEXT;
                    CREATE UNIQUE INDEX node_user_subject ON node_user (subject) WHERE subject IS NOT NULL;
                    """)
        },
    ]

    /// Wrong passwords in a row that lock a user, and for how long.
    static let mostFailures = 5
    static let lockMilliseconds: Int64 = 15 * 60 * 1_000

    let store: ControlStore
    let vault: KeyVault
    /// Opened for a user who is unknown, so that it takes as long.
    private let nobody: Data

    init(store: ControlStore, vault: KeyVault) throws {
        self.store = store
        self.vault = vault
        let keys = SCRAMKeys(salt: [], iterations: 0, storedKey: [], serverKey: [])
        let record = PasswordRecord(argon2id: "", scram: keys)
        nobody = Data(vault.seal(try JSON.encode(record), context: Self.context("")))
    }

    private static func context(_ name: String) -> String { "user password \(name)" }

    func add(_ name: String, roles: Set<UserRole>, password: PasswordRecord, at now: Int64) async throws {
        let sealed = try seal(password, of: name)
        try await store.write { db in
            guard try Self.row(name, db) == nil else {
                throw NodeError(
                    .input, "there is a user '\(name)' already: see 'concordat user show \(name)'")
            }
            try db.execute(
                sql:
                    "INSERT INTO node_user (name, roles, sealed, made_at, changed_at) VALUES (?, ?, ?, ?, ?)",
                arguments: [name, Self.text(roles), sealed, now, now])
        }
    }

    func change(_ name: String, password: PasswordRecord, at now: Int64) async throws {
        let sealed = try seal(password, of: name)
        try await change(
            name, "sealed = ?, failures = 0, locked_until = NULL, changed_at = ?", [sealed, now])
    }

    func change(_ name: String, roles: Set<UserRole>, at now: Int64) async throws {
        try await change(name, "roles = ?, changed_at = ?", [Self.text(roles), now])
    }

    /// By an operator: until `isHeld` is taken back.
    func hold(_ name: String, _ isHeld: Bool, at now: Int64) async throws {
        try await change(
            name, "held = ?, failures = 0, locked_until = NULL, changed_at = ?", [isHeld ? 1 : 0, now])
    }

    func remove(_ name: String) async throws {
        try await store.write { db in
            try db.execute(sql: "DELETE FROM node_user WHERE name = ?", arguments: [name])
            guard db.changesCount == 1 else { throw Self.unknown(name) }
        }
    }

    private func change(_ name: String, _ what: String, _ arguments: StatementArguments) async throws {
        try await store.write { db in
            try db.execute(
                sql: "UPDATE node_user SET \(what) WHERE name = ?", arguments: arguments + [name])
            guard db.changesCount == 1 else { throw Self.unknown(name) }
        }
    }

    static func unknown(_ name: String) -> NodeError {
        NodeError(.input, "there is no user '\(name)': see 'concordat user list'")
    }

    // MARK: Reading

    struct Entry: Sendable {
        let user: NodeUser
        let madeAt: Int64
        let changedAt: Int64
        let signedInAt: Int64?
    }

    func list() async throws -> [Entry] {
        try await store.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM node_user ORDER BY name").map(Self.entry)
        }
    }

    func find(_ name: String) async throws -> Entry? {
        try await store.read { db in try Self.row(name, db).map(Self.entry) }
    }

    func password(of name: String) async throws -> PasswordRecord? {
        let sealed: Data? = try await store.read { db in try Self.row(name, db).map { $0["sealed"] } }
        let record = try JSON.decode(
            PasswordRecord.self,
            from: try vault.open(
                Array(sealed ?? nobody), context: Self.context(sealed == nil ? "" : name)))
        return sealed == nil ? nil : record
    }

    // MARK: Signing in

    /// A wrong password.
    /// - Returns: whether it locked the user; nil where there is none.
    func fail(_ name: String, at now: Int64) async throws -> Bool? {
        try await store.write { db in
            guard let row = try Self.row(name, db) else { return nil }
            let user = Self.entry(row).user
            // What is tried while it is locked does not lock it for longer; who has no password is not locked by one.
            let subject: String? = row["subject"]
            guard !user.isLocked(at: now), subject == nil else { return false }
            let failures = user.failures + 1
            let isLocking = failures >= Self.mostFailures
            try db.execute(
                sql: "UPDATE node_user SET failures = ?, locked_until = ? WHERE name = ?",
                arguments: [failures, isLocking ? now + Self.lockMilliseconds : nil, name])
            return isLocking
        }
    }

    /// The right password, or the user's certificate.
    /// - Returns: nil where the user is locked, or gone.
    func succeed(_ name: String, at now: Int64) async throws -> NodeUser? {
        try await store.write { db in
            guard let row = try Self.row(name, db) else { return nil }
            let user = Self.entry(row).user
            guard !user.isLocked(at: now) else { return nil }
            try db.execute(
                sql:
                    "UPDATE node_user SET failures = 0, locked_until = NULL, signed_in_at = ? WHERE name = ?",
                arguments: [now, name])
            return user
        }
    }

    /// What became of somebody whom a provider signs in.
    enum Admission: Sendable {
        case user(NodeUser)
        case locked
        /// By somebody else.
        case nameTaken
    }

    /// Somebody whom a provider signs in: new here, or known by the subject whatever the name is by now.
    func admit(
        subject: String, as name: String, roles: Set<UserRole>, password: PasswordRecord, at now: Int64
    ) async throws -> Admission {
        let sealed = try seal(password, of: name)
        return try await store.write { db in
            let known = try Row.fetchOne(
                db, sql: "SELECT * FROM node_user WHERE subject = ?", arguments: [subject])
            guard let known else {
                guard try Self.row(name, db) == nil else { return .nameTaken }
                try db.execute(
                    sql: """
                        INSERT INTO node_user
                            (name, roles, sealed, made_at, changed_at, signed_in_at, subject)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """, arguments: [name, Self.text(roles), sealed, now, now, now, subject])
                return try Self.row(name, db).map { .user(Self.entry($0).user) } ?? .nameTaken
            }
            let user = Self.entry(known).user
            guard !user.isHeld else { return .locked }
            // Other roles end the sessions of before.
            let changedAt: Int64 = user.roles == roles ? known["changed_at"] : now
            try db.execute(
                sql: "UPDATE node_user SET roles = ?, changed_at = ?, signed_in_at = ? WHERE subject = ?",
                arguments: [Self.text(roles), changedAt, now, subject])
            return .user(
                NodeUser(
                    name: user.name, roles: roles, isHeld: false, lockedUntil: nil, failures: 0))
        }
    }

    // MARK: Rows

    private func seal(_ password: PasswordRecord, of name: String) throws -> Data {
        Data(vault.seal(try JSON.encode(password), context: Self.context(name)))
    }

    private static func row(_ name: String, _ db: Database) throws -> Row? {
        try Row.fetchOne(db, sql: "SELECT * FROM node_user WHERE name = ?", arguments: [name])
    }

    private static func entry(_ row: Row) -> Entry {
        let roles: String = row["roles"]
        return Entry(
            user: NodeUser(
                name: row["name"],
                roles: Set(roles.split(separator: " ").compactMap { UserRole(rawValue: String($0)) }),
                isHeld: row["held"] == 1, lockedUntil: row["locked_until"], failures: row["failures"]),
            madeAt: row["made_at"], changedAt: row["changed_at"], signedInAt: row["signed_in_at"])
    }

    private static func text(_ roles: Set<UserRole>) -> String {
        roles.map(\.rawValue).sorted().joined(separator: " ")
    }
}
