internal import Store

/// The keys by which the node shows its provider of OpenID Connect who it is, and the one that it uses.
///
/// A new key is not used before somebody says so: the provider has to know it first.
struct OpenIDKeyring: Sendable {
    /// CIS2 takes RS512; others rather elliptic keys.
    static let algorithms: [ClientKey.Algorithm] = [.rs512, .rs384, .rs256, .es384, .es256]

    private static let usedName = "openid.key-in-use"

    let keys: ClientKeyring

    init(vault: KeyVault) {
        keys = ClientKeyring(vault: vault, secret: "openid.keys", command: "concordat openid key list")
    }

    /// The key that signs: the one that was chosen, else the oldest.
    /// - Throws: `NodeError.configuration` where there is none.
    func used() throws -> ClientKey {
        let all = try keys.keys()
        let chosen = try chosen()
        guard let key = all.first(where: { $0.id == chosen }) ?? all.first else {
            throw NodeError(
                .configuration,
                "'openid.clientAuthentication' in concordat.yaml is private_key_jwt, and the node has no key for "
                    + "it: make one with 'concordat openid key new' and register at the provider what it prints"
            )
        }
        return key
    }

    private func chosen() throws -> String? {
        guard try keys.vault.list().contains(Self.usedName) else { return nil }
        return String(decoding: try keys.vault.load(name: Self.usedName), as: UTF8.self)
    }

    func use(_ key: ClientKey) throws {
        try keys.vault.store(name: Self.usedName, secret: Array(key.id.utf8))
    }

    /// - Throws: `NodeError.input` for the key that is used while there are others.
    func remove(_ key: ClientKey) throws {
        guard try used().id != key.id || keys.keys().count == 1 else {
            throw NodeError(
                .input,
                "the node signs with this key: have it use another first, with 'concordat openid key use ID'")
        }
        try keys.remove(key.id)
    }
}
