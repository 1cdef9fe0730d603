import Audit
import Core
import Foundation
import Store
import TestSupport
import Testing

@testable import Node

/// What a person is told is what is held and what was done, in both engines, and nothing of anybody else.
@Suite(.serialized, .postgreSQLCluster)
struct PersonReportTests {
    private static let number = FHIRText.number(60_001)

    @Test(arguments: WarehouseKind.allCases)
    func theReportIsTheWarehousesAndTheLedgers(_ warehouse: WarehouseKind) async throws {
        try await withTemporaryDirectory { root in
            let site = DoorSuite.first
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(organisation: site, role: .controller, warehouse: warehouse),
                ]
            ) { federation in
                try await federation.agree(.init(id: "one", controllers: [site]))
                let node = try federation.node(site)
                let asked = ObjectionSite(
                    site: node, requester: try federation.node(NodeFederation.requester), root: root)
                _ = try await node.ingest([try files(root)])
                let ill = "SELECT count(*) AS n FROM condition WHERE code = '44054006'"
                #expect(try await asked.count("one") == 2)
                #expect(try await asked.count("one", ill) == 1)
                try await asked.object(Self.number, "all", nil, "declined")
                let log = try LogWatch(node)
                let json = try await node.run(
                    .people(.report(number: Self.number, format: .json, records: true)))
                #expect(
                    try log.records.map(\.details) == [
                        ["act": "person-report", "format": "json", "records": "yes"]
                    ])
                let report = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
                check(try #require(report))
                try await isToldAfterACorrection(node, root)
                // Nothing of the other patient.
                #expect(!json.contains("p2") && !json.contains("44054006") && !json.contains("1999"))
            }
        }
    }

    /// What was counted under a wrong number is told under the right one.
    private func isToldAfterACorrection(_ node: NodeContext, _ root: String) async throws {
        let right = FHIRText.number(60_003)
        let path = root + "/corrected.ndjson"
        try FHIRText.write([FHIRText.patient("p1", number: right, version: 2)], to: path)
        _ = try await node.ingest([path])
        let json = try await node.run(.people(.report(number: right, format: .json, records: false)))
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let releases = report["releases"] as? [[String: Any]] ?? []
        #expect(releases.map { $0["isCertain"] as? Bool } == [false])
        #expect((report["holdings"] as? [Any])?.count == 3)
    }

    /// Two patients; what is asked about the second's condition is not about the first. One record cannot be read in.
    private func files(_ root: String) throws -> String {
        let folder = root + "/fhir"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FHIRText.write(
            [
                FHIRText.patient("p1", number: Self.number),
                FHIRText.patient("p2", number: FHIRText.number(60_002)),
            ], to: folder + "/Patient.ndjson")
        try FHIRText.write(
            [
                FHIRText.condition("c1", of: "p1", onset: "2019-05-06"),
                FHIRText.condition("c2", of: "p1", onset: "2021-07-08"),
                FHIRText.condition("c3", of: "p2", code: "44054006", onset: "1999-01-02"),
            ], to: folder + "/Condition.ndjson")
        try FHIRText.write(
            [
                FHIRText.observation("o1", of: "p1", value: "31.5"),
                FHIRText.observation("o2", of: "p1", value: "900"),
            ],
            to: folder + "/Observation.ndjson")
        return folder
    }

    private func check(_ report: [String: Any]) {
        func objects(_ key: String) -> [[String: Any]] { report[key] as? [[String: Any]] ?? [] }
        #expect(report["nhsNumber"] as? String == Self.number)
        #expect(report["localIdentifiers"] as? [String] == ["p1"])
        #expect(report["setAside"] as? Int == 1)
        #expect(report["inPublicationOf"] as? String == report["madeOn"] as? String)
        let holdings = objects("holdings").map {
            "\($0["dataset"] ?? "") \($0["records"] ?? "") \($0["earliest"] ?? "-") \($0["latest"] ?? "-")"
        }
        #expect(
            holdings == [
                "condition 2 2019-05-06 2021-07-08", "observation 1 2021-03-04 2021-03-04", "patient 1 - -",
            ])
        #expect(objects("objections").map { $0["decision"] as? String } == ["declined"])
        #expect(objects("uses").map { $0["agreement"] as? String } == ["one"])
        #expect(objects("uses").map { $0["isObjectedTo"] as? Bool } == [false])
        // Counted among all patients, not among those with the second patient's condition.
        #expect(
            objects("releases").map { $0["question"] as? String } == [
                "How many records there are, from patient"
            ])
        #expect(objects("optOuts").allSatisfy { $0["listedOn"] == nil })
        let conditions = objects("records").first { $0["dataset"] as? String == "condition" }
        let (columns, rows) = (
            conditions?["columns"] as? [String] ?? [], conditions?["rows"] as? [[String]] ?? []
        )
        let onset = columns.firstIndex(of: "onset_date") ?? 0
        #expect(rows.map { $0.isEmpty ? "" : $0[onset] } == ["2019-05-06", "2021-07-08"])
    }

    @Test func lettersEscapeWhatIsWrittenInThem() {
        let letter = Letter(
            sender: ["A & B"], date: "1 May 2026", subject: "S", mark: "",
            opening: [String(repeating: "word ", count: 40)],
            sections: [
                .init(
                    title: "T",
                    parts: [
                        .list(["<b>one</b>"]), .table(columns: ["Column"], rows: [["\"x\" 'y'"], [""]]),
                    ])
            ], closing: ["End"])
        #expect(letter.page.contains("<li>&lt;b&gt;one&lt;/b&gt;</li>"))
        #expect(letter.page.contains("<td>&quot;x&quot; &#39;y&#39;</td>"))
        #expect(letter.text.contains("1. T\n----\n\n- <b>one</b>\n\n  Column: \"x\" 'y'\n"))
        #expect(letter.text.split(separator: "\n").allSatisfy { $0.count <= 78 })
    }
}
