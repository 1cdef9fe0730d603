internal import Crypto
internal import CryptoExtras
internal import Foundation
internal import JWTKit
internal import Store

/// A private key by which the node signs who it is at somebody else's token endpoint (`private_key_jwt`).
struct ClientKey: Codable, Hashable, Sendable {
    enum Algorithm: String, Codable, Sendable, CaseIterable {
        case es256 = "ES256"
        case es384 = "ES384"
        case rs256 = "RS256"
        case rs384 = "RS384"
        case rs512 = "RS512"
    }

    /// The thumbprint of the public key (RFC 7638): the same key has the same id everywhere.
    let id: String
    let algorithm: Algorithm
    /// PKCS #8.
    let pem: String
    /// RFC 3339.
    let madeAt: String

    static func generate(_ algorithm: Algorithm, at now: String) throws -> ClientKey {
        while true {
            let pem =
                switch algorithm {
                case .es256: P256.Signing.PrivateKey().pemRepresentation
                case .es384: P384.Signing.PrivateKey().pemRepresentation
                case .rs256, .rs384: try _RSA.Signing.PrivateKey(keySize: .bits3072).pkcs8PEMRepresentation
                case .rs512: try _RSA.Signing.PrivateKey(keySize: .bits4096).pkcs8PEMRepresentation
                }
            let key = try ClientKey(pem: pem, as: [algorithm], at: now)
            // An id that begins with a hyphen would be taken for an option on the command line: one of 64.
            if !key.id.hasPrefix("-") { return key }
        }
    }

    /// - Parameters:
    ///   - pem: an elliptic key, or an RSA key of 2,048 bits at least; not encrypted.
    ///   - algorithms: what it may sign; the first that fits is taken.
    /// - Throws: `NodeError.input` for a key of another kind.
    init(pem: String, as algorithms: [Algorithm], at now: String) throws {
        guard !pem.contains("ENCRYPTED") else {
            throw NodeError(
                .input, "the key is encrypted: write it without a passphrase by 'openssl pkey -in FILE'")
        }
        let fitting = algorithms.lazy.compactMap { algorithm in
            Self.read(pem, algorithm).map { (algorithm, $0) }
        }
        guard let (algorithm, read) = fitting.first else {
            let names = algorithms.map(\.rawValue).joined(separator: " or ")
            throw NodeError(
                .input,
                "not a private key in PEM that signs \(names): ES256 takes a key on P-256, ES384 on P-384, RS… an "
                    + "RSA key of 2048 bits or more")
        }
        (self.algorithm, self.pem, madeAt) = (algorithm, read, now)
        // RFC 7638: the required members, sorted, without blanks.
        let canonical = try Self.publicMembers(algorithm, read).sorted { $0.key < $1.key }.map {
            #""\#($0.key)":"\#($0.value)""#
        }
        id = Base64URL.encode(Data(SHA256.hash(data: Data("{\(canonical.joined(separator: ","))}".utf8))))
    }

