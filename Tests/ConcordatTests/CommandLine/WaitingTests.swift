import Foundation
import Testing

/// A home that another process has: who that is, and how long it is waited for.
@Suite("Command line: a home in use") struct WaitingTests {
    /// Holds the home's lock as a command does, until a file is there.
    private static let holder = """
        exec 9>>"$1/lock"
        flock 9
        printf '%s\\ningest\\n' $$ > "$1/lock"
        : > "$1.held"
        while [ ! -e "$1.release" ]; do sleep 0.1; done
        """

    private func seen(_ path: String) async throws {
        for _ in 0..<600 where !FileManager.default.fileExists(atPath: path) {
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func said(_ root: String) -> String {
        FileManager.default.contents(atPath: root + ".log").map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    @Test func aNodeSaysWhomItWaitsForAndGoesOnWhenThatHasEnded() async throws {
        let root = NSTemporaryDirectory() + "concordat-waiting-\(UUID().uuidString)"
        defer {
            for suffix in ["", ".held", ".release", ".log"] {
                try? FileManager.default.removeItem(atPath: root + suffix)
            }
        }
        let made = try await Program.run([
            "init", "--home", root, "--organisation", "QWE", "--name", "ICB", "--role", "requester",
        ])
        try #require(made.status == 0, "\(made.errors)")
        async let held = Program.run(other: "sh", ["-c", Self.holder, "sh", root])
        try await seen(root + ".held")

        let other = try await Program.run(["status", "--home", root])
        #expect(other.status == 1)
        #expect(other.errors.contains("is in use by 'concordat ingest' (process "), "\(other.errors)")
        #expect(other.errors.contains("Try again when it has ended."))
        let short = try await Program.run(["serve", "--home", root, "--wait", "0"])
        #expect(short.status == 1)
        #expect(short.errors.contains("waited 0 s: the home \(root) is in use by 'concordat ingest'"))
        #expect(short.errors.contains("'--wait SECONDS' waits longer"))
        #expect(try await Program.run(["serve", "--home", root, "--wait", "-1"]).status == 2)

        let serve = #"exec "$1" serve --home "$2" --wait 600 2> "$2.log""#
        async let waiting = Program.run(other: "sh", ["-c", serve, "sh", try Program.path, root])
        for _ in 0..<600 where !said(root).contains("waiting for") {
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(FileManager.default.createFile(atPath: root + ".release", contents: nil))
        #expect(try await held.status == 0)
        // It has the home then, and goes on to the next thing that is missing.
        #expect(try await waiting.status == 1)
        let words = said(root)
        #expect(words.contains("waiting for 'concordat ingest' (process "), "\(words)")
        #expect(words.contains("600 s at most"))
        #expect(words.contains("this node is in no federation yet"))
    }
}
