import Testing

@testable import Store

@Suite struct KeyVaultTests {
    private func withLayout<T>(_ body: (HomeLayout) async throws -> T) async throws -> T {
        try await withTemporaryDirectory { directory in
            let layout = HomeLayout(root: directory)
            try PrivateFile.makeDirectory(layout.keysDirectory)
            return try await body(layout)
        }
    }

    @Test func withoutPassphraseAnUnlockFileIsMade() async throws {
        try await withLayout { layout in
            let vault = try KeyVault.create(layout, environment: [:])
            #expect(vault.passphraseSource == .unlockFile)
            try vault.store(name: "query.ed25519", secret: [1, 2, 3])
            try vault.store(name: "empty", secret: [])
            let again = try KeyVault.open(layout, environment: [:])
            #expect(try again.load(name: "query.ed25519") == [1, 2, 3])
            #expect(try again.load(name: "empty") == [])
            #expect(try again.list() == ["empty", "query.ed25519"])
            #expect(again.derive(label: "cell key") == vault.derive(label: "cell key"))
            #expect(again.derive(label: "cell key") != vault.derive(label: "person key"))
            for name in ["unlock", "vault.json", "query.ed25519.secret"] {
                #expect(try mode(layout.keysDirectory + "/" + name) == 0o600)
            }
        }
    }

    @Test func onlyTheRightPassphraseOpens() async throws {
        try await withLayout { layout in
            let right = ["CONCORDAT_PASSPHRASE": "a long sentence"]
            let vault = try KeyVault.create(layout, environment: right)
            #expect(vault.passphraseSource == .environment)
            #expect(
                try KeyVault.open(layout, environment: right).derive(label: "x") == vault.derive(label: "x"))
            let wrong = #expect(throws: StoreError.self) {
                try KeyVault.open(layout, environment: ["CONCORDAT_PASSPHRASE": "a long sentencE"])
            }
            #expect(wrong?.code == .wrongPassphrase)
            let missing = #expect(throws: StoreError.self) { try KeyVault.open(layout, environment: [:]) }
            #expect(missing?.code == .passphraseMissing)
            let second = #expect(throws: StoreError.self) { try KeyVault.create(layout, environment: right) }
            #expect(second?.code == .homeNotEmpty)
        }
    }

    @Test func credentialOfTheServiceManagerOpens() async throws {
        try await withLayout { layout in
            let credentials = layout.root + "/credentials"
            try PrivateFile.makeDirectory(credentials)
            try PrivateFile.write("words\n".utf8, to: credentials + "/concordat-passphrase")
            let vault = try KeyVault.create(layout, environment: ["CREDENTIALS_DIRECTORY": credentials])
            #expect(vault.passphraseSource == .credential)
            let opened = try KeyVault.open(layout, environment: ["CONCORDAT_PASSPHRASE": "words"])
            #expect(opened.derive(label: "x") == vault.derive(label: "x"))
        }
    }

    @Test func changedOrMovedSecretsDoNotOpen() async throws {
        try await withLayout { layout in
            let vault = try KeyVault.create(layout, environment: [:])
            try vault.store(name: "a", secret: Array("the secret".utf8))
            try vault.store(name: "b", secret: [2])
            let path = layout.keysDirectory + "/a.secret"
            let sealed = try #require(try PrivateFile.read(path))
            #expect(!String(decoding: sealed, as: UTF8.self).contains("the secret"))
            for position in sealed.indices {
                var changed = sealed
                changed[position] ^= 1
                try PrivateFile.write(changed, to: path)
                let error = #expect(throws: StoreError.self) { try vault.load(name: "a") }
                #expect(error?.code == .tampered)
            }
            let other = try #require(try PrivateFile.read(layout.keysDirectory + "/b.secret"))
            try PrivateFile.write(other, to: path)
            #expect(throws: StoreError.self) { try vault.load(name: "a") }
            try vault.remove(name: "a")
            let gone = #expect(throws: StoreError.self) { try vault.load(name: "a") }
            #expect(gone?.code == .secretNotFound)
        }
    }

    @Test func sealedDataIsBoundToItsContext() async throws {
        try await withLayout { layout in
            let vault = try KeyVault.create(layout, environment: [:])
            let sealed = vault.seal([9, 9], context: "ledger/1")
            #expect(sealed != vault.seal([9, 9], context: "ledger/1"))
            #expect(try vault.open(sealed, context: "ledger/1") == [9, 9])
            #expect(throws: StoreError.self) { try vault.open(sealed, context: "ledger/2") }
            #expect(throws: StoreError.self) { try vault.open([], context: "ledger/1") }
        }
    }

    @Test func loweredCostsDoNotOpen() async throws {
        try await withLayout { layout in
            _ = try KeyVault.create(layout, environment: [:])
            let path = layout.keysDirectory + "/vault.json"
            let header = try #require(try VaultHeader.read(path))
            let weaker = VaultHeader(
                version: 1, cost: .init(operations: 1, memoryBytes: 8 << 20), salt: header.salt,
                wrappedKey: header.wrappedKey)
            try weaker.write(path)
            let error = #expect(throws: StoreError.self) { try KeyVault.open(layout, environment: [:]) }
            #expect(error?.code == .wrongPassphrase)
        }
    }

    @Test(arguments: ["", "../x", ".x", "A", "a/b", "a b", String(repeating: "a", count: 65)])
    func namesThatCouldLeaveTheDirectoryAreRefused(_ name: String) async throws {
        try await withLayout { layout in
            let vault = try KeyVault.create(layout, environment: [:])
            let error = #expect(throws: StoreError.self) { try vault.store(name: name, secret: [1]) }
            #expect(error?.code == .badName)
        }
    }
}
