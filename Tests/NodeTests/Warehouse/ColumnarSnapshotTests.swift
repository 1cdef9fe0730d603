import Catalog
import Core
import Exchange
import Foundation
import Store
import TestSupport
import Testing
import Warehouse

@testable import Node

/// A PostgreSQL node whose questions are run on columnar copies of its publications.
@Suite(.serialized, .postgreSQLCluster)
struct ColumnarSnapshotTests {
    private static let site = DoorSuite.first

    private func withSite(_ body: (NodeFederation, ObjectionSite) async throws -> Void) async throws {
        try await withTemporaryDirectory { root in
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(
                        organisation: Self.site, role: .controller, warehouse: .postgresql,
                        hasSnapshots: true),
                ]
            ) { federation in
                try await federation.agree(.init(id: "one", controllers: [Self.site]))
                try await federation.agree(.init(id: "two", controllers: [Self.site]))
                try await federation.fill([Self.site], patients: 120, seed: 5)
                try await body(
                    federation,
                    ObjectionSite(
                        site: try federation.node(Self.site),
                        requester: try federation.node(NodeFederation.requester), root: root))
            }
        }
    }

    private static func copies(_ node: NodeContext) -> [String] {
        let files = try? FileManager.default.contentsOfDirectory(
            atPath: node.home.layout.root + "/snapshots")
        return (files ?? []).filter { !$0.hasSuffix(".wal") }.sorted()
    }

    /// A crash between the two leaves the copy of a publication that is no more: it goes when the node is opened.
    @Test func aCopyOfNoPublicationIsRemoved() async throws {
        try await withTemporaryDirectory { root in
            let open = try await NodeHome.make(
                at: root + "/RJ1", Self.site, roles: [.controller], warehouse: .postgresql, hasSnapshots: true
            )
            let folder: String
            do {
                let node = try await open()
                folder = node.home.layout.root + "/snapshots"
                _ = try await ControllerAdministration(context: node).publish()
                #expect(Self.copies(node) == ["publication_1.duckdb"])
                await node.close()
            }
            for name in ["publication_7.duckdb", "publication_7.duckdb.wal"] {
                try Data("patients".utf8).write(to: URL(filePath: "\(folder)/\(name)"))
            }
            let node = try await open()
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            await node.close()
            #expect(left.filter { $0.contains("_7") }.isEmpty && left.contains("publication_1.duckdb"))
        }
    }

    /// Questions are run on the copy: they go on while PostgreSQL's own tables of the publication are gone.
    @Test func questionsAreRunOnTheCopyAndObjectionsReachIt() async throws {
        try await withSite { _, site in
            #expect(Self.copies(site.site) == ["publication_1.duckdb"])
            let everybody = try await site.count("one")
            #expect(everybody > 0)
            let person = try await site.somebody()
            let objection = try await site.object(person, "agreement", "one")
            #expect(try await site.count("one") == everybody - 1)
            #expect(try await site.count("two") == everybody)
            try await site.withdraw(objection)
            let warehouse = try #require(site.site.warehouse)
            try await warehouse.engine.withSession { session in
                try await session.execute("ALTER TABLE snapshot_1.patient RENAME TO hidden")
            }
            #expect(try await site.count("one", purpose: "commissioning") == everybody)
            try await warehouse.engine.withSession { session in
                try await session.execute("ALTER TABLE snapshot_1.hidden RENAME TO patient")
            }
        }
    }

    @Test func aCopyIsThePublicationRowByRowInItsOrder() async throws {
        try await withSite { _, site in
            let warehouse = try #require(site.site.warehouse)
            let copy = try await warehouse.questions(about: 1)
            #expect(copy.dialect == .duckdb)
            let tables =
                warehouse.schema.datasets.map { "snapshot_1.\($0.name)" }
                + [
                    "snapshot_1.person", "snapshot_1.consent_form", #"reference."age_band@ESP2013""#,
                    #"codelist."hypertension@1""#,
                ]
            for table in tables {
                let record = try await warehouse.engine.withSession { try await $0.query("TABLE \(table)") }
                let copied = try await copy.withSession { try await $0.query("FROM \(table)") }
                #expect(record == copied, "\(table)")
            }
        }
    }

    @Test func copiesGoWithTheirPublications() async throws {
        try await withSite { federation, site in
            for number in 2...4 {
                _ = try await ControllerAdministration(context: site.site).publish()
                #expect(
                    Self.copies(site.site) == [
                        "publication_\(number - 1).duckdb", "publication_\(number).duckdb",
                    ])
            }
            #expect(try await site.count("one") > 0)
        }
    }

    /// Killed before the copy had its name, or before the publication was recorded: the publication of before is in
    /// force, with its own copy; and the next attempt makes both.
    @Test func whatAKilledPublicationLeftIsOfNoEffect() async throws {
        try await withSite { _, site in
            let node = site.site
            let everybody = try await site.count("one")
            let directory = node.home.layout.root + "/snapshots/"
            try Data("half".utf8).write(to: URL(filePath: directory + "publication_2.duckdb.new"))
            try Data("whole, but of no publication".utf8).write(
                to: URL(filePath: directory + "publication_2.duckdb"))
            // As the node finds them when it starts again.
            let again = NodeContext.snapshots(node.home)
            #expect(Self.copies(node) == ["publication_1.duckdb", "publication_2.duckdb"])
            #expect(again.has(1))
            #expect(try await site.count("one", purpose: "commissioning") == everybody)
            _ = try await ControllerAdministration(context: node).publish()
            #expect(Self.copies(node) == ["publication_1.duckdb", "publication_2.duckdb"])
            #expect(try await site.count("two") == everybody)
        }
    }

    @Test func aCopyThatCannotBeMadeLeavesThePublicationOfBefore() async throws {
        try await withSite { _, site in
            let node = site.site
            let everybody = try await site.count("one")
            // Its name is taken by something that no file replaces.
            let taken = node.home.layout.root + "/snapshots/publication_2.duckdb/in-the-way"
            try FileManager.default.createDirectory(atPath: taken, withIntermediateDirectories: true)
            await #expect(throws: NodeError.self) {
                _ = try await ControllerAdministration(context: node).publish()
            }
            #expect(try node.publications.current()?.id == 1)
            #expect(try await site.count("one", purpose: "commissioning") == everybody)
            try FileManager.default.removeItem(atPath: URL(filePath: taken).deletingLastPathComponent().path)
            #expect(try await ControllerAdministration(context: node).publish().id == 2)
            #expect(try await site.count("two") == everybody)
        }
    }

    @Test func referenceTablesFollowTheNodes() async throws {
        try await withSite { _, site in
            let warehouse = try #require(site.site.warehouse)
            func there() async throws -> Value {
                let engine = try await warehouse.questions(about: 1)
                return try await engine.withSession {
                    try await $0.query(
                        """
                        SELECT count(*) AS n FROM information_schema.tables
                        WHERE table_schema = 'reference' AND table_name = 'loaded@1'
                        """)
                }.row(0)[0]
            }
            #expect(try await there() == .integer(0))
            try await warehouse.engine.withSession {
                try await $0.execute("CREATE TABLE reference.\"loaded@1\" AS SELECT 1 AS a")
            }
            #expect(try await there() == .integer(1))
            #expect(try await site.count("one") > 0)
        }
    }
}
