import Core
import Foundation
import Testing
import Warehouse

/// `kill -9` at any moment of an ingest of tables, by real processes: run again, it is as if nothing had happened.
@Suite(.serialized) struct TableKillTests {
    /// More than one merge.
    private static let rows = 38_000
    /// One transaction whatever their number.
    private static let partitionRows = 8_000

    /// Eight rows of a dataset for each of the source; every hundredth of the source cannot be taken.
    private static let mapping = """
        mapping: issues
        title: Issues
        key: [id]
        person: {nhs_number: nhs, local_id: local}
        partition: {month: "substring(issued, 1, 7)"}
        repeats: {n: {from: 1, to: 8}}
        rows:
          - dataset: medication_issue
            over: n
            columns: {code: "code || '-' || {n}", issued_at: date(issued)}
        """

    private static let unkeyed = mapping.replacing("key: [id]\n", with: "").replacing(
        "mapping: issues", with: "mapping: loose")

    /// - Parameter word: what the codes of this state begin with.
    private static func csv(_ word: String, _ rows: Int) -> String {
        var text = "id,nhs,local,code,issued\n"
        for row in 0..<rows {
            let number = row % 100 == 7 ? "999000000x" : row % 10 == 3 ? "" : number(row % 3_000)
            text +=
                "\(row),\(number),L\(row % 3_000),\(word)\(row % 50),2026-04-\(row % 28 < 9 ? "0" : "")\(row % 28 + 1)\n"
        }
        return text
    }

    private static func number(_ person: Int) -> String {
        var nine = 999_000_000 + person
        while true {
            let digits = String(nine).compactMap(\.wholeNumberValue)
            if let check = NHSNumber.checkDigit(digits) { return String(nine) + String(check) }
            nine += 500_000
        }
    }

    // MARK: - Homes and processes

    private func inFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kill-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in [("issues.yaml", Self.mapping), ("loose.yaml", Self.unkeyed)] {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        for (word, rows) in [("many", Self.rows), ("old", Self.partitionRows), ("new", Self.partitionRows)] {
            try Data(Self.csv(word, rows).utf8).write(to: folder.appending(path: "\(word).csv"))
        }
        try await body(folder.path)
    }

    /// A new home, and a copy of it: keys of people without a number are made with a secret of the home.
    private func homes(_ folder: String) async throws -> (clean: String, killed: String) {
        let (home, copy) = (folder + "/clean", folder + "/killed")
        let made = try await Program.run([
            "init", "--home", home, "--organisation", "RJ1", "--name", "Test", "--role", "controller",
            "--synthetic",
        ])
        guard made.status == 0 else { throw Program.Failure(description: made.errors) }
        try FileManager.default.copyItem(atPath: home, toPath: copy)
        return (home, copy)
    }

    /// Runs to its end.
    /// - Returns: how long that took.
    private func run(_ arguments: [String]) async throws -> Duration {
        let started = ContinuousClock.now
        let outcome = try await Program.run(arguments)
        guard outcome.status == 0 else { throw Program.Failure(description: outcome.errors + outcome.output) }
        return ContinuousClock.now - started
    }

