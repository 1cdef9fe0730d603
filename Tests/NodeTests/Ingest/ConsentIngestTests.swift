import Catalog
import Core
import Foundation
import Store
import TestSupport
import Testing

@testable import Node

/// Consents come in as data do: newest version of each, deleted when deleted, set aside with reasons.
@Suite(.serialized, .postgreSQLCluster)
struct ConsentIngestTests {
    private typealias F = FHIRText

    @Test(arguments: WarehouseKind.allCases)
    func consentsAreKeptByVersion(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let path = folder + "/all.ndjson"
            try F.write(
                [
                    F.consent("c1", of: "p1", base: "OPTIN", version: 1),
                    F.consent("c2", of: "p2", base: "OPTIN", version: 1),
                    F.patient("p1", number: F.number(1)), F.patient("p2"),
                    F.consent("c3", of: "nobody"),
                    #"{"resourceType":"Consent","id":"c4","status":"perhaps","patient":{"reference":"Patient/p1"}}"#,
                ], to: path)
            let first = try await node.ingest([path])
            #expect(
                first.files == [
                    IngestSite.file(
                        "all.ndjson", "consent", new: 2,
                        ["unknown-reference": 1, "consent-status-unknown": 1]),
                    IngestSite.file("all.ndjson", "patient", new: 2),
                ])
            #expect(
                try await node.quarantine() == [
                    .init(file: "all.ndjson", reasons: "unknown-reference", count: 1),
                    .init(file: "all.ndjson", reasons: "consent-status-unknown", count: 1),
                ])
            #expect(try await node.ingest([path]).files.map(\.unchanged) == [2, 2])
            // People who signed the same form share its terms.
            #expect(try await node.rows("SELECT count(*) FROM snapshot_1.consent_form")[0][0] == .integer(1))
            #expect(try await node.rows("SELECT count(*) FROM snapshot_1.consent")[0][0] == .integer(2))

            try F.write([F.consent("c1", of: "p1", base: "OPTOUT", version: 2)], to: path)
            #expect(try await node.ingest([path]).files.map(\.replaced) == [1])
            try F.write([F.consent("c1", of: "p1", base: "OPTIN", version: 1)], to: path)
            #expect(try await node.ingest([path]).files.map(\.superseded) == [1])
            let terms = try await node.rows("SELECT terms, body FROM live.consent WHERE resource_id = 'c1'")
            #expect(terms.count == 1)
            #expect(terms[0][0].text.contains("OPTOUT"))
            #expect(terms[0][1].text.contains("Patient/p1"))

            let bundle = folder + "/deletion.json"
            try IngestSite.write(
                #"{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Consent/c1"}}]}"#,
                to: bundle)
            #expect(try await node.ingest([bundle]).files.map(\.deleted) == [1])
            try await node.run(.publish)
            #expect(try await node.rows("SELECT count(*) FROM snapshot_2.consent")[0][0] == .integer(1))
        }
    }

    /// A question cannot name what is kept of consents.
    @Test func consentsAreNoDataset() async throws {
        let door = NodeFederation.organisation("RJ1")
        try await withTemporaryDirectory { root in
            try await NodeHome.with(door, at: root + "/home") { node in
                #expect(node.catalog.datasets["consent"] == nil)
                for table in ["consent", "consent_form", "study_consent"] {
                    await #expect(throws: (any Error).self) {
                        try await node.run(.explain(sql: "SELECT count(*) FROM \(table)", json: false))
                    }
                }
            }
        }
    }
}
