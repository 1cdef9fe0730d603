import Audit
import Core
import Foundation
import TestSupport
import Testing

@testable import Node

/// Nothing that cannot be taken in is lost, and it goes in when it can.
@Suite(.serialized, .postgreSQLCluster)
struct QuarantineTests {
    private typealias F = FHIRText
    private typealias Count = NodeContext.QuarantineCount

    @Test(arguments: WarehouseKind.allCases)
    func whatIsSetAsideIsKeptWithItsBytes(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let conditions = [
                F.condition("c1", of: "p1"), F.condition("c2", of: "nobody"),
                F.condition("c3", of: "p1", onset: "2020-02-30"), #"{"resourceType":"Condition","#,
            ]
            let observation = F.observation("o1", of: "nobody", value: "900")
            try F.write([F.patient("p1", number: F.number(1))], to: folder + "/Patient.ndjson")
            try F.write(conditions, to: folder + "/Condition.ndjson.gz")
            try F.write([observation], to: folder + "/Observation.ndjson")
            let report = try await node.ingest([folder])
            #expect(report.addsUp)
            let kept = try node.quarantined().sorted { ($0.file, $0.line) < ($1.file, $1.line) }
            #expect(
                kept.map(\.file) == Array(repeating: "Condition.ndjson.gz", count: 3) + ["Observation.ndjson"]
            )
            #expect(kept.map(\.line) == [2, 3, 4, 1])
            #expect(
                kept.map(\.reasons) == [
                    ["unknown-reference"], ["invalid-date"], ["bad-json"],
                    ["out-of-bounds", "unknown-reference"],
                ])
            #expect(kept.map { $0.column?.hasPrefix("onset_date") } == [nil, true, nil, nil])
            #expect(
                kept.map { $0.bytes.map { String(decoding: $0, as: UTF8.self) } }
                    == conditions.dropFirst() + [observation])
            // Again: nothing is there twice.
            _ = try await node.ingest([folder])
            #expect(try node.quarantined().count == 4)
            // Two lines further down they are the same records.
            try F.write(["", ""] + conditions, to: folder + "/Condition.ndjson.gz")
            _ = try await node.ingest([folder])
            let moved = try node.quarantined().filter { $0.file == "Condition.ndjson.gz" }
            #expect(Set(moved.map(\.line)) == [4, 5, 6])
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func whoseParentHasComeLeavesTheQuarantine(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let (conditions, patients) = (folder + "/Condition.json", folder + "/Patient.ndjson")
            try IngestSite.write(
                try BundleText.pretty(
                    BundleText.bundle(
                        "collection",
                        [
                            F.condition("c1", of: "p1"), F.condition("c2", of: "p2"),
                            F.observation("o1", of: "p1", value: "900"),
                        ])), to: conditions)
            _ = try await node.ingest([conditions])
            #expect(
                try await node.quarantine() == [
                    Count(file: "Condition.json", reasons: "unknown-reference", count: 2),
                    Count(file: "Condition.json", reasons: "out-of-bounds unknown-reference", count: 1),
                ])
            try F.write([F.patient("p1", number: F.number(1))], to: patients)
            _ = try await node.ingest([patients])
            let report = try await node.retry()
            #expect(
                report.files == [
                    IngestSite.file("Condition.json", "condition", new: 1, ["unknown-reference": 1]),
                    IngestSite.file("Condition.json", "observation", ["out-of-bounds": 1]),
                ])
            #expect(
                try await node.quarantine() == [
                    Count(file: "Condition.json", reasons: "unknown-reference", count: 1),
                    Count(file: "Condition.json", reasons: "out-of-bounds", count: 1),
                ])
            #expect(try await node.ids("condition") == ["c1"])
            // What was pretty-printed is the same record as before.
            let again = try await node.ingest([conditions])
            #expect(again.files.first?.unchanged == 1)
            #expect(try node.quarantined().count == 2)
        }
    }

    /// A record that waited in the quarantine is older than what has come since.
    @Test(arguments: WarehouseKind.allCases)
    func retryReplacesNothingThatCameSince(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            try F.write([F.condition("c1", of: "p1", code: "1")], to: folder + "/Condition.ndjson")
            _ = try await node.ingest([folder])
            try F.write([F.patient("p1", number: F.number(1))], to: folder + "/Patient.ndjson")
            try F.write([F.condition("c1", of: "p1", code: "2")], to: folder + "/Condition.ndjson")
            _ = try await node.ingest([folder])
            #expect(try node.quarantined().count == 1)
            let report = try await node.retry()
            #expect(report.files == [IngestSite.file("Condition.ndjson", "condition", superseded: 1)])
            #expect(try await node.rows("SELECT code FROM live.condition") == [[.text("2")]])
            #expect(try node.quarantined().isEmpty)
        }
    }

    /// A run that was killed between two batches, and then the whole input: as one clean run.
    @Test(arguments: WarehouseKind.allCases)
    func aRunAfterOneThatWasKilledGivesTheSame(_ kind: WarehouseKind) async throws {
        let conditions = (0..<40).map { F.condition("c\($0)", of: "p\($0 % 7)", code: "\($0 % 3)") }
        let patients = (0..<6).map { F.patient("p\($0)", number: F.number($0)) } + ["{"]
        func write(_ folder: String, upTo lines: Int) throws {
            try F.write(patients, to: folder + "/Patient.ndjson")
            try F.write(
                Array((conditions + [conditions[0], "nonsense"]).prefix(lines)),
                to: folder + "/Condition.ndjson")
        }
        func contents(_ node: NodeContext) async throws -> [AnyHashable] {
            [
                try await node.resources("patient"), try await node.resources("condition"),
                try node.quarantined().map { [$0.id, $0.fingerprint, $0.position] + $0.reasons },
            ]
        }
        var (clean, recovered): ([AnyHashable], [AnyHashable]) = ([], [])
        try await IngestSite.with(kind) { node, folder in
            try write(folder, upTo: 100)
            _ = try await node.ingest([folder])
            clean = try await contents(node)
        }
        try await IngestSite.with(kind) { node, folder in
            // Its patients had not come.
            try write(folder, upTo: 11)
            _ = try await node.ingest([folder + "/Condition.ndjson"])
            // Some of both.
            try write(folder, upTo: 23)
            _ = try await node.ingest([folder])
            try write(folder, upTo: 100)
            _ = try await node.ingest([folder])
            recovered = try await contents(node)
        }
        #expect(clean == recovered)
    }

    /// What stands before the damage is in or kept; the file is named.
    @Test func aDamagedFileIsNamed() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let path = folder + "/Condition.ndjson.gz"
            try F.write([F.patient("p1", number: F.number(1))], to: folder + "/Patient.ndjson")
            // Of texts that do not compress well, so that enough comes before the damage.
            var random = SystemRandomNumberGenerator()
            let lines = (0..<20_000).map {
                F.condition("c\($0)-\(random.next())", of: $0 % 2 == 0 ? "p1" : "p9")
            }
            try F.write(lines, to: path)
            let whole = try Data(contentsOf: URL(filePath: path))
            try whole.prefix(whole.count - 100).write(to: URL(filePath: path))
            let report = try await node.ingest([folder])
            #expect(report.faults.count == 1 && report.published == nil)
            #expect(report.faults[0].contains("Condition.ndjson.gz: damaged or cut off"))
            let kept = try node.quarantined().count
            let taken = try await node.ids("condition").count
            #expect(taken > 9_000 && (kept == taken || kept == taken - 1))
            try whole.write(to: URL(filePath: path))
            _ = try await node.ingest([folder])
            #expect(try await node.ids("condition").count == 10_000)
            #expect(try node.quarantined().count == 10_000)
        }
    }

    @Test func theCommandsShowAndExport() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let lost = F.condition("c1", of: "nobody")
            try F.write([F.patient("p1", number: F.number(1))], to: folder + "/Patient.ndjson")
            try IngestSite.write(
                try BundleText.pretty(BundleText.bundle("collection", [lost])), to: folder + "/b.json")
            _ = try await node.ingest([folder])
            let entry = try TestFailure.unwrap(try node.quarantined().first, "nothing kept")
            let shown = try await node.run(.quarantineShow(id: String(entry.id.prefix(6)), json: false))
            #expect(shown.contains("position: entry[0]") && shown.contains("nobody"))
            let json = try await node.run(.quarantineShow(id: entry.id, json: true))
            #expect(json.contains(#""reasons":["unknown-reference"]"#))
            await #expect(throws: TestFailure.self) {
                try await node.run(.quarantineShow(id: "x", json: false))
            }
            // Showing is in the log; what was shown is not.
            let acts = try node.records().compactMap { $0.details["act"] }
            #expect(acts.filter { $0 == "quarantine-show" }.count == 2)
            let path = folder + "/out.ndjson"
            try await node.run(.quarantineExport(path: path))
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 1)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            await #expect(throws: TestFailure.self) { try await node.run(.quarantineExport(path: path)) }
        }
    }
}
