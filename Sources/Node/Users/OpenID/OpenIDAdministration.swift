internal import Audit
internal import Store

/// Carries out what an operator asks for about the keys for the provider of OpenID Connect.
struct OpenIDAdministration: Sendable {
    let context: NodeContext

    private var keyring: OpenIDKeyring { OpenIDKeyring(vault: context.vault) }

    func run(_ command: OpenIDCommand) async throws -> NodeReply {
        switch command {
        case .newKey(let algorithm):
            let key = try ClientKey.generate(try Self.algorithm(algorithm), at: Clock.text(Clock.now))
            return try await add(key, "openid-key-made")
        case .importKey(let path, let algorithm):
            let algorithm = try Self.algorithm(algorithm)
            guard let bytes = try PrivateFile.read(path) else {
                throw NodeError(.input, "there is no '\(path)': name a private key in PEM")
            }
            let key = try ClientKey(
                pem: String(decoding: bytes, as: UTF8.self), as: [algorithm], at: Clock.text(Clock.now))
            return try await add(key, "openid-key-imported")
        case .useKey(let id):
            let key = try keyring.keys.key(id)
            try keyring.use(key)
            try await note(key, "openid-key-used")
            return .done("the node signs with key \(key.id) at the provider from now on")
        case .removeKey(let id):
            let key = try keyring.keys.key(id)
            try keyring.remove(key)
            try await note(key, "openid-key-removed")
            return .done("key \(key.id) is removed: take it out at the provider, too")
        case .listKeys:
            let keys = try keyring.keys.keys()
            let used = keys.isEmpty ? nil : try keyring.used().id
            return .listing(
                columns: ["id", "algorithm", "made_at", "in_use"],
                rows: keys.map { [$0.id, $0.algorithm.rawValue, $0.madeAt, $0.id == used ? "yes" : "no"] })
        case .showKeys: return .document(try keyring.keys.publicKeys())
        }
    }

    private static func algorithm(_ text: String) throws -> ClientKey.Algorithm {
        guard let found = OpenIDKeyring.algorithms.first(where: { $0.rawValue == text }) else {
            let names = OpenIDKeyring.algorithms.map(\.rawValue).joined(separator: ", ")
            throw NodeError(.input, "'--algorithm' takes one of \(names)")
        }
        return found
    }

    private func add(_ key: ClientKey, _ act: String) async throws -> NodeReply {
        try keyring.keys.add(key)
        try await note(key, act)
        return .document(try keyring.keys.publicKeys())
    }

    private func note(_ key: ClientKey, _ act: String) async throws {
        _ = try await context.audit.append(
            AuditRecord(
                kind: .key, at: Clock.now,
                details: ["act": act, "key": key.id, "algorithm": key.algorithm.rawValue]))
    }
}
