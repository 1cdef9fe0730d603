import Audit
import Core
import Foundation
import Store
import Testing

@testable import Node

/// The keys by which a node shows its provider of OpenID Connect who it is.
@Suite struct OpenIDKeyringTests {
    private func withNode(_ body: (NodeContext) async throws -> Void) async throws {
        try await withTemporaryDirectory { root in
            let organisation = try TestFailure.unwrap(OrganisationCode("QWE"), "no code")
            let node = try await NodeHome.make(at: root + "/home", organisation, roles: [.requester])()
            do {
                try await body(node)
            } catch {
                await node.close()
                throw error
            }
            await node.close()
        }
    }

    @Test func aNewKeySignsWhenItIsToldTo() async throws {
        try await withNode { node in
            let keyring = OpenIDKeyring(vault: node.vault)
            let missing = #expect(throws: NodeError.self) { try keyring.used() }
            #expect(missing?.code == .configuration)
            #expect(missing?.description.contains("'concordat openid key new'") == true)

            let set = try await node.run(.openID(.newKey(algorithm: "ES256")))
            let first = try keyring.used()
            #expect(set.contains(first.id) && first.algorithm == .es256 && !first.id.hasPrefix("-"))
            // What is printed has nothing of the private half.
            #expect(!set.contains("PRIVATE") && !set.contains("\"d\""))
            _ = try await node.run(.openID(.newKey(algorithm: "ES384")))
            let second = try #require(try keyring.keys.keys().last)
            #expect(try keyring.used() == first)
            _ = try await node.run(.openID(.useKey(id: String(second.id.prefix(8)))))
            #expect(try keyring.used() == second)
            // The one that signs stays while there are others.
            #expect(throws: NodeError.self) { try keyring.remove(second) }
            _ = try await node.run(.openID(.removeKey(id: first.id)))
            _ = try await node.run(.openID(.removeKey(id: second.id)))
            #expect(throws: NodeError.self) { try keyring.used() }
            #expect(
                try node.records().filter { $0.kind == .key }.compactMap { $0.details["act"] }.suffix(5) == [
                    "openid-key-made", "openid-key-made", "openid-key-used", "openid-key-removed",
                    "openid-key-removed",
                ])
        }
    }

    /// Each algorithm signs with a key of its kind, and says so in the head of what it signs.
    @Test(arguments: OpenIDKeyring.algorithms)
    func whatIsSignedNamesItsKey(_ algorithm: ClientKey.Algorithm) async throws {
        let key = try ClientKey.generate(algorithm, at: "2026-11-20T00:00:00Z")
        let assertion = ClientAssertion(client: "c", audience: "https://id.example/token", now: Date())
        let parts = try await key.sign(assertion).split(separator: ".").map(String.init)
        try #require(parts.count == 3)
        let head = try JSONTree.parse(try #require(Base64URL.decode(parts[0])))
        #expect(head["alg"]?.text == algorithm.rawValue && head["kid"]?.text == key.id)
        let claims = try JSONTree.parse(try #require(Base64URL.decode(parts[1])))
        #expect(claims["iss"]?.text == "c" && claims["sub"]?.text == "c")
        #expect(claims["aud"]?.text == "https://id.example/token")
        #expect((claims["exp"]?.integer ?? 0) <= Int(Date().timeIntervalSince1970) + 300)
        // A key of one kind is not taken for another.
        let others = OpenIDKeyring.algorithms.filter { $0.rawValue.prefix(2) != algorithm.rawValue.prefix(2) }
        #expect(throws: NodeError.self) { try ClientKey(pem: key.pem, as: others, at: "") }
    }
}
