internal import Audit
internal import Policy
internal import Store

/// Carries out what an operator asks about the node's people.
struct UserAdministration: Sendable {
    let context: NodeContext

    /// The words of the command line.
    private static let roles: [String: UserRole] = [
        "analyst": .analyst, "governance": .governanceLead, "operator": .operator, "auditor": .auditor,
    ]

    func run(_ command: UserCommand) async throws -> NodeReply {
        let now = Clock.now
        switch command {
        case .add(let name, let roles, let password):
            try Self.check(name)
            let roles = try Self.read(roles)
            try await context.users.add(name, roles: roles, password: try Self.record(password), at: now)
            try await record("user added", name, ["roles": Self.words(roles)])
            return .done("\(name) may sign in as \(Self.words(roles))")
        case .list: return try await list(now)
        case .show(let name): return try await show(name, now)
        case .password(let name, let password):
            try await context.users.change(name, password: try Self.record(password), at: now)
            try await endSessions(of: name)
            try await record("user password changed", name)
            return .done("\(name) has a new password")
        case .roles(let name, let roles):
            let roles = try Self.read(roles)
            try await context.users.change(name, roles: roles, at: now)
            try await endSessions(of: name)
            try await record("user roles changed", name, ["roles": Self.words(roles)])
            return .done("\(name) is \(Self.words(roles)), from the next sign-in on")
        case .lock(let name):
            try await context.users.hold(name, true, at: now)
            try await endSessions(of: name)
            try await record("user locked", name)
            return .done("\(name) is locked until 'concordat user unlock \(name)', and asks nothing more")
        case .unlock(let name):
            try await context.users.hold(name, false, at: now)
            try await record("user unlocked", name)
            return .done("\(name) may sign in again")
        case .remove(let name):
            try await context.users.remove(name)
            try await endSessions(of: name)
            try await TokenStore(store: context.store).revoke(of: name, at: now)
            try await record("user removed", name)
            return .done("\(name) is removed")
        }
    }

    /// In browsers; those of PostgreSQL's clients find out at their next statement.
    private func endSessions(of name: String) async throws {
        try await WebSessionStore(store: context.store).end(of: name)
    }

    private func list(_ now: Int64) async throws -> NodeReply {
        let entries = try await context.users.list()
        return .listing(
            columns: ["user", "roles", "state", "last_signed_in"],
            rows: entries.map { entry in
                [
                    entry.user.name, Self.words(entry.user.roles), Self.state(entry.user, now),
                    entry.signedInAt.map(Clock.text) ?? "never",
                ]
            })
    }

    private func show(_ name: String, _ now: Int64) async throws -> NodeReply {
        guard let entry = try await context.users.find(name) else { throw UserStore.unknown(name) }
        return .listing(
            columns: ["what", "is"],
            rows: [
                ["user", entry.user.name], ["roles", Self.words(entry.user.roles)],
                ["state", Self.state(entry.user, now)], ["wrong_passwords", "\(entry.user.failures)"],
                ["added", Clock.text(entry.madeAt)], ["changed", Clock.text(entry.changedAt)],
                ["last_signed_in", entry.signedInAt.map(Clock.text) ?? "never"],
            ])
    }

    private static func state(_ user: NodeUser, _ now: Int64) -> String {
        if user.isHeld { return "locked by an operator" }
        guard user.isLocked(at: now), let until = user.lockedUntil else { return "may sign in" }
        return "locked after wrong passwords until \(Clock.text(until))"
    }

    /// - Throws: `NodeError` for names that PostgreSQL's clients, or certificates, cannot carry.
    private static func check(_ name: String) throws {
        guard isName(name) else {
            throw NodeError(
                .input, "a user's name has 1 to 63 letters, digits, dots, hyphens, underscores or @")
        }
    }

    static func isName(_ name: String) -> Bool {
        let isFine = name.unicodeScalars.allSatisfy {
            $0.isASCII
                && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
                    || "._-@".unicodeScalars.contains($0))
        }
        return isFine && (1...63).contains(name.utf8.count)
    }

    static func read(_ names: [String]) throws -> Set<UserRole> {
        let found = try names.map { name in
            guard let role = roles[name] else {
                throw NodeError(.input, "--role takes analyst, governance, operator or auditor")
            }
            return role
        }
        guard !found.isEmpty else { throw NodeError(.input, "give at least one --role") }
        return Set(found)
    }

    private static func record(_ password: String) throws -> PasswordRecord {
        let text = try PasswordText.prepared(password)
        return PasswordRecord(argon2id: try PasswordHash.make(text), scram: try SCRAMKeys(password: text))
    }

    static func words(_ found: Set<UserRole>) -> String {
        found.map { role in roles.first { $0.value == role }?.key ?? role.rawValue }.sorted()
            .joined(separator: ", ")
    }

    private func record(_ act: String, _ name: String, _ more: [String: String] = [:]) async throws {
        let details = more.merging(["act": act, "user": name]) { one, _ in one }
        _ = try await context.audit.append(
            AuditRecord(kind: .administration, at: Clock.now, details: details))
    }
}
