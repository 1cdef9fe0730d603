import CSodium

/// Encryption at rest: the node's secrets in files that only the passphrase opens.
///
/// A random 32-byte master key is wrapped by Argon2id over the passphrase (`keys/vault.json`) and lives in
/// locked memory. Everything is sealed with XChaCha20-Poly1305 under a context, so that a file put in
/// another's place does not open. The passphrase comes from `CONCORDAT_PASSPHRASE`, or systemd's credential
/// `concordat-passphrase`, or `keys/unlock`, which `init` makes when there is neither: then whoever can read
/// the home can open the vault, and ``passphraseSource`` lets the program say so.
///
/// Secrets come back as ordinary arrays: hold them briefly.
package final class KeyVault: Sendable {
    private let master: LockedKey
    private let sealing: LockedKey
    private let directory: String
    /// Where the passphrase was found.
    package let passphraseSource: PassphraseSource

    private init(master: LockedKey, layout: HomeLayout, source: PassphraseSource) throws {
        self.master = master
        sealing = try LockedKey { Sealing.subkey(of: master, label: "concordat seal", into: $0) }
        directory = layout.keysDirectory
        passphraseSource = source
    }

    private static func headerPath(_ layout: HomeLayout) -> String { layout.keysDirectory + "/vault.json" }

    /// Makes the vault of a new home; takes the better part of a second when a person chose the passphrase.
    package static func create(
        _ layout: HomeLayout, environment: [String: String] = ProcessEnvironment.current
    ) throws -> KeyVault {
        guard !PrivateFile.exists(headerPath(layout)) else {
            throw StoreError(.homeNotEmpty, "\(layout.keysDirectory) already holds a vault.")
        }
        let passphrase =
            try Passphrase.find(layout, environment: environment) ?? Passphrase.generate(layout)
        let cost: VaultHeader.Cost = passphrase.source == .unlockFile ? .random : .words
        let (header, master) = try VaultHeader.make(passphrase, cost: cost)
        try header.write(headerPath(layout))
        return try KeyVault(master: master, layout: layout, source: passphrase.source)
    }

    /// Opens the vault of an existing home.
    ///
    /// - Throws: ``StoreError/Code/passphraseMissing``, ``StoreError/Code/wrongPassphrase`` or
    ///   ``StoreError/Code/tampered``.
    package static func open(
        _ layout: HomeLayout, environment: [String: String] = ProcessEnvironment.current
    ) throws -> KeyVault {
        guard let header = try VaultHeader.read(headerPath(layout)) else {
            throw StoreError(
                .notAHome,
                "\(layout.keysDirectory) holds no vault: make the home with 'concordat init', or restore it.")
        }
        guard let passphrase = try Passphrase.find(layout, environment: environment) else {
            throw StoreError(
                .passphraseMissing,
                "the vault is locked: set \(Passphrase.variable), or give systemd the credential "
                    + "\(Passphrase.credential).")
        }
        return try KeyVault(master: header.unlock(passphrase), layout: layout, source: passphrase.source)
    }

    /// Seals bytes under a context, which must be given again to open them.
    package func seal(_ plain: [UInt8], context: String) -> [UInt8] {
        Sealing.seal(plain, context: "data/" + context, key: sealing)
    }

    /// Opens what ``seal(_:context:)`` made.
    ///
    /// - Throws: ``StoreError/Code/tampered`` for changed bytes, another context or another vault.
    package func open(_ sealed: [UInt8], context: String) throws -> [UInt8] {
        guard let plain = Sealing.open(sealed, context: "data/" + context, key: sealing) else {
            throw StoreError(.tampered, "sealed data does not open: changed, or sealed for something else.")
        }
        return plain
    }

    /// Keeps a secret in a file of its own, replacing one of the same name; durable when it returns.
    ///
    /// - Parameter name: of lower-case letters, digits, dots and hyphens, such as `query.ed25519`.
    package func store(name: String, secret: [UInt8]) throws {
        let path = try path(of: name)
        try PrivateFile.write(Sealing.seal(secret, context: "secret/" + name, key: sealing), to: path)
    }

    /// - Throws: ``StoreError/Code/secretNotFound`` or ``StoreError/Code/tampered``.
    package func load(name: String) throws -> [UInt8] {
        guard let sealed = try PrivateFile.read(path(of: name)) else {
            throw StoreError(.secretNotFound, "the vault holds no secret '\(name)'.")
        }
        guard let secret = Sealing.open(sealed, context: "secret/" + name, key: sealing) else {
            throw StoreError(
                .tampered,
                "the secret '\(name)' does not open: its file was changed or is another vault's. "
                    + "Restore keys/ from a backup.")
        }
        return secret
    }

    /// The names of all stored secrets, sorted.
    package func list() throws -> [String] {
        try PrivateFile.names(in: directory).filter { $0.hasSuffix(Self.suffix) }
            .map { String($0.dropLast(Self.suffix.count)) }
    }

    /// Forgets a secret; nothing happens when there is none.
    package func remove(name: String) throws { try PrivateFile.remove(path(of: name)) }

    /// A subkey of 32 bytes for one use, such as `disclosure cell key`: the same label gives the same key as
    /// long as the vault lives, also after the passphrase has changed.
    package func derive(label: String) -> [UInt8] {
        var key = [UInt8](repeating: 0, count: LockedKey.size)
        Sealing.subkey(of: master, label: "concordat derive/" + label, into: &key)
        return key
    }

    private static let suffix = ".secret"

    private func path(of name: String) throws -> String {
        let isFine = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
        }
        guard isFine, (1...64).contains(name.utf8.count), !name.hasPrefix(".") else {
            throw StoreError(.badName, "a secret's name is 1 to 64 of a-z, 0-9, '-' and '.'.")
        }
        return directory + "/" + name + Self.suffix
    }
}
