import Audit
import Core
import Crypto
import Foundation
import Store
import TestSupport
import Testing

@testable import Node

/// What a crash left of exports that are no more: files of patients' data.
@Suite struct BulkSweepTests {
    @Test func aListRemovesWhatNoExportHas() async throws {
        try await IngestSite.with(.duckdb) { node, _ in
            let folder = node.home.layout.bulkDirectory + "/99"
            func leave() throws {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try Data("patients".utf8).write(to: URL(filePath: folder + "/bulk-Patient-1.ndjson"))
            }
            try leave()
            _ = try await node.run(.bulk(.list))
            #expect(!FileManager.default.fileExists(atPath: folder))
            try leave()
            await #expect(throws: (any Error).self) { _ = try await node.run(.bulk(.cancel(id: 99))) }
            #expect(!FileManager.default.fileExists(atPath: folder))
            try leave()
            await node.sweepExports()
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
    }
}

/// What servers refuse, and what the node refuses them.
@Suite struct BulkRefusalTests {
    @Test func wordsOfTheServerAreToldWithoutPersonsAndTokens() async throws {
        var script = BulkSite.script
        script.first["/fhir/$export"] = [
            .outcome(403, "forbidden", "no access for 943 476 5919 by eyJhbGciOiJFUzM4NCJ9abcdefghijklmnop")
        ]
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let error = await site.refusal()
            #expect(error?.code == .refused)
            #expect(
                error?.description
                    == "the server's kick-off answered 403 (error, forbidden: no access for … by …): does the server "
                    + "allow this client these types? ('--types', '--scope')")
            #expect(try await site.states() == [])
        }
    }

    @Test func anExportThatFailsIsGivenUp() async throws {
        var script = BulkSite.script
        script.failure = .outcome(500, "exception", "out of space")
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let error = await site.refusal()
            #expect(error?.code == .failed)
            #expect(
                error?.description
                    == "the server gave the export up: it answered 500 (error, exception: out of space)")
            #expect(try await site.states() == ["failed"])
            await site.server.change { $0.failure = nil }
            #expect(try await site.ingest().files.map(\.new) == [2, 2, 1])
            #expect(try await site.kickOff().query["_since"] == nil)
        }
    }

    @Test func aManifestThatIsNoneIsRefused() async throws {
        var script = BulkSite.script
        script.failure = .json(#"{"output": []}"#)
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            #expect(await site.refusal()?.code == .answer)
            #expect(try await site.states() == ["failed"])
        }
    }

    @Test func aKeyThatIsNotRegisteredIsTold() async throws {
        try await BulkSite.with(BulkSite.script) { (site: BulkSite) async throws in
            let stranger = try ClientKey.generate(.es384, at: "2026-11-20T00:00:00Z")
            try ClientKeyring.bulk(site.node.vault).add(stranger)
            let error = await site.refusal()
            #expect(error?.code == .refused)
            #expect(error?.description.contains(stranger.id) == true)
            #expect(error?.description.contains("invalid_client") == true)
            // The one that is registered can be named.
            let first = try ClientKeyring.bulk(site.node.vault).keys()[0].id
            #expect(try await site.ingest { $0.key = first }.files.map(\.new) == [2, 2, 1])
        }
    }

    @Test func aServerThatTakesNoKeyOfOursSaysWhichItTakes() async throws {
        var script = BulkSite.script
        script.algorithms = ["RS384"]
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let error = await site.refusal()
            #expect(error?.code == .key)
            #expect(error?.description.contains("RS384") == true)
        }
    }

    @Test func scopesFollowTheServersVersionAndWhatIsWithheldIsTold() async throws {
        var script = BulkSite.script
        script.capabilities = ["permission-v1"]
        script.grantedScope = "system/Patient.read"
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let report = try await site.ingest { $0.types = ["Patient", "Condition"] }
            #expect(await site.server.scopes == ["system/Condition.read system/Patient.read"])
            #expect(report.notes.contains("the server gives this client no access to Condition"))
        }
        #expect(BulkTokens.withheld(["Patient"], granted: "system/*.rs") == [])
        #expect(
            BulkTokens.withheld(["Patient", "Condition"], granted: "system/Patient.cruds") == ["Condition"])
        #expect(BulkTokens.withheld(["Patient"], granted: "system/Patient.write") == ["Patient"])
        #expect(BulkTokens.withheld(["Patient"], granted: nil) == [])
    }

    // MARK: - Origins

    /// Files that lie elsewhere: the token goes there only if it is allowed to.
    @Test func filesOfAnotherOriginGetNoTokenUnlessAllowed() async throws {
        try await BulkServer.with(BulkSite.script) { elsewhere in
            var script = BulkSite.script
            script.fileOrigin = elsewhere.origin
            try await BulkSite.with(script) { (site: BulkSite) async throws in
                let error = await site.refusal()
                #expect(error?.code == .address)
                #expect(error?.description.contains("--allow-origin \(elsewhere.origin)") == true)
                #expect(await elsewhere.log.isEmpty)
                #expect(try await site.states() == ["ready"])

                _ = await site.refusal { $0.allowed = [elsewhere.origin] }
                #expect(await elsewhere.log.contains { $0.headers["authorization"] != nil })
            }
        }
    }

    /// Addresses that open a file by themselves are fetched without the token.
    @Test func filesThatNeedNoTokenGetNone() async throws {
        var files = BulkSite.script
        files.requiresToken = false
        files.isGuarded = false
        files.servesAnyExport = true
        try await BulkServer.with(files) { elsewhere in
            try await BulkSite.with(BulkSite.script) { (site: BulkSite) async throws in
                var script = BulkSite.script
                script.fileOrigin = elsewhere.origin
                script.requiresToken = false
                script.keySet = try ClientKeyring.bulk(site.node.vault).publicKeys()
                let changed = script
                await site.server.change { $0 = changed }
                #expect(try await site.ingest().files.map(\.new) == [2, 2, 1])
                #expect(await elsewhere.log.allSatisfy { $0.headers["authorization"] == nil })
            }
        }
    }

    @Test func aFileThatIsRedirectedElsewhereGetsNoTokenThere() async throws {
        var files = BulkSite.script
        files.requiresToken = false
        files.isGuarded = false
        files.servesAnyExport = true
        try await BulkServer.with(files) { elsewhere in
            var script = BulkSite.script
            for name in ["Patient.0", "Condition.0", "Observation.0"] {
                script.first["/files/e1/\(name)"] = [
                    BulkReply(307, [("location", "\(elsewhere.origin)/files/e1/\(name)")])
                ]
            }
            try await BulkSite.with(script) { (site: BulkSite) async throws in
                #expect(try await site.ingest().files.map(\.new) == [2, 2, 1])
                #expect(await elsewhere.log.count == 3)
                #expect(await elsewhere.log.allSatisfy { $0.headers["authorization"] == nil })
                #expect(
                    await site.server.log.filter { $0.path.hasPrefix("/files/") }.allSatisfy {
                        $0.headers["authorization"] != nil
                    })
            }
        }
    }

    @Test func aStateThatIsRedirectedElsewhereIsNotFollowed() async throws {
        try await BulkServer.with(BulkSite.script) { elsewhere in
            var script = BulkSite.script
            script.first["/jobs/e1"] = [BulkReply(302, [("location", "\(elsewhere.origin)/jobs/e1")])]
            try await BulkSite.with(script) { (site: BulkSite) async throws in
                let error = await site.refusal()
                #expect(error?.code == .address)
                #expect(await elsewhere.log.isEmpty)
            }
        }
    }

    @Test func onlyHTTPSGoesOut() throws {
        #expect(throws: BulkError.self) { try BulkReach(base: "http://ehr.example.org/fhir", allowed: []) }
        #expect(throws: BulkError.self) { try BulkReach(base: "ftp://ehr.example.org/fhir", allowed: []) }
        #expect(throws: BulkError.self) {
            try BulkReach(base: "https://user@ehr.example.org/fhir", allowed: [])
        }
        let reach = try BulkReach(
            base: "https://ehr.example.org/fhir", allowed: ["https://files.example.org"])
        func isReached(_ text: String) -> Bool {
            URL(string: text).flatMap { try? reach.check($0, "it") } != nil
        }
        func hasToken(_ text: String) -> Bool { URL(string: text).map(reach.mayHaveToken) ?? false }
        #expect(isReached("https://bucket.example.com/file"))
        #expect(!isReached("http://ehr.example.org/file"))
        // No server elsewhere makes the node ask its own machine.
        for host in ["127.0.0.1", "localhost", "[::1]", "127.9.9.9"] {
            #expect(!isReached("https://\(host)/"))
        }
        #expect(hasToken("https://ehr.example.org:443/other"))
        #expect(hasToken("https://FILES.example.org/x"))
        #expect(!hasToken("https://ehr.example.org:8443/"))
        #expect(!hasToken("https://bucket.example.com/"))
        #expect(!hasToken("https://ehr.example.org.evil.example/"))
        #expect(try BulkReach(base: "http://127.0.0.1:8080/fhir", allowed: []).server.port == 8080)
    }

    @Test func sourcesAreOneHoweverTheyAreWritten() throws {
        let one = try BulkSource(
            base: "HTTPS://EHR.example.org:443/fhir//", level: .system, types: ["Patient", "Group"])
        let other = try BulkSource(
            base: "https://ehr.example.org/fhir", level: .system, types: ["Group", "Patient"])
        #expect(one == other)
        #expect(throws: BulkError.self) {
            try BulkSource(base: "https://a.example/fhir?x=1", level: .system, types: [])
        }
        #expect(throws: BulkError.self) {
            try BulkSource(base: "https://a.example", level: .group("a/b"), types: [])
        }
        #expect(throws: BulkError.self) {
            try BulkSource(base: "https://a.example", level: .system, types: ["a&b"])
        }
    }

    // MARK: - Keys

    @Test func keysAreSealedAndOnlyTheirPublicHalvesShown() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let es = try ClientKey.generate(.es384, at: "2026-11-20T00:00:00Z")
            try IngestSite.write(es.pem, to: folder + "/key.pem")
            let set = try await node.run(.bulk(.importKey(path: folder + "/key.pem")))
            _ = try await node.run(.bulk(.newKey(algorithm: "RS384")))
            let keys =
                try #require(
                    try JSONSerialization.jsonObject(with: Data(try await node.run(.bulk(.showKeys)).utf8))
                        as? [String: [[String: String]]])["keys"] ?? []
            #expect(keys.map { $0["alg"] } == ["ES384", "RS384"])
            #expect(Set(keys[0].keys) == ["alg", "crv", "kid", "kty", "use", "x", "y"])
            #expect(Set(keys[1].keys) == ["alg", "e", "kid", "kty", "n", "use"])
            #expect(keys[0]["kid"] == es.id)
            #expect(set.contains(es.id))
            // The same key again is the same key.
            _ = try await node.run(.bulk(.importKey(path: folder + "/key.pem")))
            #expect(try ClientKeyring.bulk(node.vault).keys().count == 2)
            let body = es.pem.split(separator: "\n")[1]
            for name in try FileManager.default.contentsOfDirectory(atPath: node.home.layout.keysDirectory) {
                let bytes = try Data(contentsOf: URL(filePath: node.home.layout.keysDirectory + "/" + name))
                #expect(bytes.range(of: Data(body.utf8)) == nil)
            }
            _ = try await node.run(.bulk(.removeKey(id: String(es.id.prefix(8)))))
            #expect(try ClientKeyring.bulk(node.vault).keys().map(\.algorithm) == [.rs384])
            #expect(try node.records().filter { $0.kind == .key }.last?.details["act"] == "bulk-key-removed")
        }
    }

    /// The thumbprint of RFC 7638 is what makes a key's id: the same numbers by another way.
    @Test func aKeysIdIsItsThumbprint() throws {
        let key = try ClientKey.generate(.es384, at: "")
        let members = try key.publicKey()
        let text = #"{"crv":"P-384","kty":"EC","x":"\#(members["x"] ?? "")","y":"\#(members["y"] ?? "")"}"#
        let digest = Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
        #expect(key.id == digest.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: ""))
    }

    @Test func keysOfOtherKindsAreRefused() {
        let algorithms = BulkAdministration.algorithms
        for pem in [
            P256.Signing.PrivateKey().pemRepresentation, "no key", "-----BEGIN ENCRYPTED PRIVATE KEY-----",
        ] {
            #expect(throws: NodeError.self) { try ClientKey(pem: pem, as: algorithms, at: "") }
        }
    }

    // MARK: - Pace and words

    @Test func retryAfterIsSecondsOrADate() {
        let now = Date(timeIntervalSince1970: 784_111_777)  // Sun, 06 Nov 1994 08:49:37 GMT
        func delay(_ text: String) -> Duration? { BulkPace.delay(text, now: now) }
        #expect(delay("120") == .seconds(120))
        #expect(delay(" 0 ") == .seconds(0))
        #expect(delay("Sun, 06 Nov 1994 08:50:37 GMT") == .seconds(60))
        #expect(delay("Sunday, 06-Nov-94 08:50:37 GMT") == .seconds(60))
        #expect(delay("Sun Nov  6 08:50:37 1994") == .seconds(60))
        #expect(delay("Sun, 06 Nov 1994 08:00:00 GMT") == .seconds(0))
        #expect(delay("soon") == nil)
        #expect(delay("-5") == nil)
        #expect(delay("99999999999999999999") == nil)
        let pace = BulkPace()
        #expect(
            (0..<10).map { pace.wait(nil, attempt: $0).components.seconds } == [
                2, 4, 8, 16, 32, 64, 128, 256, 300, 300,
            ])
        #expect(pace.wait("0", attempt: 0) == .milliseconds(500))
    }

    @Test func wordsOfServersAreCutAndCleaned() {
        #expect(ServerWords.shown("a\u{1B}[31m\nb") == "a [31m b")
        #expect(ServerWords.shown("see https://a.example/x?sig=abc now") == "see … now")
        #expect(ServerWords.shown("NHS 9434765919, 943-476-5919") == "NHS …, …")
        #expect(ServerWords.shown(String(repeating: "word ", count: 100)).count == 241)
        #expect(ServerWords.of(Array("<html>".utf8)) == nil)
    }
}
