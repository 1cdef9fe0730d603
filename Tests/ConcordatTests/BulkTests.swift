import Foundation
import TestSupport
import Testing

/// Exports of a Bulk Data server over TLS, by the program itself: killed, carried on, interrupted.
@Suite struct BulkTests {
    /// A run of the program that does not end by itself.
    private final class Run: Sendable {
        nonisolated let pid: Int32
        private let outcome: Task<(Int32, String), any Error>

        init(_ arguments: [String], in folder: String) throws {
            let errors = folder + "/errors-\(UUID().uuidString)"
            try Data().write(to: URL(filePath: errors))
            let process = Process()
            process.executableURL = URL(filePath: try Program.path)
            process.arguments = arguments
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            process.standardError = try FileHandle(forWritingTo: URL(filePath: errors))
            try process.run()
            pid = process.processIdentifier
            let running = Held(process)
            outcome = Task {
                try await Program.onThread {
                    (running.wait(), try String(contentsOf: URL(filePath: errors), encoding: .utf8))
                }
            }
        }

        /// INVARIANT: only the thread that waits uses the process.
        private final class Held: @unchecked Sendable {
            private let process: Process
            init(_ process: Process) { self.process = process }
            func wait() -> Int32 {
                process.waitUntilExit()
                return process.terminationStatus
            }
        }

        func end(_ signal: Int32) async throws -> (status: Int32, errors: String) {
            kill(pid, signal)
            return try await outcome.value
        }
    }

    private static func patient(_ id: String) -> String {
        #"{"resourceType":"Patient","id":"\#(id)","gender":"female","birthDate":"1960-05-04"}"#
    }

    private static func condition(_ id: String, of patient: String) -> String {
        #"{"resourceType":"Condition","id":"\#(id)","subject":{"reference":"Patient/\#(patient)"},"#
            + #""code":{"coding":[{"system":"http://snomed.info/sct","code":"38341003"}]},"#
            + #""onsetDateTime":"2020-01-02"}"#
    }

    private static var script: BulkScript {
        var script = BulkScript()
        script.polls = 0
        script.retryAfter = "60"
        script.resources = [
            "Patient": (0..<40).map { patient("p\($0)") },
            "Condition": (0..<200).map { condition("c\($0)", of: "p\($0 % 40)") },
        ]
        return script
    }

    /// Makes a home with a key; the body gets what `ingest` is told, and the server.
    private func withHome(
        _ body: (_ home: String, _ arguments: [String], _ server: BulkServer) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bulk-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let home = folder + "/home"
        let made = try await Program.run([
            "init", "--home", home, "--organisation", "RJ1", "--name", "A", "--role", "controller",
            "--synthetic", "--listen", "127.0.0.1:\(Int.random(in: 20_000..<32_000))",
        ])
        #expect(made.status == 0, "\(made)")
        let key = try await Program.run(["bulk", "key", "new", "--home", home])
        #expect(key.status == 0, "\(key)")
        var script = Self.script
        script.keySet = key.output
        let certificate = try ServerCertificate(in: folder)
        try await BulkServer.with(script, certificate: certificate) { server in
            let arguments = ["ingest", "--home", home, "--bulk", server.base, "--client-id", script.clientID]
            let stranger = try await Program.run(arguments)
            #expect(stranger.status == 1)
            #expect(stranger.errors.contains("TLS failed"))
            #expect(await server.log.isEmpty)
            try await body(home, arguments + ["--ca-file", certificate.path], server)
        }
    }

