internal import Crypto
internal import CryptoExtras
internal import Foundation
internal import JWTKit
internal import Store

/// A private key by which the node signs who it is to Bulk Data servers (SMART Backend Services).
struct BulkKey: Codable, Hashable, Sendable {
    /// The two algorithms that SMART names; a server must take at least one of them.
    enum Algorithm: String, Codable, Sendable, CaseIterable {
        case es384 = "ES384"
        case rs384 = "RS384"
    }

    /// The thumbprint of the public key (RFC 7638): the same key has the same id everywhere.
    let id: String
    let algorithm: Algorithm
    /// PKCS #8.
    let pem: String
    /// RFC 3339.
    let madeAt: String

    static func generate(_ algorithm: Algorithm, at now: String) throws -> BulkKey {
        switch algorithm {
        case .es384: try BulkKey(pem: P384.Signing.PrivateKey().pemRepresentation, at: now)
        case .rs384:
            try BulkKey(pem: _RSA.Signing.PrivateKey(keySize: .bits3072).pkcs8PEMRepresentation, at: now)
        }
    }

    /// - Parameter pem: an elliptic key on P-384, or an RSA key of 2,048 bits at least; not encrypted.
    init(pem: String, at now: String) throws {
        guard !pem.contains("ENCRYPTED") else {
            throw BulkError(
                .key, "the key is encrypted: write it without a passphrase by 'openssl pkey -in FILE'")
        }
        madeAt = now
        if let key = try? P384.Signing.PrivateKey(pemRepresentation: pem) {
            algorithm = .es384
            self.pem = key.pemRepresentation
        } else if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem), key.keySizeInBits >= 2048 {
            algorithm = .rs384
            self.pem = key.pkcs8PEMRepresentation
        } else {
            throw BulkError(
                .key,
                "not a private key in PEM that signs ES384 (elliptic, P-384) or RS384 (RSA, 2048 bits or more)"
            )
        }
        let members = try Self.publicMembers(algorithm, self.pem)
        // RFC 7638: the required members, sorted, without blanks.
        let canonical = members.sorted { $0.key < $1.key }.map { #""\#($0.key)":"\#($0.value)""# }
        id = Base64URL.encode(Data(SHA256.hash(data: Data("{\(canonical.joined(separator: ","))}".utf8))))
    }

    /// The members of a JWK that say which key it is.
    private static func publicMembers(_ algorithm: Algorithm, _ pem: String) throws -> [String: String] {
        switch algorithm {
        case .es384:
            let point = try P384.Signing.PrivateKey(pemRepresentation: pem).publicKey.x963Representation
            return [
                "kty": "EC", "crv": "P-384", "x": Base64URL.encode(point[1..<49]),
                "y": Base64URL.encode(point[49..<97]),
            ]
        case .rs384:
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
    /// Source: SMART App Launch 2.2.0, "Client Authentication: Asymmetric".
    func sign(_ assertion: ClientAssertion) async throws -> String {
        let keys = JWTKeyCollection()
        let id = JWKIdentifier(string: id)
        switch algorithm {
        case .es384: await keys.add(ecdsa: try ES384PrivateKey(pem: pem), kid: id)
        case .rs384:
            await keys.add(rsa: try Insecure.RSA.PrivateKey(pem: pem), digestAlgorithm: .sha384, kid: id)
        }
        return try await keys.sign(assertion, kid: id, header: ["typ": "JWT"])
    }
}

/// What the node claims in a token request; lives for four minutes (five are allowed) and is used once.
struct ClientAssertion: JWTPayload {
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
        throw BulkError(.key, "a client's assertion is verified by servers only")
    }
}

/// The keys of a node for Bulk Data servers, in its vault; the newest is used unless another is named.
struct BulkKeyring: Sendable {
    private static let secret = "bulk.keys"

    let vault: KeyVault

    func keys() throws -> [BulkKey] {
        guard try vault.list().contains(Self.secret) else { return [] }
        return try JSON.decode([BulkKey].self, from: try vault.load(name: Self.secret))
    }

    func add(_ key: BulkKey) throws {
        let others = try keys().filter { $0.id != key.id }
        try vault.store(name: Self.secret, secret: try JSON.encode(others + [key]))
    }

    /// - Throws: `BulkError` if the node has no such key.
    func remove(_ id: String) throws {
        let found = try key(id)
        let left = try keys().filter { $0.id != found.id }
        try vault.store(name: Self.secret, secret: try JSON.encode(left))
    }

    /// By id or the beginning of it.
    func key(_ id: String) throws -> BulkKey {
        let found = try keys().filter { !id.isEmpty && $0.id.hasPrefix(id) }
        guard found.count == 1 else {
            throw BulkError(
                .key, "the node has no one key '\(id)' for Bulk Data: 'concordat bulk key list' has them")
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
