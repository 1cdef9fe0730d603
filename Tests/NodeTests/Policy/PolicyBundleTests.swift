import Audit
import Core
import Exchange
import Foundation
import GRDB
import Store
import Testing

@testable import Node
@testable import Policy

/// Policies are taken over as a whole or not at all, and the node says which are in force.
@Suite(.serialized) struct PolicyBundleTests {
    private static let site = NodeFederation.organisation("RJ1")

    private func withHome(_ body: (_ root: String, _ open: NodeHome.Opener) async throws -> Void) async throws
    {
        try await withTemporaryDirectory { root in
            try await body(
                root, try await NodeHome.make(at: root + "/home", Self.site, roles: [.requester]))
        }
    }

    private func with<T>(_ open: NodeHome.Opener, _ body: (NodeContext) async throws -> T) async throws -> T {
        let node = try await open()
        do {
            let result = try await body(node)
            await node.close()
            return result
        } catch {
            await node.close()
            throw error
        }
    }

    private func failure(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func aBundleIsSignedLoadedAndInForceAfterARestart() async throws {
        try await withHome { root, open in
            let folder = try PolicyFolder(at: root + "/mine", adding: PolicyFolder.closed("ours"))
            let digest = try await with(open) { node in
                #expect(node.policyNote().version?.hasPrefix("shipped-") == true)
                let bundle = try await node.policyCommand(.sign(path: folder.path, version: nil))
                let said = try await node.policyCommand(.load(document: bundle))
                #expect(said.hasPrefix("version 1 is in force from now on"))
                #expect(node.policyNote().version == "1")
                #expect(try node.policy.current().engine.policies.policies.contains { $0.id == "ours" })
                let again = try await node.policyCommand(.load(document: bundle))
                #expect(again == "nothing changed: version 1 is in force")
                let acts = try node.records().filter {
                    $0.details["act"] != nil && $0.details["policyVersion"] != nil
                }
                #expect(acts.map { $0.details["act"] } == ["signed", "loaded"])
                #expect(acts.allSatisfy { $0.details["policyDigest"] == node.policyNote().digest })
                return node.policyNote().digest
            }
            try await with(open) { node in
                #expect(node.policyNote().version == "1")
                #expect(node.policyNote().digest == digest)
                #expect(node.policyNote().warnings == [])
                let reload = await failure { try await node.policyCommand(.reload) }
                #expect(reload.contains("this node goes by signed bundles"))
            }
        }
    }

    /// What an auditor computes with `sha256sum` is what the node says.
    @Test func theDigestIsThatOfAListOfDigests() throws {
        let files = PolicyFiles(name: "x", texts: ["b.cedar": "2", "a.cedar": "1"])
        let list = """
            6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b  a.cedar
            d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35  b.cedar

            """
        #expect(files.digest == Digest(of: Array(list.utf8)))
    }

    @Test func olderAndEqualVersionsAreRefusedWithTheRemedy() async throws {
        try await withHome { root, open in
            let folder = try PolicyFolder(at: root + "/mine", adding: PolicyFolder.closed("ours"))
            try await with(open) { node in
                let third = try await node.policyCommand(.sign(path: folder.path, version: 3))
                try folder.write(PolicyFolder.closed("theirs"))
                let other = try await node.policyCommand(.sign(path: folder.path, version: 3))
                let second = try await node.policyCommand(.sign(path: folder.path, version: 2))
                try await node.policyCommand(.load(document: third))
                for (document, version) in [(other, 3), (second, 2)] {
                    let said = await failure { try await node.policyCommand(.load(document: document)) }
                    #expect(
                        said
                            == "the policies were not taken over: version \(version) is not newer than version 3, which "
                            + "this node has had: sign the policies again with --version 4; version 3 stays in force"
                    )
                }
                #expect(node.policyNote().version == "3")
                #expect(node.policyNote().refused?.version == "2")
                #expect(node.policyNote().warnings.count == 1)
                let early = await failure {
                    try await node.policyCommand(.sign(path: folder.path, version: 3))
                }
                #expect(early.contains("--version 4"))
                let next = try await node.policyCommand(.sign(path: folder.path, version: nil))
                try await node.policyCommand(.load(document: next))
                #expect(node.policyNote().version == "4")
                #expect(node.policyNote().refused == nil)
            }
        }
    }

