import Core
import Foundation
import TestSupport
import Testing

@testable import Node

/// Records that no dataset can hold whole are taken in, marked, counted and listed.
@Suite(.postgreSQLCluster) struct DegradedTests {
    @Test(arguments: WarehouseKind.allCases)
    func whatCannotBeHeldIsMarked(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            func resource(_ type: String, _ id: String, _ rest: String) -> String {
                #"{"resourceType":"\#(type)","id":"\#(id)","subject":{"reference":"Patient/p1"},\#(rest)}"#
            }
            let code = #""code":{"coding":[{"system":"http://snomed.info/sct","code":"60621009"}]}"#
            let extensions = #""modifierExtension":[{"url":"urn:x","valueBoolean":true}]"#
            let part = #"{"code":{"text":"x"},"valueQuantity":{"value":1,"unit":"mm"}}"#
            let lines = [
                FHIRText.patient("p1", number: FHIRText.number(1)), FHIRText.condition("whole", of: "p1"),
                FHIRText.observation("measured", of: "p1", value: "27"),
                resource("Condition", "text", #""code":{"text":"High blood pressure"}"#),
                // What is set aside is not in, and not counted as degraded.
                resource("Condition", "lost", #""code":{"text":"x"}"#).replacing("p1", with: "nobody"),
                resource("Condition", "modified", "\(code),\(extensions)"),
                resource("Observation", "string", #"\#(code),"status":"final","valueString":"raised""#),
                resource("Observation", "parts", #"\#(code),"status":"final","component":[\#(part)]"#),
            ]
            try FHIRText.write(lines, to: folder + "/in.ndjson")
            let report = try await node.ingest([folder])
            #expect(report.addsUp && report.files.reduce(0) { $0 + $1.setAside } == 1)
            let counts = Dictionary(uniqueKeysWithValues: report.files.map { ($0.dataset, $0.degraded) })
            #expect(counts == ["patient": 0, "condition": 2, "observation": 2])
            let runner = CommandRunner(context: node, isServing: false)
            guard
                case .listing(_, let rows) = await runner.run(
                    .quarantineDegraded(entries: true), progress: { _, _, _, _ in })
            else {
                Issue.record("no listing")
                return
            }
            #expect(
                rows == [
                    ["condition", "modified", "modified"], ["condition", "text", "no-code"],
                    ["observation", "parts", "part-without-code"],
                    ["observation", "string", "value-not-held"],
                ])
            // Corrected at its source, it is whole.
            try FHIRText.write([FHIRText.condition("text", of: "p1")], to: folder + "/in.ndjson")
            _ = try await node.ingest([folder])
            let left = try await node.rows("SELECT resource_id FROM live.condition WHERE degraded <> ''")
            #expect(left == [[.text("modified")]])
        }
    }
}
