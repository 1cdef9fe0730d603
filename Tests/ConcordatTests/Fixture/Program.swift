import Foundation

/// The program under test, run as a process of its own: the binary that was built beside the tests.
enum Program {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What one run came to.
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let errors: String

        /// Standard output as JSON.
        func json() throws -> JSONDocument {
            do {
                return try JSONDecoder().decode(JSONDocument.self, from: Data(output.utf8))
            } catch {
                throw Failure(description: "no JSON (exit code \(status)): \(output)\(errors)")
            }
        }
    }

    static var path: String {
        get throws {
            let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            let program = tests.deletingLastPathComponent().appending(path: "concordat").path
            guard FileManager.default.isExecutableFile(atPath: program) else {
                throw Failure(description: "\(program) is not built: run swift build")
            }
            return program
        }
    }

    /// Runs `concordat` with arguments to its end.
    /// - Parameter input: what it reads from standard input; a line or two.
    static func run(_ arguments: [String], input: String? = nil) async throws -> Outcome {
        let program = try path
        return try await onThread { try runBlocking(program, arguments, input: input) }
    }

    /// Runs another program, found by the search path, to its end.
    static func run(other program: String, _ arguments: [String]) async throws -> Outcome {
        try await onThread { try runBlocking("/usr/bin/env", [program] + arguments) }
    }

    /// A port of this machine that nobody uses now.
    static func freePort() async throws -> Int {
        let script = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
        let found = try await run(other: "python3", ["-c", script])
        guard let port = Int(found.output.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw Failure(description: "no free port: \(found.errors)")
        }
        return port
    }

    /// Waiting for a process blocks: never on the cooperative pool.
    static func onThread<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
        }
    }

    private static func runBlocking(
        _ program: String, _ arguments: [String], input: String? = nil
    ) throws -> Outcome {
        let errors = FileManager.default.temporaryDirectory.appending(
            path: "concordat-stderr-\(UUID().uuidString)")
        try Data().write(to: errors)
        defer { try? FileManager.default.removeItem(at: errors) }
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        if let input {
            let given = Pipe()
            given.fileHandleForWriting.write(Data(input.utf8))
            try given.fileHandleForWriting.close()
            process.standardInput = given
        }
        process.standardError = try FileHandle(forWritingTo: errors)
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
            errors: String(decoding: (try? Data(contentsOf: errors)) ?? Data(), as: UTF8.self))
    }
}

/// The folders of the project that tests read.
enum ProjectFiles {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
    static let schemas = URL(filePath: tests).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Schemas").path

    static let policies = URL(filePath: schemas).deletingLastPathComponent().appending(path: "Policies").path

    static func text(_ path: String) throws -> String {
        try String(contentsOf: URL(filePath: path), encoding: .utf8)
    }
}

/// Data that is not part of the project, named by `CONCORDAT_OUTSIDE_DATA`.
enum OutsideData {
    static let root = ProcessInfo.processInfo.environment["CONCORDAT_OUTSIDE_DATA"]

    static var isHere: Bool { root != nil }

    static func path(_ relative: String) -> String { (root ?? "") + "/" + relative }
}