    private func wait(until isSo: () async throws -> Bool) async throws {
        for _ in 0..<600 {
            if try await isSo() { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Program.Failure(description: "what was waited for did not happen within a minute")
    }

    @Test func aKilledExportIsCarriedOnAndTheNextAsksForWhatHasChanged() async throws {
        try await withHome { home, arguments, server in
            await server.change { $0.stalls = ["Condition.0": 10_000] }
            let run = try Run(arguments, in: home)
            let part = home + "/bulk/1/bulk-Condition-1.ndjson.part"
            try await wait {
                let size = try? FileManager.default.attributesOfItem(atPath: part)[.size] as? Int
                return size == 10_000
                    && FileManager.default.fileExists(atPath: home + "/bulk/1/bulk-Patient-1.ndjson")
            }
            #expect(try await run.end(SIGKILL).status == SIGKILL)

            await server.change { $0.stalls = [:] }
            let report = try await Program.run(arguments + ["--format", "json"]).json()
            let files = report["files"].elements
            #expect(files.map { $0["name"].text } == ["bulk-Patient-1.ndjson", "bulk-Condition-1.ndjson"])
            #expect(files.map { $0["new"].integer } == [40, 200])
            #expect(await server.count("GET /fhir/$export") == 1)
            let asked = await server.log.filter { $0.path == "/files/e1/Condition.0" }
            #expect(asked.map { $0.headers["range"] } == [nil, "bytes=10000-"])
            #expect(try FileManager.default.subpathsOfDirectory(atPath: home + "/bulk") == [])
            #expect(await server.withdrawn == ["e1"])

            let again = try await Program.run(arguments)
            #expect(again.status == 0, "\(again)")
            #expect(again.output.contains("what changed since 2026-11-20T01:02:03.456Z"))
            #expect(
                await server.log.last { $0.path == "/fhir/$export" }?.query["_since"]
                    == "2026-11-20T01:02:03.456Z")
        }
    }

    @Test func controlCWithdrawsTheExport() async throws {
        try await withHome { home, arguments, server in
            await server.change { $0.polls = 100 }
            let run = try Run(arguments, in: home)
            try await wait { await server.count("GET /jobs/e1") > 0 }
            let (status, errors) = try await run.end(SIGINT)
            #expect(status == 1)
            #expect(errors.contains("withdrawing the export"))
            #expect(await server.withdrawn == ["e1"])
            let list = try await Program.run(["bulk", "list", "--home", home, "--format", "csv"])
            #expect(list.output.contains(",cancelled,"))
        }
    }

    /// The same where a node serves the home: it notices that the terminal is gone, or is told that it is not wanted.
    @Test func aServingNodeCarriesOnAndWithdraws() async throws {
        try await withHome { home, arguments, server in
            try await join(home)
            let node = try await KeptNode(home: home)
            do {
                await server.change { $0.polls = 100 }
                let killed = try Run(arguments, in: home)
                try await wait { await server.count("GET /jobs/e1") > 0 }
                #expect(try await killed.end(SIGKILL).status == SIGKILL)

                let interrupted = try Run(arguments, in: home)
                try await wait { await server.count("GET /jobs/e1") > 1 }
                #expect(try await interrupted.end(SIGINT).status == 1)
                #expect(await server.withdrawn == ["e1"])
                #expect(await server.count("GET /fhir/$export") == 1)

                await server.change { $0.polls = 0 }
                let report = try await Program.run(arguments + ["--format", "json"]).json()
                #expect(report["files"].elements.map { $0["new"].integer } == [40, 200])
            } catch {
                await node.stop()
                throw error
            }
            await node.stop()
        }
    }

    /// A federation of one, so that the home can be served.
    private func join(_ home: String) async throws {
        func run(_ arguments: [String]) async throws -> String {
            let outcome = try await Program.run(arguments + ["--home", home])
            #expect(outcome.status == 0, "\(arguments) \(outcome)")
            return outcome.output
        }
        let card = home + "/card.json"
        let directory = home + "/directory.json"
        _ = try await run(["federation", "create", "--name", "Test"])
        try await run(["federation", "card"]).write(toFile: card, atomically: true, encoding: .utf8)
        _ = try await run(["federation", "add", card])
        try await run(["federation", "sign"]).write(toFile: directory, atomically: true, encoding: .utf8)
        _ = try await run(["federation", "join", directory])
    }

    @Test func optionsThatDoNotGoTogetherAreUsageFaults() async throws {
        for arguments in [
            ["--group", "7"], ["--bulk", "https://a.example/fhir", "file.ndjson"],
            ["--bulk", "https://a.example/fhir", "--since", "2026-01-01T00:00:00Z", "--full"],
        ] {
            let outcome = try await Program.run(["ingest", "--home", "nowhere"] + arguments)
            #expect(outcome.status == 2, "\(outcome)")
        }
    }
}
