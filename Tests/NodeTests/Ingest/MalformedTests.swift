import Core
import Foundation
import TestSupport
import Testing

@testable import Node

/// A folder of everything that can be wrong with input: each has its clear error, and everything else is taken in.
@Suite(.postgreSQLCluster) struct MalformedTests {
    private typealias F = FHIRText

    private func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(filePath: path))
    }

    @Test(arguments: WarehouseKind.allCases)
    func everyLineHasItsReasonAndTheRestIsTaken(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            try F.write([F.patient("p1", number: F.number(1))], to: folder + "/Patient.ndjson")
            try write(MalformedInput.file, folder + "/lines.ndjson")
            let report = try await node.ingest([folder])
            #expect(report.addsUp && report.faults == [])
            let kept = try node.quarantined()
            for line in MalformedInput.lines {
                let found = kept.first { $0.bytes == Data(line.bytes) }
                if line.reason == "line-too-long" {
                    #expect(kept.contains { $0.bytes == nil && $0.reasons == ["line-too-long"] })
                } else {
                    #expect(found?.reasons.first == line.reason, "\(line.name)")
                }
            }
            #expect(kept.count == MalformedInput.lines.count { $0.reason != nil })
            let taken = try await node.ids("condition")
            #expect(taken.count { $0.hasPrefix("good-") } == MalformedInput.lines.count + 1)
            #expect(taken.count == MalformedInput.goodCount)
            // Again: nothing is new, nothing is kept twice; nor when the quarantine is tried again.
            #expect(try await node.ingest([folder]).files.allSatisfy { $0.new == 0 && $0.replaced == 0 })
            #expect(try await node.retry().files.allSatisfy { $0.new == 0 && $0.replaced == 0 })
            #expect(try node.quarantined().count == kept.count)
        }
    }

    @Test func everyFileHasItsWordAndTheOthersAreTaken() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            try F.write([F.patient("p1", number: F.number(1))], to: folder + "/Patient.ndjson")
            for whole in MalformedInput.wholes { try write(whole.bytes, folder + "/" + whole.name) }
            let report = try await node.ingest([folder])
            #expect(report.addsUp && report.published == nil)
            for whole in MalformedInput.wholes {
                let files = report.files.filter { $0.name == whole.name }
                #expect(files.reduce(0) { $0 + $1.new } == whole.taken, "\(whole.name)")
                let reasons = files.reduce(into: [:]) { $0.merge($1.reasons, uniquingKeysWith: +) }
                #expect(reasons == whole.reasons, "\(whole.name)")
                let notes = report.notes.filter { $0.hasPrefix(whole.name + " ") }
                #expect(
                    notes.allSatisfy { $0.contains(whole.note ?? "?") }
                        && notes.isEmpty == (whole.note == nil))
                let faults = report.faults.filter { $0.contains("/\(whole.name): ") }
                #expect(
                    faults.allSatisfy { $0.contains(whole.fault ?? "?") }
                        && faults.isEmpty == (whole.fault == nil))
            }
        }
    }

    /// Pipes that nobody writes to, devices without an end, links that lead nowhere: none is waited for.
    ///
    /// The limit stands for "for ever": it takes three seconds by itself, and minutes beside 600 other tests on two cores.
    @Test(.timeLimit(.minutes(15))) func whatIsNoFileIsNeverWaitedFor() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            try F.write([F.patient("p1", number: F.number(1))], to: folder + "/Patient.ndjson")
            #expect(mkfifo(folder + "/pipe.ndjson", 0o600) == 0)
            let manager = FileManager.default
            let links = [
                "zero.ndjson": "/dev/zero", "gone.ndjson": "nowhere", "a.ndjson": "b.ndjson",
                "b.ndjson": "a.ndjson",
                "itself": ".",
            ]
            for (name, target) in links {
                try manager.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: target)
            }
            try manager.createSymbolicLink(
                atPath: folder + "/linked.ndjson", withDestinationPath: folder + "/../kept.ndjson")
            try F.write([F.condition("c1", of: "p1")], to: folder + "/../kept.ndjson")
            try manager.createDirectory(atPath: folder + "/inner.ndjson", withIntermediateDirectories: false)
            let report = try await node.ingest([folder])
            #expect(report.files.map(\.name) == ["Patient.ndjson", "linked.ndjson"])
            #expect(
                report.faults.map { String($0.split(separator: "/").last ?? "").prefix { $0 != ":" } } == [
                    "a.ndjson", "b.ndjson", "gone.ndjson", "pipe.ndjson", "zero.ndjson",
                ])
            #expect(report.notes.map { $0.prefix { $0 != " " } } == ["inner.ndjson", "itself"])
            for name in ["pipe.ndjson", "zero.ndjson", "gone.ndjson"] {
                await #expect { _ = try await node.ingest([folder + "/" + name]) } throws: {
                    "\($0)".contains("cannot open") || "\($0)".contains("there is no")
                }
            }
        }
    }

    /// Compressed files: of several members, cut off, changed, and small ones that are large inside.
    @Test func compressedFilesAreReadOrNamed() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            try F.write([F.patient("p1", number: F.number(1))], to: folder + "/Patient.ndjson")
            func zipped(_ name: String, _ text: String) throws -> [UInt8] {
                let path = folder + "/" + name + ".gz"
                try F.write([text], to: path)
                return Array(try Data(contentsOf: URL(filePath: path)))
            }
            let (one, two) = (
                try zipped("x", F.condition("m1", of: "p1")), try zipped("x", F.condition("m2", of: "p1"))
            )
            try write(one + two, folder + "/members.ndjson.gz")
            let many = try zipped(
                "x", (0..<400).map { F.condition("t\($0)", of: "p1") }.joined(separator: "\n"))
            try write(Array(many.dropLast(12)), folder + "/cut.ndjson.gz")
            try write(Array(many.prefix(6)), folder + "/head.ndjson.gz")
            try write(many.dropLast(8) + [0, 0, 0, 0] + many.suffix(4), folder + "/sum.ndjson.gz")
            try FileManager.default.removeItem(atPath: folder + "/x.gz")
            // Thirty megabytes each.
            _ = try zipped("blanks.ndjson", String(repeating: " ", count: 30_000_000))
            _ = try zipped("line.ndjson", condition + String(repeating: "a", count: 30_000_000))
            _ = try zipped(
                "open.json",
                #"{"resourceType":"Bundle","type":"x","entry":["# + String(repeating: "{", count: 30_000_000))
            let report = try await node.ingest([folder])
            #expect(report.addsUp)
            #expect(try await node.ids("condition").filter { $0.hasPrefix("m") } == ["m1", "m2"])
            // What stands before the damage is in.
            #expect(try await node.ids("condition").count > 350)
            #expect(
                Set(report.faults.compactMap { $0.split(separator: "/").last?.prefix { $0 != ":" } }) == [
                    "cut.ndjson.gz", "head.ndjson.gz", "sum.ndjson.gz",
                ])
            #expect(report.notes.contains("blanks.ndjson.gz passed over: empty"))
            #expect(report.files.first { $0.name == "line.ndjson.gz" }?.reasons == ["line-too-long": 1])
            #expect(report.files.first { $0.name == "open.json.gz" }?.setAside == 1)
        }
    }

    private var condition: String { #"{"resourceType":"Condition","id":"b","x":""# }
}
