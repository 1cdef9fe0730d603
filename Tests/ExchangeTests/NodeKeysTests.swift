import Core
import Exchange
import Foundation
import Store
import Testing

@Suite("Node keys")
struct NodeKeysTests {
    @Test func areKeptByTheVault() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let layout = HomeLayout(root: folder.path)
        try FileManager.default.createDirectory(
            atPath: layout.keysDirectory, withIntermediateDirectories: true)
        let vault = try KeyVault.create(layout, environment: [:])
        let keys = try Federation.shared.get().keys(of: Federation.trust)
        try keys.save(in: vault)
        let loaded = try NodeKeys.load(from: KeyVault.open(layout, environment: [:]))
        #expect(loaded.publicKeys == keys.publicKeys)
        #expect(loaded.organisation == keys.organisation)
        #expect(loaded.query.verifying == keys.query.verifying)
        #expect(loaded.sealing.publicKey == keys.sealing.publicKey)
        #expect([loaded.checkpointSeed, loaded.tlsPrivateKey] == [keys.checkpointSeed, keys.tlsPrivateKey])
    }

    @Test func areSeparateForEachRole() throws {
        let keys = try Federation.shared.get().keys(of: Federation.trust).publicKeys
        #expect(Set(SigningUse.allCases.map(keys.verifying)).count == SigningUse.allCases.count)
        let json = try WireJSON.encode(keys)
        #expect(try WireJSON.decode(PublicKeySet.self, from: json) == keys)
    }
}
