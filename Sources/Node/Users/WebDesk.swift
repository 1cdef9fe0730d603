internal import Audit
internal import Core
internal import Crypto
internal import Foundation
package import Store

/// Somebody who came over HTTP, as they are now.
package struct Caller: Sendable {
    /// By what they were known.
    package enum Means: Hashable, Sendable {
        case session
        case token(Int64, scopes: Set<TokenScope>)
    }

    package let user: NodeUser
    package let means: Means

    /// In the words of the command line: `analyst`, `governance`, `operator`, `auditor`.
    package var roles: Set<String> { Set(user.roles.map { UserAdministration.words([$0]) }) }

    /// For entries of the log.
    package var meansInWords: String {
        switch means {
        case .session: "session"
        case .token(let id, _): "token \(id)"
        }
    }
}

/// A session that has just begun. Nobody sees its secret again.
package struct OpenedSession: Sendable {
    package let secret: String
    package let user: NodeUser
    package var caller: Caller { Caller(user: user, means: .session) }
    /// RFC 3339, UTC: when it ends, whatever comes from it.
    package let expiresAt: String
}

/// Who comes in over HTTP, and stays: passwords, sessions, tokens.
package struct WebDesk: Sendable {
    private let context: NodeContext
    private let settings: WebSettings
    private let signIns: SignInDesk
    private let sessions: WebSessionStore
    private let tokens: TokenStore
    /// Argon2id takes 64 MiB each.
    private let hashing = Gate(width: 2, longestQueue: 32)
    /// Verified in the place of what an unknown user has not.
    private let nobody: String

    /// Whoever is refused hears it after so long, whatever the reason was.
    private static let refusal = Duration.seconds(1)

    package init(context: NodeContext, settings: WebSettings) throws {
        self.context = context
        self.settings = settings
        signIns = SignInDesk(context: context, door: "web")
        sessions = WebSessionStore(store: context.store)
        tokens = TokenStore(store: context.store)
        nobody = try PasswordHash.make(SecretText.make())
    }

    // MARK: Signing in

    /// - Parameter replacing: the secret of a session that the client had before; it ends.
    /// - Returns: nil where user and password do not fit, or the user is locked.
    /// - Throws: `NodeError.busy` where too many sign in at once.
    package func signIn(
        _ name: String, password: String, from address: String, replacing before: String?
    ) async throws -> OpenedSession? {
        let began = ContinuousClock.now
        let isRight = try await verify(name, password)
        guard isRight else {
            try await signIns.fail(name, "wrong password", from: address)
            try await Task.sleep(until: began + Self.refusal, clock: .continuous)
            return nil
        }
        guard let user = try await signIns.admit(name, by: .password, from: address) else {
            try await Task.sleep(until: began + Self.refusal, clock: .continuous)
            return nil
        }
        return try await open(user, replacing: before)
    }

    /// A session for whoever has been admitted.
    /// - Parameter token: the ID token that says so, which signing out at its provider takes; sealed while it is kept.
    func open(
        _ user: NodeUser, replacing before: String?, token: String? = nil
    ) async throws -> OpenedSession {
        if let before { try await sessions.end(before) }
        let (secret, now) = (SecretText.make(), Clock.now)
        let until = now + Int64(settings.sessionHours) * 3_600_000
        let sealed = token.map { Data(context.vault.seal(Array($0.utf8), context: Self.seal(secret))) }
        try await sessions.open(secret, of: user.name, at: now, until: until, token: sealed)
        return OpenedSession(secret: secret, user: user, expiresAt: Clock.text(until))
    }

    private func verify(_ name: String, _ password: String) async throws -> Bool {
        let hash = try await context.users.password(of: name)?.argon2id ?? ""
        let text = try? PasswordText.prepared(password)
        let nobody = nobody
        return try await hashing.pass {
            await withCheckedContinuation { continuation in
                // Takes tens of milliseconds of a core: not on the cooperative pool.
                DispatchQueue.global().async {
                    let isKnown = !hash.isEmpty && text != nil
                    let fits = PasswordHash.verify(text ?? password, against: isKnown ? hash : nobody)
                    continuation.resume(returning: isKnown && fits)
                }
            }
        }
    }

    private static func seal(_ secret: String) -> String {
        "openid session \(Hexadecimal.encode(SecretText.digest(secret)))"
    }

    /// - Returns: the ID token of a session that a provider of OpenID Connect began.
    @discardableResult
    package func signOut(_ secret: String, _ caller: Caller, from address: String) async throws -> String? {
        let sealed = try await sessions.end(secret)
        try await signIns.leave(caller.user.name, from: address)
        let token = sealed.flatMap { try? context.vault.open(Array($0), context: Self.seal(secret)) }
        return token.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Writes down that somebody wants something done that not everybody may do, before it is done.
    package func record(
        _ operation: String, of caller: Caller, isAllowed: Bool, from address: String
    ) async throws {
        let details = [
            "act": isAllowed ? "asked for" : "not allowed", "operation": operation, "user": caller.user.name,
            "by": caller.meansInWords, "door": "web", "from": address,
        ]
        _ = try await context.audit.append(
            AuditRecord(kind: .administration, at: Clock.now, details: details))
    }

    // MARK: Coming again

    /// Whoever has a session; nil where it has ended, its user is locked or gone, or was changed since it began.
    package func caller(session secret: String) async throws -> Caller? {
        let idle = Int64(settings.idleMinutes) * 60_000
        guard let kept = try await sessions.see(secret, at: Clock.now, idle: idle) else { return nil }
        guard let entry = try await context.users.find(kept.user), !entry.user.isHeld,
            entry.changedAt <= kept.madeAt
        else {
            try await sessions.end(secret)
            return nil
        }
        return Caller(user: entry.user, means: .session)
    }

    /// Whoever has a token; nil where it is none, its user is locked or gone.
    package func caller(token secret: String) async throws -> Caller? {
        guard secret.hasPrefix(TokenStore.prefix),
            let token = try await tokens.use(secret, at: Clock.now),
            let entry = try await context.users.find(token.user), !entry.user.isHeld,
            entry.madeAt <= token.madeAt
        else { return nil }
        return Caller(user: entry.user, means: .token(token.id, scopes: token.scopes))
    }

    // MARK: Changes by cookie

    /// What a page of ours sends with a change, and a page of somebody else's cannot know. Bound to the session.
    package func changeToken(session secret: String) -> String {
        let key = SymmetricKey(data: context.vault.derive(label: "web change token"))
        return Base64URL.encode(HMAC<SHA256>.authenticationCode(for: Array(secret.utf8), using: key))
    }

    package func isChangeToken(_ given: String, session secret: String) -> Bool {
        SecretText.isSame(given, changeToken(session: secret))
    }
}
