import Catalog
import Core
import Exchange
import Foundation
import GRDB
import Policy
import Store
import TestSupport
import Testing
import Warehouse

@testable import Node

/// A list that is excluded takes effect or the question is refused: never silently nothing.
@Suite(.serialized, .postgreSQLCluster)
struct RestrictedFrameTests {
    private static let site = NodeFederation.organisation("RJ1")
    private static let name = "restricted-sexual-health"

    /// The refusal's words, or nil where the list takes effect.
    private static func refusal(_ name: String, at node: NodeContext) throws -> String? {
        let publication = try #require(try node.publications.current())
        do {
            let columns = try RestrictedFrame(context: node, publication: publication).columns(
                excluding: Obligations(excludedCodelists: ["codelist." + name]))
            #expect(columns.count == 1)
            return nil
        } catch let refusal as SiteRefusal {
            #expect(refusal.rule == "restricted")
            return refusal.words
        }
    }

    private static func warnings(_ node: NodeContext) async throws -> [String] {
        try await StatusReport(context: node, isServing: false).make().warnings
    }

    private static func people(_ root: String) throws -> String {
        try FHIRText.write(
            [
                FHIRText.patient("p1", number: FHIRText.number(1)),
                Written.event("Condition", "c1", of: "p1", ["\(Written.icd10)|A53.9"], on: "2024-01-01"),
                Written.event("Condition", "c2", of: "p1", ["\(Written.snomed)|38341003"], on: "2024-02-01"),
            ], to: root + "/people.ndjson")
        return root + "/people.ndjson"
    }

    @Test func aListThatIsNotHeldOrEmptyIsARefusal() async throws {
        try await withTemporaryDirectory { root in
            let open = try await NodeHome.make(at: root + "/node", Self.site, roles: [.controller])
            let folder = root + "/node/policies/restricted"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data("code_system,code,term\n".utf8).write(
                to: URL(filePath: folder + "/restricted-own@1.csv"))
            let node = try await open()
            _ = try await node.ingest([try Self.people(root)])
            let notHeld = { (name: String) in
                "the controller's policies exclude codelist.\(name), which it does not hold"
            }
            #expect(try Self.refusal("nowhere", at: node) == notHeld("nowhere"))
            #expect(try Self.refusal("restricted-own", at: node) == notHeld("restricted-own"))
            #expect(try Self.refusal(Self.name, at: node) == nil)
            #expect(try await Self.warnings(node).filter { $0.contains("codelist") } == [])
            await node.close()
        }
    }

    @Test func aListThatChangedWaitsForThePublication() async throws {
        try await withTemporaryDirectory { root in
            let open = try await NodeHome.make(at: root + "/node", Self.site, roles: [.controller])
            let people = try Self.people(root)
            try await Self.using(open) { node in
                _ = try await node.ingest([people])
                #expect(try Self.refusal(Self.name, at: node) == nil)
                #expect(try await Self.count(at: node, 1) == 1)
            }
            let folder = root + "/node/policies/restricted"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data("code_system,code,term\n,38341003,Hypertensive disorder\n".utf8)
                .write(to: URL(filePath: folder + "/\(Self.name)@2.csv"))
            try await Self.using(open) { node in
                #expect(
                    try Self.refusal(Self.name, at: node)
                        == "the controller's publication was made with another version of codelist.\(Self.name): "
                        + "it must run 'concordat publish'")
                let warning = try await Self.warnings(node).filter {
                    $0.hasPrefix("restricted codelists changed")
                }
                #expect(warning.count == 1)
                try await node.run(.publish)
                #expect(try Self.refusal(Self.name, at: node) == nil)
                #expect(try await Self.warnings(node).filter { $0.contains("codelist") } == [])
                // The home's list stands in the place of the shipped one.
                #expect(try await Self.count(at: node, 2) == 1)
            }
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func dataFromBeforeIsIngestedAgain(_ kind: WarehouseKind) async throws {
        try await withTemporaryDirectory { root in
            let open = try await NodeHome.make(
                at: root + "/node", Self.site, roles: [.controller], warehouse: kind)
            let people = try Self.people(root)
            try await Self.using(open) { node in
                _ = try await node.ingest([people])
                // As an earlier version left it.
                let warehouse = try #require(node.warehouse)
                try await warehouse.engine.withSession { session in
                    // It knew no views of rows either.
                    try await session.execute("DROP SCHEMA IF EXISTS whole CASCADE")
                    try await session.execute("ALTER TABLE live.condition DROP COLUMN codings")
                }
                try await node.store.write { db in try db.execute(sql: "UPDATE publication SET layout = 1") }
            }
            try await Self.using(open) { node in
                #expect(try Self.refusal(Self.name, at: node) == RestrictedFrame.oldLayout)
                #expect(try await Self.warnings(node).contains { $0.contains("made by an earlier version") })
                try await node.run(.publish)
                #expect(
                    try Self.refusal(Self.name, at: node)
                        == "the controller holds records from before all their codes were kept: "
                        + "it must ingest them again and run 'concordat publish'")
                #expect(try await Self.warnings(node).contains { $0.hasPrefix("2 rows are from before") })
                let report = try await node.ingest([people])
                #expect(report.files.reduce(0) { $0 + $1.replaced } == 2)
                try await node.run(.publish)
                #expect(try Self.refusal(Self.name, at: node) == nil)
                #expect(try await Self.count(at: node, 3) == 1)
            }
        }
    }

    private static func using(
        _ open: NodeHome.Opener, _ body: (NodeContext) async throws -> Void
    ) async throws {
        let node = try await open()
        do {
            try await body(node)
        } catch {
            await node.close()
            throw error
        }
        await node.close()
    }

    private static func count(at node: NodeContext, _ snapshot: Int) async throws -> Int {
        let frozen = try #require(try node.publications.current()).restricted.lists
        let column = try #require(frozen.first { $0.name == name }?.column)
        let rows = try await node.rows(
            "SELECT count(*) FROM snapshot_\(snapshot).condition WHERE \(column)")
        return Int(rows[0][0].number ?? -1)
    }
}
