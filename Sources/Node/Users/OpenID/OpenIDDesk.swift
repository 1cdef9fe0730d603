internal import Core
internal import Crypto
internal import Exchange
internal import Foundation
internal import Logging
internal import Policy
package import Store

/// Signing in at a provider of OpenID Connect: by code, with PKCE, state and nonce (OpenID Connect Core 1.0, 3.1).
package struct OpenIDDesk: Sendable {
    /// What a browser is sent away with.
    package struct Departure: Sendable {
        package let address: String
        /// For a cookie that comes back with the browser: sealed, nobody else can make or read it.
        package let memory: String
    }

    /// What is remembered until the browser comes back.
    private struct Memory: Codable {
        let state: String
        let nonce: String
        let verifier: String
        let until: Int64
    }

    /// How long somebody may take at the provider, in milliseconds.
    package static let patience: Int64 = 600_000
    package static let callback = "/api/v1/openid/callback"
    private static let seal = "openid memory"

    let context: NodeContext
    let settings: OpenIDSettings
    let web: WebSettings
    private let desk: WebDesk
    private let signIns: SignInDesk
    let provider: OpenIDProvider

    /// - Throws: `NodeError` naming a file that cannot be read, or saying that there is no key.
    package init(context: NodeContext, settings: OpenIDSettings, web: WebSettings, desk: WebDesk) throws {
        (self.context, self.settings, self.web, self.desk) = (context, settings, web, desk)
        signIns = SignInDesk(context: context, door: "web")
        let authorities = settings.authorities
        provider = try OpenIDProvider(
            settings: settings, proof: try Self.proof(settings, context),
            authorities: authorities.isEmpty || authorities.hasPrefix("/")
                ? (authorities.isEmpty ? nil : authorities)
                : context.home.layout.root + "/" + authorities)
    }

    private static func proof(
        _ settings: OpenIDSettings, _ context: NodeContext
    ) throws -> OpenIDProvider.Proof {
        if settings.signsWithKey {
            let keyring = OpenIDKeyring(vault: context.vault)
            _ = try keyring.used()
            return .key { try keyring.used() }
        }
        guard !settings.clientSecretFile.isEmpty else { return .none }
        let bytes = try context.file(settings.clientSecretFile, "openid.clientSecretFile")
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first
        return line.map { .secret($0.trimmingCharacters(in: .whitespaces)) } ?? .none
    }

    package func close() async { await provider.shutdown() }

    private var redirect: String { web.origin + Self.callback }

    // MARK: Away and back

    /// - Throws: `OpenIDError`.
    package func begin() async throws -> Departure {
        let found = try await provider.described()
        let memory = Memory(
            state: SecretText.make(), nonce: SecretText.make(), verifier: SecretText.make(),
            until: Clock.now + Self.patience)
        var query = [
            ("response_type", "code"), ("client_id", settings.clientID), ("redirect_uri", redirect),
            ("scope", settings.scopes), ("state", memory.state), ("nonce", memory.nonce),
            ("code_challenge", Base64URL.encode(SHA256.hash(data: Array(memory.verifier.utf8)))),
            ("code_challenge_method", "S256"),
        ]
        let contexts = OpenIDSettings.list(settings.acr)
        if !contexts.isEmpty { query.append(("acr_values", contexts.joined(separator: " "))) }
        let text = AddressText.pairs(query)
        let joint = found.authorisation.contains("?") ? "&" : "?"
        return Departure(
            address: found.authorisation + joint + text,
            memory: Base64URL.encode(context.vault.seal(try JSON.encode(memory), context: Self.seal)))
    }

    /// - Parameters:
    ///   - memory: what the browser was sent away with.
    ///   - before: the secret of a session that the client had; it ends.
    /// - Throws: `OpenIDError`, after an entry in the log.
    package func finish(
        code: String, state: String, issuer: String?, memory: String, from address: String,
        replacing before: String?
    ) async throws -> OpenedSession {
        do {
            let memory = try open(memory, state)
            // RFC 9207: an answer of another provider is not taken for this one's.
            guard issuer == nil || issuer == settings.issuer else {
                throw OpenIDError(.state, "the answer is of another provider")
            }
            let (claims, token) = try await claims(code, memory)
            let user = try await admit(claims)
            return try await desk.open(
                try await signIns.admitted(user, from: address), replacing: before, token: token)
        } catch let error as OpenIDError {
            if error.code == .provider {
                context.log.error("no sign-in at the provider", metadata: ["why": "\(error.description)"])
            }
            try await signIns.refuseStranger(error.code.rawValue, from: address)
            throw error
        }
    }

    private func open(_ text: String, _ state: String) throws -> Memory {
        guard let sealed = Base64URL.decode(text),
            let bytes = try? context.vault.open(sealed, context: Self.seal),
            let memory = try? JSON.decode(Memory.self, from: bytes), memory.until > Clock.now,
            SecretText.isSame(memory.state, state)
        else { throw OpenIDError(.state, "this sign-in was not begun here, or too long ago: begin again") }
        return memory
    }

    /// What the provider says of the person, and the ID token in which it says so.
    private func claims(_ code: String, _ memory: Memory) async throws -> (OpenIDClaims, String) {
        let tokens = try await provider.tokens(code: code, verifier: memory.verifier, redirect: redirect)
        var claims = try await provider.verified(tokens.id)
        try claims.check(settings, nonce: memory.nonce, at: Int(Clock.now / 1_000))
        try claims.checkContext(settings)
        // Some say in the token only who somebody is, and the rest when they are asked (NHS CIS2).
        let isWhole = ![settings.nameClaim, settings.rolesClaim].contains { claims.values($0).isEmpty }
        if !isWhole, let access = tokens.access, let more = try await provider.person(access) {
            claims = claims.joined(with: more)
        }
        return (claims, tokens.id)
    }

    // MARK: Who it is here

    private func admit(_ claims: OpenIDClaims) async throws -> NodeUser {
        guard let name = claims.values(settings.nameClaim).first, UserAdministration.isName(name) else {
            throw OpenIDError(.person, "the provider says no name that could be a user's here")
        }
        let map = settings.roleNames
        let words = Set(claims.values(settings.rolesClaim).flatMap { map[$0] ?? [] })
        guard !words.isEmpty else {
            throw OpenIDError(.person, "you have no role at this node: ask its operator")
        }
        let roles = try UserAdministration.read(words.sorted())
        let subject = Hexadecimal.encode(
            Array(SHA256.hash(data: Array("\(settings.issuer)\n\(claims.values("sub")[0])".utf8))))
        let admitted = try await context.users.admit(
            subject: subject, as: name, roles: roles, password: try PasswordRecord.none(), at: Clock.now)
        switch admitted {
        case .user(let user): return user
        case .locked: throw OpenIDError(.person, "you are locked at this node: ask its operator")
        case .nameTaken:
            throw OpenIDError(.person, "another user has your name here: ask the node's operator")
        }
    }
}