    @Test(arguments: [
        ("permit (principal, action, resource);", "own.cedar: 1:1: the policy has no @id"),
        ("@id(\"a\") permit (principal, action, resource) when { context.nothing };", "own.cedar: 1:"),
        ("@id(\"no-agreement\") @reason(\"x\") forbid (principal, action, resource);", "no-agreement"),
    ])
    func aFolderThatDoesNotCheckIsNotSigned(rules: String, words: String) async throws {
        try await withHome { root, open in
            let folder = try PolicyFolder(at: root + "/mine", adding: rules)
            try await with(open) { node in
                let said = await failure {
                    try await node.policyCommand(.sign(path: folder.path, version: nil))
                }
                #expect(said.hasPrefix("the policies were not signed: "))
                #expect(said.contains(words))
            }
        }
    }

    @Test func aFolderWhoseOwnCasesFailIsNotSigned() async throws {
        try await withHome { root, open in
            let folder = try PolicyFolder(
                at: root + "/mine", adding: PolicyFolder.closed("ours"), keepingCases: true)
            try await with(open) { node in
                let said = await failure {
                    try await node.policyCommand(.sign(path: folder.path, version: nil))
                }
                #expect(said.contains(".cases.yaml: "))
                #expect(said.contains("the case '"))
                try FileManager.default.removeItem(atPath: folder.path + "/own.cedar")
                let bundle = try await node.policyCommand(.sign(path: folder.path, version: nil))
                try await node.policyCommand(.load(document: bundle))
            }
        }
    }

    /// Another organisation's bundle, a changed one, one whose signer is exchanged, and what is no bundle.
    @Test func nobodyElsesBundleIsTakenOver() async throws {
        try await withTemporaryDirectory { root in
            let folder = try PolicyFolder(at: root + "/mine", adding: PolicyFolder.closed("ours"))
            let other = try await NodeHome.make(
                at: root + "/other", NodeFederation.organisation("RYJ"), roles: [.requester])
            let foreign = try await with(other) {
                try await $0.policyCommand(.sign(path: folder.path, version: nil))
            }
            let open = try await NodeHome.make(at: root + "/home", Self.site, roles: [.requester])
            try await with(open) { node in
                let own = try await node.policyCommand(.sign(path: folder.path, version: nil))
                let payload = try SignedDocument(parsing: Array(own.utf8)).payload
                let unsigned = SignedDocument(payload: payload.bytes, type: .policyBundle)
                let wrongRole = try unsigned.signed(
                    as: "recipient", of: Self.site, by: node.keys.agreement,
                    at: WireInstant(milliseconds: Clock.now))
                let wrongKey = try unsigned.signed(
                    as: "controller", of: Self.site, by: node.keys.query,
                    at: WireInstant(milliseconds: Clock.now))
                let renamed = foreign.replacing("\"organisation\":\"RYJ\"", with: "\"organisation\":\"RJ1\"")
                var texts = [foreign, renamed, "{}", "no bundle", "", String(own.dropLast(2))]
                texts += try [unsigned, wrongRole, wrongKey].map {
                    String(decoding: try $0.serialised(), as: UTF8.self)
                }
                for text in texts {
                    let said = await failure { try await node.policyCommand(.load(document: text)) }
                    #expect(said.hasPrefix("the policies were not taken over: "), "\(text.prefix(80))")
                    #expect(node.policyNote().version?.hasPrefix("shipped-") == true)
                    #expect(node.policyNote().refused != nil)
                }
                let refused = try node.records().filter { $0.details["act"] == "refused" }
                #expect(refused.count == texts.count)
                try await node.policyCommand(.load(document: own))
                #expect(node.policyNote().version == "1")
            }
        }
    }

    /// A bundle that no longer verifies after a restart: the one before; none good: none, and no folder instead.
    @Test func theLastGoodBundleIsUsedAfterARestart() async throws {
        try await withHome { root, open in
            let folder = try PolicyFolder(at: root + "/mine", adding: PolicyFolder.closed("first"))
            try await with(open) { node in
                for rule in ["first", "second"] {
                    try folder.write(PolicyFolder.closed(rule))
                    let bundle = try await node.policyCommand(.sign(path: folder.path, version: nil))
                    try await node.policyCommand(.load(document: bundle))
                }
                try spoil(2, at: node)
            }
            try await with(open) { node in
                #expect(node.policyNote().version == "1")
                #expect(node.policyNote().refused?.version == "2")
                #expect(node.policyNote().warnings.first?.hasSuffix("; 1 stays in force") == true)
                try spoil(1, at: node)
            }
            try await with(open) { node in
                #expect(node.policyNote().version == nil)
                #expect(node.policyNote().warnings.first?.hasPrefix("NO POLICIES ARE IN FORCE") == true)
                #expect(throws: NodeError.self) { try node.policy.current() }
                let bundle = try await node.policyCommand(.sign(path: folder.path, version: nil))
                try await node.policyCommand(.load(document: bundle))
                #expect(node.policyNote().version == "3")
                #expect(node.policyNote().warnings == [])
            }
        }
    }

