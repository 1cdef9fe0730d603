import Foundation
import Testing

/// `ingest` as a process that is killed at any moment, again and again: what is in at the end is what one clean run
/// gives.
@Suite struct KilledIngestTests {
    private static let (rounds, seed) = (7, UInt64(20_261_123))

    @Test func killedAtAnyMomentThenRunAgainEqualsOneCleanRun() async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "killed-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        _ = try await done(["synthesise", "--patients", "120", "--output", root + "/data"])
        let input = root + "/data/site-1"
        // A file that is set aside in part, so that the quarantine is written as well.
        let lost = (0..<200).map {
            #"{"resourceType":"Condition","id":"lost\#($0)","subject":{"reference":"Patient/nobody\#($0)"}}"#
        }
        try Data((lost.joined(separator: "\n") + "\n").utf8).write(
            to: URL(filePath: input + "/ConditionOfNobody.ndjson"))

        try await make(root + "/clean")
        let started = Date()
        _ = try await done(["ingest", "--home", root + "/clean", input])
        let whole = Date().timeIntervalSince(started)

        try await make(root + "/killed")
        var state = Self.seed
        var killed = 0
        for round in 0..<Self.rounds {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // From the start of the process to its end, one moment a slice.
            let share = (Double(round) + Double(state >> 40) / Double(1 << 24)) / Double(Self.rounds)
            let outcome = try await Program.run(
                other: "timeout",
                [
                    "-s", "KILL", "\(max(0.02, whole * share))", try Program.path, "ingest", "--home",
                    root + "/killed", input,
                ])
            // 128 + SIGKILL, or the signal itself where it ends `timeout` too.
            if outcome.status == 137 || outcome.status == 9 { killed += 1 }
        }
        #expect(killed > 0, "seed \(Self.seed): no run was killed")
        _ = try await done(["ingest", "--home", root + "/killed", input])
        let (clean, recovered) = (
            try await contents(root + "/clean", input), try await contents(root + "/killed", input)
        )
        #expect(clean == recovered, "seed \(Self.seed)")
    }

    private struct Contents: Equatable {
        /// Of a run over the same input: what it finds unchanged is there, byte for byte.
        let report: [String]
        let quarantine, identity: String
        /// Rows by dataset in a new publication.
        let rows: [String: Int]
    }

    private struct Report: Decodable {
        struct File: Decodable {
            let name: String
            let dataset: String?
            let records, new, replaced, unchanged, superseded, deleted, setAside: Int
            let reasons: [String: Int]
        }
        let files: [File]
    }

    private struct Status: Decodable { let rows: [String: Int] }

    private func contents(_ home: String, _ input: String) async throws -> Contents {
        let again = try await done(["ingest", "--home", home, input, "--format", "json"])
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let report = try decoder.decode(Report.self, from: Data(again.utf8))
        for file in report.files {
            #expect(file.new == 0 && file.replaced == 0 && file.deleted == 0)
            #expect(file.records == file.unchanged + file.superseded + file.setAside)
        }
        _ = try await done(["publish", "--home", home])
        let status = try await done(["status", "--home", home, "--format", "json"])
        return Contents(
            report: report.files.map { "\($0)" },
            quarantine: try await done(["quarantine", "list", "--home", home, "--format", "csv"]),
            identity: try await done(["identity", "report", "--home", home, "--format", "csv"]),
            rows: try JSONDecoder().decode(Status.self, from: Data(status.utf8)).rows)
    }

    private func make(_ home: String) async throws {
        _ = try await done([
            "init", "--home", home, "--organisation", "RJ1", "--name", "Trust", "--role", "controller",
            "--listen", "127.0.0.1:7443", "--synthetic",
        ])
    }

    private func done(_ arguments: [String]) async throws -> String {
        let outcome = try await Program.run(arguments)
        guard outcome.status == 0 else {
            throw Program.Failure(description: "\(arguments): \(outcome.status) \(outcome.errors)")
        }
        return outcome.output
    }
}