    /// Runs, and kills the process after a while.
    /// - Returns: false if it had ended before.
    private func runAndKill(_ arguments: [String], after: Duration) async throws -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: try Program.path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try await Task.sleep(for: after)
        let isRunning = process.isRunning
        if isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return isRunning
    }

    // MARK: - What is there

    private struct State: Equatable {
        var rows: Int
        /// Of all rows with their people, and of all people with their ids.
        var digests: [String]
        var kept: Set<String>
        var isTidy: Bool
    }

    private func state(_ home: String) async throws -> State {
        let engine = try await DuckDBEngine(path: home + "/warehouse.duckdb", settings: DuckDBSettings())
        let session = try await engine.session()
        func first(_ sql: String) async throws -> Value { try await session.query(sql).row(0)[0] }
        func digest(_ columns: String, _ from: String) async throws -> String {
            let text = "concat_ws('|', \(columns))"
            return try await first(
                "SELECT md5(coalesce(string_agg(\(text), ';' ORDER BY \(text)), '')) FROM \(from)"
            )
            .text
        }
        let rows = try await first("SELECT count(*) FROM live.medication_issue").number ?? -1
        let digests = [
            try await digest(
                "d.resource_id, d.parent_id, d.fingerprint, d.subject, d.code, d.issued_at, p.person, r.part, r.fingerprint",
                """
                live.medication_issue d JOIN live.person p ON p.person_id = d.person_id
                LEFT JOIN live.source_row r ON r.unit = d.parent_id
                """),
            try await digest("unit, part, source, fingerprint, subject", "live.source_row"),
            try await digest(
                "j.subject, p.person, p.record_key",
                "live.subject j JOIN live.person p ON p.person_id = j.person_id"),
        ]
        let left = try await first(
            "SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'intake'")
        await session.end()
        await engine.close()
        return State(
            rows: Int(rows), digests: digests, kept: try quarantined(home), isTidy: left.number == 0)
    }

    /// Id and reasons of each record that was set aside.
    private func quarantined(_ home: String) throws -> Set<String> {
        struct Entry: Decodable {
            let id: String
            let reasons: [String]
        }
        let folder = home + "/quarantine"
        var all: [String] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name.hasSuffix(".ndjson") {
            for line in try ProjectFiles.text("\(folder)/\(name)").split(separator: "\n") {
                let entry = try JSONDecoder().decode(Entry.self, from: Data(line.utf8))
                all.append("\(entry.id) \(entry.reasons.joined(separator: " "))")
            }
        }
        guard Set(all).count == all.count else {
            throw Program.Failure(description: "a record is there twice")
        }
        return Set(all)
    }

    // MARK: - Tests

    @Test func anIngestThatWasKilledIsFinishedByTheNext() async throws {
        try await inFolder { folder in
            func ingest(_ home: String) -> [String] {
                ["ingest", "--home", home, "--mapping", folder + "/issues.yaml", folder + "/many.csv"]
            }
            let (clean, killed) = try await homes(folder)
            let whole = try await run(ingest(clean))
            let expected = try await state(clean)
            #expect(expected.rows == Self.rows / 100 * 99 * 8)
            #expect(expected.kept.count == Self.rows / 100)

            var found: [Int] = []
            for _ in 0..<3 {
                _ = try await runAndKill(ingest(killed), after: whole * Double.random(in: 0.25...0.95))
                found.append(try await state(killed).rows)
            }
            _ = try await run(ingest(killed))
            #expect(try await state(killed) == expected, "rows after each kill: \(found)")
        }
    }

    @Test func aPartitionThatIsReplacedIsOldOrNewWheneverItIsKilled() async throws {
        try await inFolder { folder in
            func ingest(_ home: String, _ word: String) -> [String] {
                [
                    "ingest", "--home", home, "--mapping", folder + "/loose.yaml", "--replace", "--partition",
                    "month=2026-04", "\(folder)/\(word).csv",
                ]
            }
            let (clean, killed) = try await homes(folder)
            _ = try await run(ingest(clean, "old"))
            let old = try await state(clean)
            let whole = try await run(ingest(clean, "new"))
            let new = try await state(clean)
            #expect(old.digests != new.digests)

            _ = try await run(ingest(killed, "old"))
            #expect(try await state(killed) == old)
            var isNew = false
            for _ in 0..<4 where !isNew {
                let share = Double.random(in: 0.25...0.99)
                _ = try await runAndKill(ingest(killed, "new"), after: whole * share)
                let found = try await state(killed).digests
                isNew = found == new.digests
                #expect(found == old.digests || isNew, "killed at \(share) of \(whole)")
            }
            _ = try await run(ingest(killed, "new"))
            #expect(try await state(killed) == new)
        }
    }
}