    /// Changes a byte of a bundle's signature where it is kept.
    private func spoil(_ number: Int, at node: NodeContext) throws {
        try node.store.write { db in
            let bytes = try Data.fetchOne(
                db, sql: "SELECT document FROM policy_version WHERE number = ?", arguments: [number])
            let text = String(decoding: try #require(bytes), as: UTF8.self)
            let range = try #require(text.range(of: "\"mldsa65\":\""))
            let place = range.upperBound
            let changed = text.replacingCharacters(
                in: place..<text.index(after: place), with: text[place] == "A" ? "B" : "A")
            try db.execute(
                sql: "UPDATE policy_version SET document = ? WHERE number = ?",
                arguments: [Data(changed.utf8), number])
        }
    }

    @Test func aFolderIsReloadedAllOrNothing() async throws {
        try await withHome { root, open in
            let folder = try PolicyFolder(at: "\(root)/home/policies", adding: PolicyFolder.closed("first"))
            try await with(open) { node in
                let before = try #require(node.policyNote().version)
                #expect(before.hasPrefix("folder-"))
                #expect(
                    try await node.policyCommand(.reload) == "nothing changed: version \(before) is in force")
                try folder.write("this is not Cedar")
                let said = await failure { try await node.policyCommand(.reload) }
                #expect(said.hasPrefix("the policies were not taken over: own.cedar: 1:"))
                #expect(said.hasSuffix("; version \(before) stays in force"))
                #expect(node.policyNote().version == before)
                #expect(node.policyNote().refused != nil)
                // Mended back to what it was.
                try folder.write(PolicyFolder.closed("first"))
                #expect(
                    try await node.policyCommand(.reload) == "nothing changed: version \(before) is in force")
                #expect(node.policyNote().refused == nil)
                try folder.write("this is not Cedar")
            }
            // The last good texts of that folder are used, not the shipped ones.
            try await with(open) { node in
                #expect(node.policyNote().version?.hasPrefix("folder-") == true)
                #expect(try node.policy.current().engine.policies.policies.contains { $0.id == "first" })
                #expect(node.policyNote().refused != nil)
                try folder.write(PolicyFolder.closed("second"))
                #expect(try await node.policyCommand(.reload).contains("is in force from now on"))
                #expect(try node.policy.current().engine.policies.policies.contains { $0.id == "second" })
                #expect(node.policyNote().refused == nil)
            }
        }
    }

    /// In a federation the directory says which key is the organisation's.
    @Test func inAFederationTheDirectorysKeysCount() async throws {
        try await withTemporaryDirectory { root in
            let folder = try PolicyFolder(at: root + "/mine", adding: PolicyFolder.closed("ours"))
            try await NodeFederation.with(
                root: root, members: [.init(organisation: NodeFederation.requester, role: .requester)]
            ) { federation in
                let node = try federation.node(NodeFederation.requester)
                let now = WireInstant(milliseconds: Clock.now)
                let stranger = try NodeKeys.generate(organisation: node.organisation, validFrom: now)
                let bundle = PolicyBundle(
                    controller: node.organisation, version: 1, madeAt: now.milliseconds,
                    files: try PolicyFiles(directory: URL(filePath: folder.path)))
                let forged = try BundleSignature(
                    organisation: node.organisation, keys: stranger, directory: node.directory
                ).sign(bundle, at: now)
                let said = await failure { try await node.policyCommand(.load(document: forged)) }
                #expect(said.contains("the bundle does not bear QWE's signature"))
                try await node.policyCommand(
                    .load(document: try await node.policyCommand(.sign(path: folder.path, version: nil))))
                #expect(node.policyNote().version == "1")
            }
        }
    }
}
