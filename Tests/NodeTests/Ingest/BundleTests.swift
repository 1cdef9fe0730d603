import Core
import Foundation
import TestSupport
import Testing

@testable import Node

/// Files of every kind, the same on both engines.
@Suite(.serialized, .postgreSQLCluster)
struct BundleTests {
    private typealias F = FHIRText

    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let isPretty: Bool
        /// What refers to a patient stands before the patient.
        let type: String

        static let all = [
            Sample(testDescription: "collection", isPretty: false, type: "collection"),
            Sample(testDescription: "searchset, pretty-printed", isPretty: true, type: "searchset"),
            Sample(testDescription: "transaction", isPretty: false, type: "transaction"),
        ]
    }

    @Test(arguments: WarehouseKind.allCases, Sample.all)
    func aBundleIsTakenWhateverItsOrder(_ kind: WarehouseKind, _ sample: Sample) async throws {
        try await IngestSite.with(kind) { node, folder in
            let bundle = BundleText.bundle(
                sample.type,
                [
                    F.condition("c1", of: "p1"), F.observation("o1", of: "p1", value: "24.5"),
                    F.patient("p1", number: F.number(1)), F.condition("c2", of: "nobody"),
                    #"{"resourceType":"Organization","id":"g1"}"#,
                ])
            let path = folder + "/bundle.json"
            try IngestSite.write(sample.isPretty ? try BundleText.pretty(bundle) : bundle, to: path)
            let report = try await node.ingest([path])
            #expect(
                report.files == [
                    IngestSite.file("bundle.json", "condition", new: 1, ["unknown-reference": 1]),
                    IngestSite.file("bundle.json", "observation", new: 1),
                    IngestSite.file("bundle.json", "patient", new: 1),
                ])
            #expect(report.passedOver == ["Organization": 1])
            let kept = try node.quarantined()
            #expect(kept.map(\.position) == ["entry[3]"])
            #expect(kept.map(\.reasons) == [["unknown-reference"]])
            #expect(kept.first?.bytes.map { String(decoding: $0, as: UTF8.self).contains("nobody") } == true)
            // The same input again changes nothing.
            let again = try await node.ingest([path])
            #expect(again.files.map(\.unchanged) == [1, 1, 1])
            #expect(try node.quarantined() == kept)
        }
    }

    /// The patient stands in a later file of the same run.
    @Test(arguments: WarehouseKind.allCases)
    func aPatientMayComeInALaterFile(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            try IngestSite.write(
                BundleText.bundle("collection", [F.condition("c1", of: "p1")]), to: folder + "/a.json")
            try IngestSite.write(
                BundleText.bundle("collection", [F.patient("p1", number: F.number(1))]),
                to: folder + "/b.json")
            let report = try await node.ingest([folder])
            #expect(
                report.files == [
                    IngestSite.file("a.json", "condition", new: 1),
                    IngestSite.file("b.json", "patient", new: 1),
                ])
            #expect(try node.quarantined().isEmpty)
        }
    }

    /// What waits for its patient must not come in over a later version that did not have to.
    @Test(arguments: WarehouseKind.allCases)
    func aVersionThatWaitedDoesNotOvertake(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            try F.write([F.patient("p2", number: F.number(2))], to: folder + "/Patient.ndjson")
            try IngestSite.write(
                [
                    BundleText.bundle("collection", [F.condition("c1", of: "p1", code: "1")]),
                    BundleText.bundle("collection", [F.condition("c1", of: "p2", code: "2")]),
                    BundleText.bundle("collection", [F.patient("p1", number: F.number(1))]),
                ].joined(separator: "\n"), to: folder + "/bundles.ndjson")
            let report = try await node.ingest([folder])
            #expect(report.addsUp)
            let codes = try await node.rows("SELECT code FROM live.condition")
            #expect(codes == [[.text("2")]])
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func deletionsDelete(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            try F.write(
                [F.patient("p1", number: F.number(1)), F.patient("p2", number: F.number(2))],
                to: folder + "/Patient.ndjson")
            try F.write(
                [F.condition("c1", of: "p1"), F.condition("c2", of: "p1"), F.condition("c3", of: "p2")],
                to: folder + "/Condition.ndjson")
            _ = try await node.ingest([folder])
            let path = folder + "/changes.json"
            try IngestSite.write(
                BundleText.bundle(
                    "transaction", [F.condition("c4", of: "p1")],
                    deletes: [
                        "Condition/c1", "https://a.example/fhir/Condition/c2/_history/3", "Condition/c9",
                        "Patient/p2", "Patient?name=x", "Organization/g1",
                    ]), to: path)
            let report = try await node.ingest([path])
            #expect(
                report.files == [
                    IngestSite.file("changes.json", "condition", new: 1, unchanged: 1, deleted: 2),
                    IngestSite.file("changes.json", "patient", deleted: 1, ["conditional-delete": 1]),
                ])
            #expect(report.passedOver == ["Organization": 1])
            #expect(try await node.ids("condition") == ["c3", "c4"])
            #expect(try await node.ids("patient") == ["p1"])
            // What refers to a patient who is deleted is in no publication.
            try await node.run(.publish)
            #expect(try await node.rows("SELECT count(*) FROM snapshot_2.condition") == [[.integer(1)]])
            // Again: nothing is left to delete.
            let again = try await node.ingest([path])
            #expect(again.files.map(\.deleted) == [0, 0])
            #expect(again.addsUp)
            #expect(try node.quarantined().count == 1)
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func aSingleResourceIsTaken(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            try IngestSite.write(
                try BundleText.pretty(F.patient("p1", number: F.number(1))), to: folder + "/p1.json")
            let report = try await node.ingest([folder + "/p1.json"])
            #expect(report.files == [IngestSite.file("p1.json", "patient", new: 1)])
        }
    }

    /// Nothing is taken in, and the file is named.
    @Test func otherFormatsAreRefused() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            try F.write([F.patient("p1", number: F.number(1))], to: folder + "/Patient.ndjson")
            try IngestSite.write("<Patient xmlns=\"http://hl7.org/fhir\"/>", to: folder + "/p.xml")
            try IngestSite.write(#"{"output":[]}"#, to: folder + "/manifest.json")
            for (name, words) in [
                ("p.xml", "p.xml: FHIR XML is not read: convert it to JSON or NDJSON"),
                ("manifest.json", "manifest.json: JSON, but no FHIR resource, Bundle or NDJSON"),
            ] {
                await #expect {
                    _ = try await node.ingest([folder + "/Patient.ndjson", "\(folder)/\(name)"])
                } throws: { "\($0)".hasSuffix(words) }
            }
            #expect(try await node.ids("patient") == [])
            // In a folder they are passed over, and told.
            let report = try await node.ingest([folder])
            #expect(report.files == [IngestSite.file("Patient.ndjson", "patient", new: 1)])
            #expect(
                report.notes == [
                    "manifest.json passed over: JSON, but no FHIR resource, Bundle or NDJSON",
                    "p.xml passed over: FHIR XML is not read: convert it to JSON or NDJSON",
                ])
        }
    }

    /// A genuine export of synthetic people, with its log.
    @Test(
        .enabled(if: OutsideData.isHere, "CONCORDAT_OUTSIDE_DATA names no data"),
        arguments: WarehouseKind.allCases)
    func aBulkDataExportIsTaken(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, _ in
            let report = try await node.ingest([OutsideData.path("fhir/bulk-export-layout")])
            #expect(report.addsUp)
            #expect(report.files.first?.name == "Patient.000.ndjson.gz")
            #expect(!report.files.contains { $0.name == "log.ndjson.gz" })
            let counts = Dictionary(
                report.files.map { ($0.dataset ?? "-", $0.new) }, uniquingKeysWith: +)
            #expect(
                counts == [
                    "allergy_intolerance": 11, "condition": 555, "encounter": 1215, "immunization": 161,
                    "medication_request": 1745, "patient": 13, "procedure": 2056,
                ])
            #expect(
                report.passedOver == [
                    "Device": 16, "Location": 44, "Organization": 43, "Practitioner": 43,
                    "PractitionerRole": 43,
                ])
            #expect(try node.quarantined().isEmpty)
            // As it is: its log ends with a count of nothing.
            #expect(report.notes == ["export export-10: its log counts 0 resources, 5945 were read"])
        }
    }
}
