import Audit
import Core
import Foundation
import Policy
import Store
import TestSupport
import Testing

@testable import Node

/// What is asked of the owner of an opt-out scheme, and whether the reply is one to that.
@Suite(.serialized, .postgreSQLCluster)
struct OptOutExportTests {
    private static let scheme = "national-data-opt-out"
    private typealias F = FHIRText

    private func with(
        _ kind: WarehouseKind, _ body: (NodeContext, String) async throws -> Void
    ) async throws {
        try await IngestSite.with(kind) { node, folder in
            let path = folder + "/people.ndjson"
            // Two records of one person, one person without a number, one who is deleted again.
            try F.write(
                [
                    F.patient("p3", number: F.number(3)), F.patient("p1", number: F.number(1)),
                    F.patient("p2", number: F.number(2)), F.patient("p2b", number: F.number(2)),
                    F.patient("p0"), F.patient("gone", number: F.number(9)),
                ], to: path)
            _ = try await node.ingest([path])
            let bundle = folder + "/deletion.json"
            try IngestSite.write(
                #"{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient/gone"}}]}"#,
                to: bundle)
            _ = try await node.ingest([bundle])
            try await body(node, folder)
        }
    }

    private func export(_ node: NodeContext, _ path: String) async throws -> String {
        try await node.run(.consent(.exportOptOut(path: path, scheme: Self.scheme)))
    }

    @Test(arguments: WarehouseKind.allCases)
    func everybodyWithANumberIsAskedAboutOnce(_ kind: WarehouseKind) async throws {
        try await with(kind) { node, folder in
            let path = folder + "/ask.dat"
            let words = try await export(node, path)
            #expect(words.hasPrefix("wrote 3 NHS numbers to '\(path)'"))
            #expect(words.contains("SPINE_NTT_UPHOLDING"))
            let numbers = [1, 2, 3].map(F.number).sorted()
            #expect(try String(contentsOfFile: path, encoding: .utf8) == numbers.map { "\($0),\n" }.joined())
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            // What is there is never overwritten.
            await #expect(throws: TestFailure.self) { try await export(node, path) }
            for record in try node.records() {
                #expect(!record.details.values.contains { text in numbers.contains { text.contains($0) } })
            }
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func aReplyHasNobodyWhoWasNotAskedAbout(_ kind: WarehouseKind) async throws {
        try await with(kind) { node, folder in
            let reply = folder + "/reply.dat"
            func take(_ places: [Int]) async throws -> String {
                try IngestSite.write(places.map { F.number($0) + ",\r\n" }.joined(), to: reply)
                return try await node.run(.importOptOut(path: reply, scheme: Self.scheme, listedAt: nil))
            }
            func listed() async throws -> [String] {
                try await node.rows("SELECT person FROM governance.allowed ORDER BY person").map {
                    $0[0].text
                }
            }
            // Nothing to check against yet.
            #expect(try await take([1, 77]).contains("no export is on record"))
            _ = try await export(node, folder + "/ask.dat")
            #expect(
                try await take([3, 1]).hasPrefix(
                    "took over the \(Self.scheme) list: 2 people may be counted;"))
            let before = [1, 3].map(F.number).sorted()
            #expect(try await listed() == before)
            let failure = await #expect(throws: TestFailure.self) { _ = try await take([1, 2, 9, 77]) }
            #expect(
                failure?.description
                    == "the list was not taken over: 2 faults, the first: line 3 has a number that the export did not "
                    + "ask about. It is no reply to the last export: find the reply that is, or ask again with "
                    + "'concordat opt-out export'")
            // Either all of a list or nothing.
            #expect(try await listed() == before)
            guard
                case .listing(let columns, let rows) = await CommandRunner(context: node, isServing: false)
                    .run(
                        .consent(.listOptOuts), progress: { _, _, _, _ in })
            else { throw TestFailure(description: "no listing") }
            let shown = Dictionary(uniqueKeysWithValues: zip(columns, rows[0]))
            #expect(rows.count == 1)
            #expect(shown["scheme"] == Self.scheme)
            #expect(shown["state"] == "fresh")
            #expect(shown["age in days"] == "0")
            #expect(shown["people listed"] == "2")
            #expect(shown["people asked about"] == "3")
        }
    }

    @Test func onlyListsFromOutsideAreAskedFor() async throws {
        try await with(.duckdb) { node, folder in
            for scheme in ["objection", "study-consent", "no-such-scheme"] {
                await #expect(throws: TestFailure.self) {
                    try await node.run(.consent(.exportOptOut(path: folder + "/x.dat", scheme: scheme)))
                }
                await #expect(throws: TestFailure.self) {
                    try await node.run(.importOptOut(path: folder + "/x.dat", scheme: scheme, listedAt: nil))
                }
            }
        }
    }

    /// People whom no list can name are out, unless an agreement says why that is disproportionate.
    @Test(arguments: WarehouseKind.allCases)
    func peopleWithoutANumber(_ kind: WarehouseKind) async throws {
        try await with(kind) { node, folder in
            try IngestSite.write(F.number(1) + ",\n", to: folder + "/reply.dat")
            try await node.run(
                .importOptOut(path: folder + "/reply.dat", scheme: Self.scheme, listedAt: nil))
            try await node.run(.publish)
            func count(_ isCounting: Bool) async throws -> Value {
                let column = SiteSchema.allowed(.nationalDataOptOut, countingUnnumbered: isCounting)
                return try await node.rows("SELECT count(*) FROM snapshot_2.patient WHERE \(column)")[0][0]
            }
            #expect(try await count(false) == .integer(1))
            #expect(try await count(true) == .integer(2))
        }
    }
}
