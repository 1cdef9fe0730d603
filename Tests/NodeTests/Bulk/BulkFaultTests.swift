import Core
import Foundation
import Store
import TestSupport
import Testing

@testable import Node

/// What goes wrong on the way: expired tokens, busy servers, broken downloads, crashes.
@Suite struct BulkFaultTests {
    @Test func anExpiredTokenIsRenewed() async throws {
        var script = BulkSite.script
        script.tokenUses = 2
        script.polls = 3
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let report = try await site.ingest()
            #expect(report.files.map(\.new) == [2, 2, 1])
            // Each assertion was taken: the server refuses one that it has seen.
            let tokens = await site.server.count("POST /auth/token")
            #expect(tokens >= 3)
            #expect(await site.server.scopes.count == tokens)
        }
    }

    @Test func aTokenThatIsAboutToExpireIsNotUsed() async throws {
        var script = BulkSite.script
        script.expiresIn = 0
        script.polls = 0
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            _ = try await site.ingest()
            // Kick-off, state, files, withdrawal: none of them uses the token of the one before.
            #expect(await site.server.count("POST /auth/token") >= 4)
        }
    }

    @Test func waitsAsTheServerSays() async throws {
        var script = BulkSite.script
        script.polls = 0
        script.first = [
            "/fhir/$export": [BulkReply(429, [("retry-after", "11")])],
            "/jobs/e1": [
                BulkReply(202), BulkReply(202), BulkReply(202), BulkReply(429, [("retry-after", "31")]),
                .outcome(500, "transient", "try again"), BulkReply(503, [("retry-after", "5")]),
                BulkReply(202, [("retry-after", "0"), ("x-progress", "90 %")]),
            ],
            "/files/e1/Patient.0": [BulkReply(503, [("retry-after", "41")])],
        ]
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let report = try await site.ingest()
            #expect(report.files.map(\.new) == [2, 2, 1])
            #expect(
                site.waits.all == [
                    .seconds(11), .seconds(2), .seconds(4), .seconds(8), .seconds(31), .seconds(2),
                    .seconds(5),
                    .milliseconds(500), .seconds(41),
                ])
            #expect(await site.server.count("GET /fhir/$export") == 2)
        }
    }

    @Test func patienceEndsTheWaitingNotTheExport() async throws {
        var script = BulkSite.script
        script.retryAfter = "3000"
        script.polls = 100
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let error = await site.refusal { $0.patienceHours = 1 }
            #expect(error?.code == .patience)
            #expect(site.waits.all == [.seconds(3000)])
            #expect(try await site.states() == ["waiting"])
            await site.server.change { $0.polls = 0 }
            #expect(try await site.ingest().files.map(\.new) == [2, 2, 1])
            #expect(await site.server.count("GET /fhir/$export") == 1)
        }
    }

    /// The process dies while it waits; the next one asks for no other export.
    @Test func aCrashWhileWaitingIsCarriedOn() async throws {
        var script = BulkSite.script
        script.polls = 3
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            site.waits.kill(at: 2)
            await #expect(throws: BulkSite.Waits.Killed.self) { try await site.ingest() }
            #expect(try await site.states() == ["waiting"])
            #expect(await site.server.withdrawn == [])
            site.waits.kill(at: nil)
            // Another beginning is another export: it is not mistaken for this one.
            #expect(await site.refusal { $0.since = "2020-01-01T00:00:00Z" }?.code == .busy)
            let report = try await site.ingest()
            #expect(report.files.map(\.new) == [2, 2, 1])
            #expect(await site.server.count("GET /fhir/$export") == 1)
            #expect(try await site.states() == ["taken"])
        }
    }

    /// The process dies among the files, and the home is opened anew: what is whole is not fetched again, what is not
    /// is carried on where it broke off.
    @Test func aCrashAmongTheFilesIsCarriedOn() async throws {
        var script = BulkSite.script
        script.polls = 0
        script.cuts = ["Observation.0": [60]]
        let asked = script
        try await withTemporaryDirectory { root in
            let open = try await NodeHome.make(
                at: root + "/home", NodeFederation.organisation("RJ1"), roles: [.controller])
            try await BulkServer.with(asked) { server in
                let whole = try await crashAmongTheFiles(open, server)
                await server.clearLog()
                let node = try await open()
                let site = BulkSite(node: node, server: server)
                #expect(try await site.ingest().files.map(\.new) == [2, 2, 1])
                #expect(await server.count("GET /fhir/$export") == 0)
                #expect(await server.count("GET /files/e1/") == 3 - whole)
                let carried = await server.log.first { $0.path == "/files/e1/Observation.0" }
                #expect(carried?.headers["range"] == "bytes=60-")
                #expect(carried?.headers["if-range"] == "\"Observation.0-0\"")
                #expect(site.files() == [])
                await node.close()
            }
        }
    }

    /// - Returns: how many files are whole.
    private func crashAmongTheFiles(_ open: NodeHome.Opener, _ server: BulkServer) async throws -> Int {
        let node = try await open()
        let keyring = ClientKeyring.bulk(node.vault)
        try keyring.add(try ClientKey.generate(.es384, at: "2026-11-20T00:00:00Z"))
        let keys = try keyring.publicKeys()
        await server.change { $0.keySet = keys }
        let site = BulkSite(node: node, server: server)
        site.waits.kill(at: 1)
        await #expect(throws: BulkSite.Waits.Killed.self) { try await site.ingest() }
        #expect(try await site.states() == ["ready"])
        let left = site.files()
        #expect(left.contains("1/bulk-Observation-1.ndjson.part"))
        for file in left where file.hasSuffix(".ndjson") || file.hasSuffix(".part") {
            let path = node.home.layout.bulkDirectory + "/" + file
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        let whole = try await BulkStore(store: node.store, vault: node.vault).done(1).count
        await node.close()
        return whole
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout BulkScript) -> Void
        /// Whether the second request asks for the rest only.
        let asksForRest: Bool
    }

    @Test(arguments: [
        Broken(testDescription: "ranges", change: { _ in }, asksForRest: true),
        Broken(
            testDescription: "ranges of a compressed file", change: { $0.isCompressed = true },
            asksForRest: true),
        Broken(testDescription: "no ranges", change: { $0.hasRanges = false }, asksForRest: false),
        Broken(testDescription: "another file meanwhile", change: { $0.changes = true }, asksForRest: true),
    ])
    func aDownloadThatBreaksOffIsCarriedOn(_ broken: Broken) async throws {
        var script = BulkSite.script
        script.polls = 0
        script.cuts = ["Condition.0": [100, 40]]
        broken.change(&script)
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let report = try await site.ingest()
            #expect(report.files.map(\.new) == [2, 2, 1])
            #expect(report.notes.count == 1)
            let asked = await site.server.log.filter { $0.path == "/files/e1/Condition.0" }
            #expect(asked.count == 3)
            #expect((asked[1].headers["range"] == "bytes=100-") == broken.asksForRest)
            #expect(asked[0].headers["range"] == nil)
        }
    }

    /// A file cut off where its compression shows it, by a server that says it was whole.
    @Test func aDamagedFileIsFetchedAgain() async throws {
        var script = BulkSite.script
        script.polls = 0
        var damaged = BulkReply(200, [("content-encoding", "gzip")])
        damaged.body = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xAB]
        script.first = ["/files/e1/Condition.0": [damaged]]
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            #expect(try await site.ingest().files.map(\.new) == [2, 2, 1])
            #expect(await site.server.count("GET /files/e1/Condition.0") == 2)
        }
    }

    @Test func aPageInThePlaceOfAFileIsRefused() async throws {
        var script = BulkSite.script
        script.first = ["/files/e1/Condition.0": [BulkReply(200, [], "<html>Log in, please</html>")]]
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let error = await site.refusal()
            #expect(error?.code == .file)
            #expect(error?.description.contains("file Condition-1 of the export") == true)
            // Nothing of it is in; it can be carried on once the proxy lets the node through.
            #expect(try await site.states() == ["ready"])
            #expect(try await site.ingest().files.map(\.new) == [2, 2, 1])
        }
    }

    @Test func aCountThatDiffersIsTold() async throws {
        var script = BulkSite.script
        script.first = [
            "/files/e1/Condition.0": [BulkReply(200, [], FHIRText.condition("c1", of: "p1") + "\n")]
        ]
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let report = try await site.ingest()
            #expect(
                report.notes.contains("file Condition-1 of the export: the server counts 2 resources, 1 came")
            )
        }
    }

    /// An export that the server forgot is asked for anew, not reported to whoever runs it at night.
    @Test func aForgottenExportIsAskedForAnew() async throws {
        var script = BulkSite.script
        script.polls = 3
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            site.waits.kill(at: 1)
            await #expect(throws: BulkSite.Waits.Killed.self) { try await site.ingest() }
            site.waits.kill(at: nil)
            await site.server.change { $0.first["/jobs/e1"] = [.outcome(404, "not-found", "gone")] }
            let report = try await site.ingest()
            #expect(report.notes.first?.hasPrefix("export 1 of before could not be carried on") == true)
            #expect(report.files.map(\.new) == [2, 2, 1])
            #expect(try await site.states() == ["failed", "taken"])
        }
    }

    /// A terminal that was closed: the export stays, until somebody says that it is no longer wanted.
    @Test func interruptingLeavesTheExportUntilItIsWithdrawn() async throws {
        var script = BulkSite.script
        script.polls = 100
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let work = Task { await site.refusal() }
            site.waits.during { work.cancel() }
            #expect(await work.value?.code == .interrupted)
            site.waits.during(nil)
            #expect(try await site.states() == ["waiting"])
            #expect(await site.server.withdrawn == [])

            let command = BulkIngestCommand(base: site.server.base, clientID: BulkSite.clientID)
            #expect(try await site.node.run(.bulk(.withdraw(command))) == "export 1 is withdrawn")
            #expect(await site.server.withdrawn == ["e1"])
            #expect(try await site.states() == ["cancelled"])
            #expect(try await site.node.run(.bulk(.withdraw(command))) == "no export is under way")
        }
    }

    /// Withdrawn while a file comes: what came of it goes.
    @Test func withdrawingADownloadRemovesWhatCame() async throws {
        var script = BulkSite.script
        script.polls = 0
        script.stalls = ["Condition.0": 50]
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let work = Task { await site.refusal() }
            while site.files().allSatisfy({ !$0.hasSuffix("Condition-1.ndjson.part") }) {
                try await Task.sleep(for: .milliseconds(20))
            }
            work.cancel()
            let command = BulkIngestCommand(base: site.server.base, clientID: BulkSite.clientID)
            // It waits until what is at the export has ended.
            #expect(try await site.node.run(.bulk(.withdraw(command))) == "export 1 is withdrawn")
            #expect(await work.value?.code == .interrupted)
            #expect(await site.server.withdrawn == ["e1"])
            #expect(site.files() == [])
        }
    }

    /// Addresses that are good for a while only: the manifest is read again, what is whole is kept.
    @Test func filesWhoseAddressesExpiredAreAskedForAgain() async throws {
        var script = BulkSite.script
        script.polls = 0
        script.signsAddresses = true
        script.first = ["/files/e1/Condition.0": [BulkReply(403)]]
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let report = try await site.ingest()
            #expect(report.files.map(\.new) == [2, 2, 1])
            #expect(await site.server.count("GET /fhir/$export") == 1)
            #expect(await site.server.count("GET /jobs/e1") == 2)
            let asked = await site.server.log.filter { $0.path == "/files/e1/Condition.0" }
            #expect(asked.map { $0.query["signature"] } == ["1", "2"])
        }
    }

    /// The same address again would be the same answer: the export is given up.
    @Test func aFileThatIsGoneEndsTheExport() async throws {
        var script = BulkSite.script
        script.polls = 0
        script.first = ["/files/e1/Condition.0": [BulkReply(404)]]
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            #expect(await site.refusal()?.code == .gone)
            #expect(try await site.states() == ["failed"])
            #expect(site.files() == [])
        }
    }

    @Test func anExportIsWithdrawnByItsNumber() async throws {
        var script = BulkSite.script
        script.polls = 100
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            site.waits.kill(at: 1)
            await #expect(throws: BulkSite.Waits.Killed.self) { try await site.ingest() }
            let reply = try await site.administration().run(.cancel(id: 1)) { _, _, _, _ in }
            guard case .done(let words) = reply else { throw TestFailure(description: "not done") }
            #expect(words == "export 1 is withdrawn")
            #expect(await site.server.withdrawn == ["e1"])
            #expect(try await site.states() == ["cancelled"])
        }
    }
}
