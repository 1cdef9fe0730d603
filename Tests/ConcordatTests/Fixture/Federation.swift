import Foundation
import Synchronization
import Testing

/// Five nodes of the program itself, as `concordat demo --keep` makes them, in a temporary directory.
///
/// A shell keeps them: it starts the demonstration, and stops it and removes its files as soon as its
/// standard input ends. That is when `stop` is called, or when the test process is gone, however it went.
final class Federation: Sendable {
    /// What a federation is made of.
    struct Settings: Sendable {
        /// What `demo` is told besides `--home` and `--keep`.
        let arguments: [String]

        static func synthetic(patients: Int, disclosure: String, warehouse: String = "duckdb") -> Self {
            Self(arguments: [
                "--patients", String(patients), "--overlap", "0.1", "--disclosure", disclosure,
                "--warehouse", warehouse,
            ])
        }

        static func foreign(_ path: String) -> Self {
            Self(arguments: ["--data", path, "--overlap", "0.1", "--disclosure", "none"])
        }
    }

    @TaskLocal static var current: Federation?

    static let trusts = ["RJ1", "RYJ", "RAX"]
    static let members = ["QWE"] + trusts + ["X26"]

    let root: String
    private let keeper: Mutex<Process>
    private let lifeline: FileHandle

    private static let script = """
        trap '' INT TERM HUP
        program=$1; root=$2; shift 2
        "$program" demo --home "$root" --keep "$@" > "$root.log" 2>&1 < /dev/null
        echo $? > "$root.status"
        cat > /dev/null
        "$program" demo --stop --home "$root" > /dev/null 2>&1
        rm -rf "$root" "$root.log" "$root.status"
        """

    init(_ settings: Settings) async throws {
        let name = "concordat-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0 ... .max))"
        let root = FileManager.default.temporaryDirectory.appending(path: name).path
        self.root = root
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", Self.script, "sh", try Program.path, root] + settings.arguments
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        await FederationYard.shared.enter()
        do { try process.run() } catch {
            await FederationYard.shared.leave()
            throw error
        }
        keeper = Mutex(process)
        lifeline = pipe.fileHandleForWriting
        do {
            try await waitUntilReady()
        } catch {
            await FederationYard.shared.leave()
            await stop()
            throw error
        }
        await FederationYard.shared.leave()
    }

    private func waitUntilReady() async throws {
        for _ in 0..<9_000 {
            if let status = try? ProjectFiles.text(root + ".status"), status.hasSuffix("\n") {
                guard status == "0\n" else {
                    let log = (try? ProjectFiles.text(root + ".log")) ?? ""
                    throw Program.Failure(
                        description: "the demonstration ended with \(status)\(log.suffix(2_000))")
                }
                return
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Program.Failure(description: "the demonstration was not ready within fifteen minutes")
    }

    /// Stops the nodes and removes their files; returns when that is done.
    func stop() async {
        try? lifeline.close()
        _ = try? await Program.onThread { [self] in keeper.withLock { $0.waitUntilExit() } }
    }

    func home(_ member: String) -> String { "\(root)/\(member)" }

    /// How long a member's log is.
    func logEntries(at member: String) async throws -> Int64 {
        let status = try await run(["status"], at: member, ["--format", "json"]).json()
        return try #require(status["log_entries"].integer, "no log_entries in \(status)")
    }

    /// The port that a member listens on, from its configuration.
    func port(_ member: String) throws -> String {
        let lines = try ProjectFiles.text(home(member) + "/concordat.yaml").split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("listenPort:") }, "no port for \(member)")
        return String(line.dropFirst("listenPort:".count)).trimmingCharacters(in: .whitespaces)
    }

    var data: String { root + "/data" }

    /// The federation of the suite that runs.
    static func required() throws -> Federation {
        guard let current else { throw Program.Failure(description: "the suite lacks .federation(…)") }
        return current
    }

    /// Runs a command on a member's home.
    func run(_ command: [String], at member: String = "QWE", _ rest: [String] = []) async throws
        -> Program.Outcome
    {
        try await Program.run(command + ["--home", home(member)] + rest)
    }

    /// Asks at the requester under the demonstration's agreement.
    func ask(_ sql: String, _ options: [String] = []) async throws -> Program.Outcome {
        try await run(
            ["query"], at: "QWE", ["--agreement", "demo-planning", "--format", "json"] + options + [sql])
    }
}

/// Two federations are made at a time: making one takes all of a core for a minute, and all suites begin together.
actor FederationYard {
    static let shared = FederationYard()

    private var free = 2
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    /// Makes something as heavy as a federation in its turn.
    func within<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        await enter()
        defer { leave() }
        return try await body()
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

/// Gives the tests of a suite one federation, as `Federation.current`.
struct FederationTrait: SuiteTrait, TestScoping {
    let settings: Federation.Settings

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let federation = try await Federation(settings)
        do {
            try await Federation.$current.withValue(federation) { try await function() }
        } catch {
            await federation.stop()
            throw error
        }
        await federation.stop()
    }
}

extension Trait where Self == FederationTrait {
    static func federation(_ settings: Federation.Settings) -> Self { Self(settings: settings) }
}