    /// The key in its one form; nil where it is none for the algorithm.
    private static func read(_ pem: String, _ algorithm: Algorithm) -> String? {
        switch algorithm {
        case .es256: return (try? P256.Signing.PrivateKey(pemRepresentation: pem))?.pemRepresentation
        case .es384: return (try? P384.Signing.PrivateKey(pemRepresentation: pem))?.pemRepresentation
        case .rs256, .rs384, .rs512:
            guard let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem), key.keySizeInBits >= 2048
            else { return nil }
            return key.pkcs8PEMRepresentation
        }
    }

    /// The members of a JWK that say which key it is.
    private static func publicMembers(_ algorithm: Algorithm, _ pem: String) throws -> [String: String] {
        func elliptic(_ curve: String, _ point: Data) -> [String: String] {
            let half = point.count / 2
            return [
                "kty": "EC", "crv": curve, "x": Base64URL.encode(point[1...half]),
                "y": Base64URL.encode(point[(half + 1)...]),
            ]
        }
        switch algorithm {
        case .es256:
            return elliptic(
                "P-256", try P256.Signing.PrivateKey(pemRepresentation: pem).publicKey.x963Representation)
        case .es384:
            return elliptic(
                "P-384", try P384.Signing.PrivateKey(pemRepresentation: pem).publicKey.x963Representation)
        case .rs256, .rs384, .rs512:
            let key = try _RSA.Signing.PrivateKey(pemRepresentation: pem).publicKey.getKeyPrimitives()
            return [
                "kty": "RSA", "n": Base64URL.encode(key.modulus), "e": Base64URL.encode(key.publicExponent),
            ]
        }
    }

    /// As a JSON Web Key, public members only.
    func publicKey() throws -> [String: String] {
        var members = try Self.publicMembers(algorithm, pem)
        members["kid"] = id
        members["alg"] = algorithm.rawValue
        members["use"] = "sig"
        return members
    }

    /// Signs a claim of who the node is, for one token request.
    ///
    /// Source: RFC 7523, 3; SMART App Launch 2.2.0, "Client Authentication: Asymmetric".
    func sign(_ assertion: ClientAssertion) async throws -> String {
        let keys = JWTKeyCollection()
        let id = JWKIdentifier(string: id)
        switch algorithm {
        case .es256: await keys.add(ecdsa: try ES256PrivateKey(pem: pem), kid: id)
        case .es384: await keys.add(ecdsa: try ES384PrivateKey(pem: pem), kid: id)
        case .rs256:
            await keys.add(rsa: try Insecure.RSA.PrivateKey(pem: pem), digestAlgorithm: .sha256, kid: id)
        case .rs384:
            await keys.add(rsa: try Insecure.RSA.PrivateKey(pem: pem), digestAlgorithm: .sha384, kid: id)
        case .rs512:
            await keys.add(rsa: try Insecure.RSA.PrivateKey(pem: pem), digestAlgorithm: .sha512, kid: id)
        }
        return try await keys.sign(assertion, kid: id, header: ["typ": "JWT"])
    }
}

/// What the node claims in a token request; lives for four minutes (five are allowed) and is used once.
struct ClientAssertion: JWTPayload {
    /// `client_assertion_type` of a request that bears one (RFC 7523, 2.2).
    static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    let iss: String
    let sub: String
    /// The token endpoint.
    let aud: String
    /// Seconds since the epoch.
    let exp: Int
    /// Never used again.
    let jti: String

    init(client: String, audience: String, now: Date) {
        (iss, sub, aud) = (client, client, audience)
        exp = Int(now.timeIntervalSince1970) + 240
        jti = UUID().uuidString
    }

    /// Claims of our own making are never taken from anybody.
    func verify(using algorithm: some JWTAlgorithm) throws {
        throw NodeError(.input, "a client's assertion is verified by servers only")
    }
}

/// Keys of a node for one kind of server, in its vault.
struct ClientKeyring: Sendable {
    let vault: KeyVault
    /// The secret's name in the vault.
    let secret: String
    /// What lists the keys, for remedies.
    let command: String

    static func bulk(_ vault: KeyVault) -> ClientKeyring {
        ClientKeyring(vault: vault, secret: "bulk.keys", command: "concordat bulk key list")
    }

    /// The oldest first.
    func keys() throws -> [ClientKey] {
        guard try vault.list().contains(secret) else { return [] }
        return try JSON.decode([ClientKey].self, from: try vault.load(name: secret))
    }

    func add(_ key: ClientKey) throws {
        let others = try keys().filter { $0.id != key.id }
        try vault.store(name: secret, secret: try JSON.encode(others + [key]))
    }

    /// - Throws: `NodeError.input` if the node has no such key.
    func remove(_ id: String) throws {
        let found = try key(id)
        let left = try keys().filter { $0.id != found.id }
        try vault.store(name: secret, secret: try JSON.encode(left))
    }

    /// By id or the beginning of it.
    func key(_ id: String) throws -> ClientKey {
        let found = try keys().filter { !id.isEmpty && $0.id.hasPrefix(id) }
        guard found.count == 1 else {
            throw NodeError(.input, "the node has no one key '\(id)': '\(command)' has them")
        }
        return found[0]
    }

    /// The public halves as a JSON Web Key Set, to be registered with a server.
    func publicKeys() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return String(
            decoding: try encoder.encode(["keys": try keys().map { try $0.publicKey() }]), as: UTF8.self)
    }
}
