import Core
import Exchange
import Foundation
import GRDB
import Store
import TestSupport
import Testing

@testable import Node

/// A load that fails leaves the publication serving, and marked; publications come when it is time.
@Suite(.serialized)
struct FreshnessTests {
    private static let site = NodeFederation.organisation("RJ1")

    private static func status(_ node: NodeContext) async throws -> NodeStatus {
        try await StatusReport(context: node, isServing: false).make()
    }

    /// What a source sends when the connection breaks: half of a compressed file.
    private static func writeBroken(to path: String) throws {
        let plain = path + ".whole.gz"
        try FHIRText.write(
            (0..<500).map { FHIRText.patient("q\($0)", number: FHIRText.number($0)) }, to: plain)
        let bytes = try Data(contentsOf: URL(filePath: plain))
        try bytes.prefix(bytes.count / 2).write(to: URL(filePath: path))
    }

    @Test func aFailedLoadLeavesThePublicationServingAndMarked() async throws {
        try await withTemporaryDirectory { root in
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(organisation: Self.site, role: .controller),
                ]
            ) { federation in
                try await federation.agree(.init(id: "fresh", controllers: [Self.site]))
                try await federation.fill([Self.site], patients: 40, seed: 3)
                let (asker, node) = (
                    try federation.node(NodeFederation.requester), try federation.node(Self.site)
                )
                func marks() async throws -> [Evidence.Snapshot.Mark]? {
                    let body = try await QuestionByHand(
                        "SELECT count(*) AS n FROM patient", under: "fresh", at: asker
                    ).ask(node, from: asker).body
                    #expect(body.outcome == .answered)
                    #expect(body.evidence.snapshot?.id == "1")
                    return body.evidence.snapshot?.stale
                }
                #expect(try await marks() == nil)
                #expect(try await Self.status(node).snapshot?.stale == [])

                try Self.writeBroken(to: root + "/broken.ndjson.gz")
                _ = try? await node.ingest([root + "/broken.ndjson.gz"])
                #expect(try await marks() == [.loadFailed])
                let status = try await Self.status(node)
                #expect(
                    status.snapshot?.stale == ["the last load at the site did not come to its end"])
                #expect(
                    status.warnings.contains {
                        $0.hasSuffix("failed: publication 1 is answered from and marked stale")
                    })

                // The same source, whole this time.
                _ = try await node.ingest(["\(root)/data/\(Self.site)"])
                #expect(try await marks() == nil)
                #expect(try node.loads.latest().map(\.outcome) == [.whole])
            }
        }
    }

    /// A home whose `publishEvery` is set, with one patient taken in and published.
    private func withCadence(
        _ cadence: String, _ body: (NodeHome.Opener, String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { root in
            let open = try await NodeHome.make(at: root + "/node", Self.site, roles: [.controller])
            let path = root + "/node/concordat.yaml"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("publishEvery: \"\""))
            try text.replacing("publishEvery: \"\"", with: "publishEvery: \"\(cadence)\"")
                .write(toFile: path, atomically: true, encoding: .utf8)
            try FHIRText.write([FHIRText.patient("p1", number: FHIRText.number(1))], to: root + "/p.ndjson")
            try await body(open, root)
        }
    }

    @Test func aNodePublishesWhenItIsTime() async throws {
        try await withCadence("6h") { open, root in
            let node = try await open()
            let schedule = ScheduledPublication(context: node)
            let hours: Int64 = 3_600_000
            #expect(await schedule.step(at: Clock.now + 100 * hours) == .notDue, "nothing is published yet")
            _ = try await node.ingest([root + "/p.ndjson"])
            let first = try #require(try node.publications.current())
            #expect(await schedule.step(at: first.publishedAt + 6 * hours - 1) == .notDue)
            let staleness = try Staleness(context: node)
            #expect(staleness.marks(first, at: first.publishedAt + 7 * hours) == [])
            #expect(staleness.marks(first, at: first.publishedAt + 7 * hours + 1) == [.overdue])
            #expect(await schedule.step(at: first.publishedAt + 6 * hours) == .published(2))
            #expect(try node.publications.current()?.id == 2)
            await node.close()
        }
    }

    @Test func publicationsGoOneByOne() async throws {
        try await withCadence("") { open, root in
            let node = try await open()
            _ = try await node.ingest([root + "/p.ndjson"])
            let ids = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await ControllerAdministration(context: node).publish().id }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(ids.sorted() == [2, 3, 4, 5])
            #expect(try node.publications.current()?.id == 5)
            await node.close()
        }
    }

    @Test func nothingIsPublishedByItselfAfterAFailedLoad() async throws {
        try await withCadence("5m") { open, root in
            let node = try await open()
            _ = try await node.ingest([root + "/p.ndjson"])
            try Self.writeBroken(to: root + "/broken.ndjson.gz")
            _ = try? await node.ingest([root + "/broken.ndjson.gz"])
            let schedule = ScheduledPublication(context: node)
            let later = Clock.now + 86_400_000
            #expect(await schedule.step(at: later) == .waiting)
            #expect(try node.publications.current()?.id == 1)
            _ = try await node.ingest([root + "/p.ndjson"])
            #expect(await schedule.step(at: later) == .published(2))
            await node.close()
        }
    }

    private func leaveLoad(at open: NodeHome.Opener, _ root: String) async throws {
        let node = try await open()
        _ = try await node.ingest([root + "/p.ndjson"])
        // What a process that was killed during a load leaves.
        try await node.store.write { db in
            try db.execute(sql: "INSERT INTO load (source, started_at) VALUES ('table hes-apc', 1)")
        }
        let running = try Staleness(context: node)
        #expect(running.isLoading)
        #expect(running.incomplete == [])
        await node.close()
    }

    @Test func aLoadThatItsProcessLeftIsBrokenOff() async throws {
        try await withCadence("") { open, root in
            try await leaveLoad(at: open, root)
            let node = try await open()
            let found = try Staleness(context: node)
            #expect(!found.isLoading)
            #expect(found.incomplete.map(\.source) == ["table hes-apc"])
            let publication = try #require(try node.publications.current())
            #expect(
                found.words(publication, at: Clock.now) == [
                    "the last load (table hes-apc) of 1970-01-01T00:00:00Z was broken off: "
                        + "publication 1 is answered from and marked stale"
                ])
            await node.close()
        }
    }
}
