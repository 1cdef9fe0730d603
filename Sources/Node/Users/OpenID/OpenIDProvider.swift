internal import AsyncHTTPClient
internal import Foundation
internal import JWTKit
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import Store

/// The provider, as its own documents describe it (OpenID Connect Discovery 1.0).
actor OpenIDProvider {
    struct Description: Sendable {
        let authorisation: String
        let token: String
        let keys: String
        let person: String?
        /// Where people are signed out; nil where the provider has no such place.
        let leaving: String?
        /// Whether the client's secret goes into the form and not into a header.
        let takesSecretInForm: Bool
    }

    /// By what the node shows who it is.
    enum Proof: Sendable {
        /// A public client: by nothing but the code's verifier.
        case none
        case secret(String)
        /// `private_key_jwt` (OpenID Connect Core 1.0, 9); the key as it is when it is used.
        case key(@Sendable () throws -> ClientKey)
    }

    private let settings: OpenIDSettings
    private let proof: Proof
    private let client: HTTPClient
    private var description: (found: Description, at: ContinuousClock.Instant)?
    private var keys: (found: JWTKeyCollection, names: Set<String>, at: ContinuousClock.Instant)?

    private static let bodyLimit = 1 << 20
    private static let keptFor = Duration.seconds(3_600)
    /// How soon keys are fetched again for a token of a key that is not known.
    private static let atOnce = Duration.seconds(30)
    /// What an ID token may be signed by; never a secret that two share, never nothing.
    private static let algorithms: Set = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    ]

    init(settings: OpenIDSettings, proof: Proof, authorities: String?) throws {
        self.settings = settings
        self.proof = proof
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        configuration.timeout.read = .seconds(20)
        if let authorities {
            guard let found = try? NIOSSLCertificate.fromPEMFile(authorities), !found.isEmpty else {
                throw NodeError(
                    .configuration,
                    "'openid.authorities' in concordat.yaml: no certificates in \(authorities)")
            }
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(found)
            configuration.tlsConfiguration = tls
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async { try? await client.shutdown() }

    func described(within patience: TimeAmount = OpenIDProvider.patience) async throws -> Description {
        if let description, description.at + Self.keptFor > .now { return description.found }
        let issuer = settings.issuer
        let path = (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer)
        let tree = try await get(path + "/.well-known/openid-configuration", within: patience)
        guard tree["issuer"]?.text == issuer else { throw Self.fault("it has another issuer") }
        func address(_ name: String) throws -> String {
            guard let text = tree[name]?.text, isTaken(text) else {
                throw Self.fault("its description lacks \(name)")
            }
            return text
        }
        let ways = tree["token_endpoint_auth_methods_supported"]?.elements.compactMap(\.text) ?? []
        let found = Description(
            authorisation: try address("authorization_endpoint"), token: try address("token_endpoint"),
            keys: try address("jwks_uri"), person: try? address("userinfo_endpoint"),
            leaving: try? address("end_session_endpoint"),
            takesSecretInForm: !ways.contains("client_secret_basic") && ways.contains("client_secret_post"))
        description = (found, .now)
        return found
    }

    /// What the provider names is asked by https; only one on this machine may name others on it without.
    private func isTaken(_ address: String) -> Bool {
        guard let parts = URLComponents(string: address), parts.host?.isEmpty == false, parts.user == nil,
            parts.fragment == nil
        else { return false }
        return parts.scheme == "https" || settings.isLocal && OpenIDSettings.isLocal(address)
    }

    /// Where people are signed out, as far as it is known or can be heard soon: nobody waits long to leave.
    func leaving() async -> String? {
        if let description { return description.found.leaving }
        return try? await described(within: .seconds(5)).leaving
    }

    /// The tokens for a code (OpenID Connect Core 1.0, 3.1.3; RFC 7636, 4.5).
    func tokens(code: String, verifier: String, redirect: String) async throws -> (
        id: String, access: String?
    ) {
        let found = try await described()
        var form = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ]
        var headers: [(String, String)] = []
        switch proof {
        case .secret(let secret) where !found.takesSecretInForm:
            let pair = "\(AddressText.escaped(settings.clientID)):\(AddressText.escaped(secret))"
            headers.append(("Authorization", "Basic " + Data(pair.utf8).base64EncodedString()))
        case .secret(let secret):
            form += [("client_id", settings.clientID), ("client_secret", secret)]
        case .none: form.append(("client_id", settings.clientID))
        case .key(let key):
            guard let key = try? key() else { throw Self.fault("this node has no key for it") }
            let assertion = ClientAssertion(client: settings.clientID, audience: found.token, now: Date())
            form += [
                ("client_id", settings.clientID), ("client_assertion_type", ClientAssertion.type),
                ("client_assertion", try await key.sign(assertion)),
            ]
        }
        let tree = try await send(.POST, found.token, headers, form)
        guard let id = tree["id_token"]?.text else { throw Self.fault("it gave no ID token") }
        return (id, tree["access_token"]?.text)
    }

    /// What the provider says of the person besides the token (5.3).
    func person(_ access: String) async throws -> JSONTree? {
        guard let address = try await described().person else { return nil }
        return try await send(.GET, address, [("Authorization", "Bearer \(access)")], nil)
    }

    /// The claims of an ID token that one of the provider's keys has signed.
    func verified(_ token: String) async throws -> OpenIDClaims {
        let head = try Self.head(token)
        guard let algorithm = head["alg"]?.text, Self.algorithms.contains(algorithm) else {
            throw OpenIDError(.token, "the provider's token is signed in a way that is not taken here")
        }
        let found = try await signingKeys(for: head["kid"]?.text)
        do {
            return try await found.verify(token, as: OpenIDClaims.self)
        } catch {
            throw OpenIDError(.token, "the provider's token is not signed by the provider")
        }
    }

    private static func head(_ token: String) throws -> JSONTree {
        let part = token.split(separator: ".", omittingEmptySubsequences: false).first.map(String.init) ?? ""
        guard let bytes = Base64URL.decode(part), let tree = try? JSONTree.parse(bytes) else {
            throw OpenIDError(.token, "the provider's token is none")
        }
        return tree
    }

    private func signingKeys(for name: String?) async throws -> JWTKeyCollection {
        if let keys, keys.at + Self.keptFor > .now {
            let isKnown = name.map(keys.names.contains) ?? true
            if isKnown || keys.at + Self.atOnce > .now { return keys.found }
        }
        let tree = try await get(try await described().keys)
        let collection = JWTKeyCollection()
        var names: Set<String> = []
        for (place, key) in (tree["keys"]?.elements ?? []).enumerated() {
            guard ["RSA", "EC", "OKP"].contains(key["kty"]?.text), key["use"]?.text != "enc",
                var read = try? JSONDecoder().decode(JWK.self, from: Data(try key.written().utf8))
            else { continue }
            let name = key["kid"]?.text ?? "key \(place)"
            read.keyIdentifier = JWKIdentifier(string: name)
            try await collection.add(jwk: read)
            names.insert(name)
        }
        guard !names.isEmpty else { throw Self.fault("it has no keys") }
        keys = (collection, names, .now)
        return collection
    }

    // MARK: HTTP

    static let patience = TimeAmount.seconds(30)

    private func get(
        _ address: String, within patience: TimeAmount = OpenIDProvider.patience
    ) async throws -> JSONTree {
        try await send(.GET, address, [], nil, within: patience)
    }

    private func send(
        _ method: HTTPMethod, _ address: String, _ headers: [(String, String)], _ form: [(String, String)]?,
        within patience: TimeAmount = OpenIDProvider.patience
    ) async throws -> JSONTree {
        var request = HTTPClientRequest(url: address)
        request.method = method
        request.headers.add(name: "Accept", value: "application/json")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let form {
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(
                ByteBuffer(string: AddressText.pairs(form)))
        }
        do {
            let response = try await client.execute(request, timeout: patience)
            let body = try await response.body.collect(upTo: Self.bodyLimit)
            guard response.status == .ok else { throw Self.fault("it answered \(response.status.code)") }
            return try JSONTree.parse(body.readableBytesView)
        } catch let error as OpenIDError {
            throw error
        } catch {
            throw Self.fault("it is not to be reached")
        }
    }

    private static func fault(_ words: String) -> OpenIDError {
        OpenIDError(.provider, "people cannot sign in at the provider now: \(words)")
    }
}
