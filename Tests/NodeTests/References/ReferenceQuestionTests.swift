import Audit
import Catalog
import Core
import Exchange
import Foundation
import Store
import TestSupport
import Testing

@testable import Node

/// From what is loaded while the nodes run to what a site releases, on both engines.
@Suite(.serialized, .postgreSQLCluster) struct ReferenceQuestionTests {
    private static let site = DoorSuite.first
    private static let hypertension =
        "SELECT count(*) AS n FROM condition WHERE descends_from(code, 38341003)"
    /// Four conditions: three kinds of hypertension, one of them by a code of the UK's module, and diabetes.
    private static let codes = ["38341003", "1201005", "1066911000000100", "44054006", "not a number"]

    /// A requester and a site with one person of each code.
    private func federation(
        _ kind: WarehouseKind, _ body: (NodeFederation, NodeContext, NodeContext, String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { root in
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(organisation: Self.site, role: .controller, warehouse: kind),
                ]
            ) { federation in
                try await federation.agree(.init(id: "lists", controllers: [Self.site]))
                let lines = Self.codes.enumerated().flatMap { place, code in
                    [
                        FHIRText.patient("p\(place)", number: FHIRText.number(place)),
                        FHIRText.condition("c\(place)", of: "p\(place)", code: code),
                    ]
                }
                try FHIRText.write(lines, to: root + "/people.ndjson")
                let site = try federation.node(Self.site)
                _ = try await site.ingest([root + "/people.ndjson"])
                try await body(federation, try federation.node(NodeFederation.requester), site, root)
            }
        }
    }

    private func ask(_ sql: String, _ site: NodeContext, from requester: NodeContext) async throws
        -> QueryResult
    {
        var question = try await QuestionByHand(sql, under: "lists", at: requester)
        question.nameReferences(of: requester)
        return try await question.ask(site, from: requester).body
    }

    private func count(_ sql: String, _ site: NodeContext, from requester: NodeContext) async throws -> Int64?
    {
        let result = try await ask(sql, site, from: requester)
        #expect(result.outcome == .answered, "\(sql): \(result.refusal?.words ?? "")")
        return result.releases.first??.block.aggregates.first?.rows.first ?? nil
    }

    private func loadSnomed(_ folder: String, at node: NodeContext) async throws -> String {
        try await node.run(
            .reference(.load(.init(.snomed, paths: [folder], version: nil, origin: .init()))))
    }

    @Test(arguments: WarehouseKind.allCases)
    func whatLiesBelowAConceptIsCounted(kind: WarehouseKind) async throws {
        try await federation(kind) { _, requester, site, root in
            try MiniatureRelease.snomed(at: root + "/release")
            let before = try await ask(Self.hypertension, site, from: requester)
            #expect(before.refusal?.words == "no terminology release is loaded at this node")
            #expect(before.refusal?.rule == "catalog")

            let said = try await loadSnomed(root + "/release", at: requester)
            #expect(said.hasPrefix("terminology.snomed@20260401: 8 concepts, 7 ties, 26 pairs"))
            _ = try await loadSnomed(root + "/release", at: site)
            #expect(try await count(Self.hypertension, site, from: requester) == 3)
            for (sql, expected) in [
                ("SELECT count(*) AS n FROM condition WHERE descends_from(code, '404684003', 'snomed')", 4),
                ("SELECT count(*) AS n FROM condition WHERE NOT descends_from(code, 38341003)", 2),
                ("SELECT count(*) FILTER (WHERE descends_from(code, 59621000)) AS n FROM condition", 1),
                ("SELECT count(DISTINCT person) AS n FROM condition WHERE descends_from(code, 38341003)", 3),
                (
                    """
                    SELECT count(*) AS n FROM patient p WHERE EXISTS (SELECT 1 FROM condition c
                    WHERE c.person = p.person AND descends_from(c.code, 38341003))
                    """, 3
                ),
                (
                    """
                    SELECT sum(CASE WHEN descends_from(code, 38341003, 'snomed@20260401') THEN 1 ELSE 0 END) AS n
                    FROM condition WHERE NOT descends_from(code, 73211009)
                    """, 4
                ),
            ] as [(String, Int64)] {
                #expect(try await count(sql, site, from: requester) == expected, "\(sql)")
            }
        }
    }

    /// The same release again is nothing new; another under its name and version is refused, at home and at a site.
    @Test func releasesMustBeTheSame() async throws {
        try await federation(.duckdb) { _, requester, site, root in
            try MiniatureRelease.snomed(at: root + "/release")
            try MiniatureRelease.snomed(at: root + "/other", endsDiabetes: true)
            _ = try await loadSnomed(root + "/release", at: requester)
            #expect(
                try await loadSnomed(root + "/release", at: requester)
                    == "terminology.snomed@20260401 is there already, with the same content")
            await #expect(throws: TestFailure.self) { try await loadSnomed(root + "/other", at: requester) }
            _ = try await loadSnomed(root + "/other", at: site)
            let refused = try await ask(Self.hypertension, site, from: requester)
            #expect(
                refused.refusal?.words
                    == "requester and controller hold different terminology.snomed@20260401: both must load the same "
                    + "release or list")
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func aListIsInForceAtOnceAndEachVersionStays(kind: WarehouseKind) async throws {
        try await federation(kind) { _, requester, site, root in
            func add(_ text: String, _ version: String, at nodes: [NodeContext]) async throws {
                let file = "\(root)/\(version).csv"
                try text.write(toFile: file, atomically: true, encoding: .utf8)
                for node in nodes {
                    try await node.run(
                        .reference(
                            .addCodelist(
                                path: file, name: "high-pressure", version: version,
                                origin: .init(asAt: "2026-0\(version)-01", licence: "OGL v3"))))
                }
            }
            let newest = "SELECT count(*) AS n FROM condition WHERE in_codelist(code, 'high-pressure')"
            try await add("code,term\n38341003,One\n", "1", at: [requester, site])
            #expect(try await count(newest, site, from: requester) == 1)
            // A list that only the requester holds is refused, by its name.
            try await add("code,term\n38341003,One\n1201005,Two\n", "2", at: [requester])
            #expect(
                try await ask(
                    "SELECT count(*) AS n FROM condition WHERE in_codelist(code, 'high-pressure@2')", site,
                    from: requester
                ).refusal?.words == "codelist \"high-pressure@2\" does not exist")
            try await add("code,term\n38341003,One\n1201005,Two\n", "2", at: [site])
            #expect(try await count(newest, site, from: requester) == 2)
            for (version, expected) in [("1", Int64(1)), ("2", 2)] {
                let named = "in_codelist(code, 'high-pressure@\(version)')"
                #expect(
                    try await count(
                        "SELECT count(*) AS n FROM condition WHERE \(named)", site, from: requester)
                        == expected)
                let joined =
                    "SELECT count(*) AS n FROM condition c JOIN codelist.\"high-pressure@\(version)\" l USING (code)"
                #expect(try await count(joined, site, from: requester) == expected)
            }
            await #expect(throws: TestFailure.self) { try await add("code,term\n1,Other\n", "2", at: [site]) }
            // The decision's record names the list and its digest: that is what the controller sees of it.
            let names = try site.records().compactMap { $0.details["tables"] }
            let digest = try #require(site.referenceDigest("codelist.high-pressure@2"))
            #expect(names.contains("codelist.high-pressure@2 \(digest)"), "\(names)")
            // Who was counted with it is still to be settled.
            await #expect(throws: TestFailure.self) {
                try await site.run(.reference(.remove(.codelist, name: "high-pressure@2")))
            }
            for _ in 0..<2 { try await site.run(.publish) }
            try await site.run(.reference(.remove(.codelist, name: "high-pressure@2")))
            #expect(site.catalog.versions(.codelist, "high-pressure") == ["1"])
        }
    }

    /// What was loaded is there when the node is opened again, and a terminology that changed on disk keeps it shut.
    @Test func whatWasLoadedOutlivesTheNode() async throws {
        try await withTemporaryDirectory { root in
            try MiniatureRelease.snomed(at: root + "/release")
            let open = try await NodeHome.make(at: root + "/node", Self.site, roles: [.controller])
            let digest = try await reopened(open) { node in
                _ = try await loadSnomed(root + "/release", at: node)
                return node.referenceDigest("terminology.snomed")
            }
            #expect(digest != nil)
            #expect(try await reopened(open) { $0.referenceDigest("terminology.snomed") } == digest)
            let file = root + "/node/terminologies/snomed@20260401.ctx"
            var bytes = try Data(contentsOf: URL(filePath: file))
            bytes[bytes.count - 1] ^= 1
            try bytes.write(to: URL(filePath: file))
            await #expect(throws: CatalogFault.self) { try await reopened(open) { _ in } }
        }
    }

    private func reopened<T>(
        _ open: NodeHome.Opener, _ body: (NodeContext) async throws -> T
    ) async throws -> T {
        let node = try await open()
        let result = try await body(node)
        await node.close()
        return result
    }

    @Test func aRestrictedListsNameIsNotAnAnalysts() async throws {
        try await withTemporaryDirectory { root in
            try await NodeHome.with(Self.site, at: root + "/node") { node in
                func add(_ name: String) async throws -> String {
                    try await node.run(
                        .reference(
                            .addCodelist(path: root + "/l.csv", name: name, version: "1", origin: .init())))
                }
                let restricted = try #require(node.catalog.table(.codelist, "restricted-sexual-health"))
                let code = restricted.rows.row(0)[0].text
                try "code,term\n\(code),A\n73211009,B\n".write(
                    toFile: root + "/l.csv", atomically: true, encoding: .utf8)
                await #expect(throws: TestFailure.self) { try await add("restricted-sexual-health") }
                let said = try await add("mine")
                #expect(said.contains("note: 1 of its codes are on restricted-sexual-health"))
            }
        }
    }
}
