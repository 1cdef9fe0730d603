internal import Audit
internal import Store

/// Makes, lists and revokes tokens.
struct TokenAdministration: Sendable {
    let context: NodeContext

    private static let longestDays = 366
    private static let mostOfOneUser = 50

    private var tokens: TokenStore { TokenStore(store: context.store) }

    func run(_ command: TokenCommand) async throws -> NodeReply {
        switch command {
        case .create(let name, let user, let scopes, let days):
            return try await create(name, user, scopes, days)
        case .list(let user): return try await list(user)
        case .revoke(let id, let user):
            guard let entry = try await tokens.revoke(id, of: user, at: Clock.now) else {
                throw NodeError(
                    .input, "there is no token \(id) that could be revoked: see 'concordat token list'")
            }
            try await record("token revoked", id, entry.user)
            return .done("token \(id) of \(entry.user) is revoked")
        }
    }

    private func create(_ name: String, _ user: String, _ scopes: [String], _ days: Int) async throws
        -> NodeReply
    {
        guard let found = try await context.users.find(user)?.user, !found.isHeld else {
            throw NodeError(.input, "'\(user)' is no user, or is locked: see 'concordat user list'")
        }
        guard name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}/) != nil else {
            throw NodeError(
                .input,
                "a token's name says what it is for: 1 to 63 letters, digits, blanks, dots, hyphens or _")
        }
        guard (1...Self.longestDays).contains(days) else {
            throw NodeError(.input, "a token is good for 1 to \(Self.longestDays) days")
        }
        let known = TokenScope.allCases.map(\.rawValue).joined(separator: ", ")
        let read = try scopes.map { scope in
            guard let scope = TokenScope(rawValue: scope) else {
                throw NodeError(.input, "a token's scope is one of \(known)")
            }
            return scope
        }
        guard !read.isEmpty else { throw NodeError(.input, "give at least one scope of \(known)") }
        let now = Clock.now
        let live = try await tokens.list(of: user).count { $0.revokedAt == nil && $0.expiresAt > now }
        guard live < Self.mostOfOneUser else {
            throw NodeError(.input, "'\(user)' has \(live) tokens: revoke those that are not used")
        }
        let secret = TokenStore.prefix + SecretText.make()
        let until = now + Int64(days) * 86_400_000
        let id = try await tokens.add(
            secret, name: name, of: user, scopes: Set(read), at: now, until: until)
        let words = Set(read).map(\.rawValue).sorted().joined(separator: " ")
        try await record("token created", id, user, ["scopes": words, "until": Clock.text(until)])
        return .listing(
            columns: ["id", "name", "user", "scopes", "until", "token"],
            rows: [[String(id), name, user, words, Clock.text(until), secret]])
    }

    private func list(_ user: String?) async throws -> NodeReply {
        let now = Clock.now
        return .listing(
            columns: ["id", "name", "user", "scopes", "made", "until", "used", "state"],
            rows: try await tokens.list(of: user).map { entry in
                [
                    String(entry.id), entry.name, entry.user,
                    entry.scopes.map(\.rawValue).sorted().joined(separator: " "), Clock.text(entry.madeAt),
                    Clock.text(entry.expiresAt), entry.usedAt.map { Clock.text($0) } ?? "never",
                    entry.revokedAt != nil ? "revoked" : entry.expiresAt <= now ? "expired" : "good",
                ]
            })
    }

    private func record(
        _ act: String, _ id: Int64, _ user: String, _ more: [String: String] = [:]
    ) async throws {
        let details = more.merging(["act": act, "token": String(id), "user": user]) { one, _ in one }
        _ = try await context.audit.append(
            AuditRecord(kind: .administration, at: Clock.now, details: details))
    }
}
