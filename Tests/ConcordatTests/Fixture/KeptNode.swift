import Foundation
import Synchronization

/// A node that a test starts by itself; a shell ends it when told to, or when the test process is gone.
final class KeptNode: Sendable {
    private let keeper: Mutex<Process>
    private let lifeline: FileHandle

    private static let script = """
        trap '' INT TERM HUP
        (trap - INT TERM HUP; exec "$1" serve --home "$2" > "$2.again.log" 2>&1 < /dev/null) &
        node=$!
        cat > /dev/null
        kill "$node"
        wait "$node"
        """

    init(home: String) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", Self.script, "sh", try Program.path, home]
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        keeper = Mutex(process)
        lifeline = pipe.fileHandleForWriting
        // Not before its socket is there: `status` on a home that nobody serves takes the home's lock itself.
        for _ in 0..<600 {
            if FileManager.default.fileExists(atPath: home + "/run/node.sock"),
                try await Program.run(["status", "--home", home]).status == 0
            {
                return
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        await stop()
        throw Program.Failure(description: "the node did not start; see \(home).again.log")
    }

    func stop() async {
        try? lifeline.close()
        _ = try? await Program.onThread { [self] in keeper.withLock { $0.waitUntilExit() } }
    }
}

extension Federation {
    /// The process that serves a member's home.
    private func process(of member: String) throws -> Int32 {
        let list = try JSONDecoder().decode(
            [Int32].self, from: Data(contentsOf: URL(filePath: root + "/nodes.json")))
        guard let place = Self.members.firstIndex(of: member), list.indices.contains(place) else {
            throw Program.Failure(description: "no process of \(member) is known")
        }
        let line = FileManager.default.contents(atPath: "/proc/\(list[place])/cmdline") ?? Data()
        guard String(decoding: line, as: UTF8.self).contains(home(member)) else {
            throw Program.Failure(description: "process \(list[place]) is not \(member)'s node")
        }
        return list[place]
    }

    /// Ends a member's node with SIGTERM, and waits until it is gone.
    func end(_ member: String) async throws {
        let pid = try process(of: member)
        kill(pid, SIGTERM)
        for _ in 0..<300 {
            if (try? process(of: member)) == nil { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Program.Failure(description: "\(member)'s node did not end")
    }
}
