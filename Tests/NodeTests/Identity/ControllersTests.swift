import Core
import Foundation
import Store
import TestSupport
import Testing

@testable import Node

/// Several controllers on one node: what is of one is never of another, whatever ids and numbers they share.
@Suite(.postgreSQLCluster) struct ControllersTests {
    private typealias F = FHIRText
    private static let (own, other) = (NodeFederation.organisation("RJ1"), NodeFederation.organisation("RAX"))

    private func with(
        _ kind: WarehouseKind, _ body: (NodeContext, String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { root in
            let folder = root + "/input"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let open = try await NodeHome.make(
                at: root + "/node", Self.own, roles: [.controller], warehouse: kind)
            let path = root + "/node/concordat.yaml"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try text.replacing("hostedControllers: \"\"", with: "hostedControllers: \"RAX\"")
                .write(toFile: path, atomically: true, encoding: .utf8)
            let node = try await open()
            do { try await body(node, folder) } catch {
                await node.close()
                throw error
            }
            await node.close()
        }
    }

    private func take(
        _ node: NodeContext, _ lines: [String], of controller: OrganisationCode? = nil, _ folder: String
    ) async throws -> IngestReport {
        try F.write(lines, to: folder + "/in.ndjson")
        return try await ControllerAdministration(context: node, controller: controller)
            .ingest([folder + "/in.ndjson"]) { _, _, _, _ in }
    }

    /// Controller, patient and person of each condition.
    private func conditions(_ node: NodeContext) async throws -> [[String]] {
        try await node.rows(
            """
            SELECT d.controller, d.resource_id, p.person FROM live.condition d
            JOIN live.person p ON p.person_id = d.person_id ORDER BY 1, 2
            """
        ).map { $0.map(\.text) }
    }

    @Test(arguments: WarehouseKind.allCases)
    func theSameIdsOfTwoControllersNeverMeet(_ kind: WarehouseKind) async throws {
        try await with(kind) { node, folder in
            let (a, b) = (F.number(1), F.number(2))
            let hosted = try await take(
                node, [F.patient("p1", number: b), F.condition("c1", of: "p1"), F.condition("c2", of: "p9")],
                of: Self.other, folder)
            // What is another's is not published, whether or not anything is.
            #expect(hosted.published == nil && hosted.people == 1)
            let first = try await take(
                node, [F.patient("p1", number: a), F.condition("c1", of: "p1"), F.condition("c3", of: "p8")],
                folder)
            #expect(first.people == 1 && first.files.reduce(0) { $0 + $1.new } == 2)
            #expect(try await conditions(node) == [["RAX", "c1", b], ["RJ1", "c1", a]])

            // Quarantines are apart, and each retry sees its own patients only.
            #expect(try node.quarantined().map(\.reasons) == [["unknown-reference"]])
            _ = try await take(node, [F.patient("p9", number: a), F.patient("p8")], of: Self.other, folder)
            #expect(try await node.retry().files.allSatisfy { $0.new == 0 })
            #expect(try await node.retry(of: Self.other).files.reduce(0) { $0 + $1.new } == 1)
            #expect(
                try await conditions(node) == [["RAX", "c1", b], ["RAX", "c2", a], ["RJ1", "c1", a]])
            #expect(try node.quarantined().count == 1)

            // A publication, a list and a letter are of the node's own organisation.
            let publication = try await ControllerAdministration(context: node).publish()
            #expect(publication.people == 1 && publication.rows["condition"] == 1)
            #expect(publication.rows["patient"] == 1)
            let warehouse = try #require(node.warehouse)
            let asked = try await warehouse.export(
                .nationalDataOptOut, to: folder + "/asked.csv")
            #expect(asked.count == 1)
            let records = PersonRecords(warehouse: warehouse, number: try #require(NHSNumber(a)))
            let person = try #require(try await records.personID())
            #expect(try await records.holdings(person).map(\.records) == [1, 1])
            #expect(try await records.localIdentifiers(person) == ["p1"])
            let stranger = PersonRecords(warehouse: warehouse, number: try #require(NHSNumber(b)))
            #expect(try await stranger.personID() == nil)

            // Deletions delete one's own.
            try IngestSite.write(
                BundleText.bundle("transaction", [], deletes: ["Patient/p1", "Condition/c1"]),
                to: folder + "/d.json")
            _ = try await ControllerAdministration(context: node, controller: Self.other)
                .ingest([folder + "/d.json"]) { _, _, _, _ in }
            #expect(try await conditions(node) == [["RAX", "c2", a], ["RJ1", "c1", a]])
            #expect(try await ControllerAdministration(context: node).publish().rows["condition"] == 1)
        }
    }

    /// An episode of another controller's restricts nothing here; moves, quarantine and loads are each one's own.
    @Test(arguments: WarehouseKind.allCases)
    func whatIsKnownOfOneSaysNothingOfTheOther(_ kind: WarehouseKind) async throws {
        try await with(kind) { node, folder in
            let (a, b) = (F.number(1), F.number(2))
            // On the same day, of the same person: syphilis in the hosted data.
            _ = try await take(
                node,
                [
                    F.patient("p1", number: a, version: 1),
                    F.condition("c1", of: "p1", code: "A50").replacing(
                        "http://snomed.info/sct", with: "http://hl7.org/fhir/sid/icd-10"),
                    F.condition("lost", of: "nobody"),
                ], of: Self.other, folder)
            _ = try await take(node, [F.patient("p1", number: a), F.condition("c1", of: "p1")], folder)
            let publication = try await ControllerAdministration(context: node).publish()
            let columns = publication.restricted.lists.map(\.column)
            #expect(!columns.isEmpty)
            for column in columns {
                let marked = try await node.rows(
                    "SELECT count(*) AS n FROM \(publication.schema).condition WHERE \(column)")
                #expect(marked == [[.integer(0)]])
            }

            // The hosted controller corrects a number: nobody of ours has moved.
            _ = try await take(node, [F.patient("p1", number: b, version: 2)], of: Self.other, folder)
            #expect(
                try await node.rows("SELECT DISTINCT controller FROM live.renumbered") == [[.text("RAX")]])
            func report(_ controller: OrganisationCode) async throws -> QualityReport {
                let json = try await node.run(.quality(QualityRequest(controller: controller.text)))
                return try JSONDecoder().decode(QualityReport.self, from: Data(json.utf8))
            }
            let (ours, theirs) = (try await report(Self.own), try await report(Self.other))
            #expect(ours.people.renumbered == 0 && theirs.people.renumbered == 1)
            #expect(ours.quarantine.isEmpty)
            #expect(
                theirs.quarantine == [
                    .init(dataset: "condition", reason: "unknown-reference", records: 1)
                ])
            #expect(ours.loads.lastPublication != nil && ours.loads.lastLoad != nil)
            #expect(theirs.loads.lastPublication == nil && theirs.loads.lastLoad != nil)
            #expect(try node.loads.latest().count == 1)
            #expect(try node.loads.latest(of: Self.other).map(\.outcome) == [.whole])
        }
    }

    @Test func aControllerThatIsNotNamedIsRefused() async throws {
        try await with(.duckdb) { node, folder in
            let stranger = NodeFederation.organisation("RYJ")
            await #expect {
                _ = try await take(node, [F.patient("p1")], of: stranger, folder)
            } throws: { "\($0)".contains("this node keeps no data of RYJ") }
            let runner = CommandRunner(context: node, isServing: false)
            let reply = await runner.run(.hosted(controller: Self.other, .publish)) { _, _, _, _ in }
            guard case .failed(let words) = reply else {
                Issue.record("published for another controller")
                return
            }
            #expect(words.contains("about RJ1 alone"))
            let patients = try await node.rows("SELECT count(*) FROM live.patient")
            #expect(patients == [[.integer(0)]])
        }
    }
}
