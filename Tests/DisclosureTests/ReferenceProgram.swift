import Foundation

/// Runs a reference implementation, in Python, on one question: `Reference/NAME.py`, JSON in and out.
enum ReferenceProgram {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: where Python or the packages of `Infra/references.txt` are missing: `Infra/setup.sh test` gets them.
    static func ask<Answer: Decodable & Sendable>(
        _ name: String, _ question: some Encodable, as: Answer.Type
    ) async throws -> Answer {
        let input = try JSONEncoder().encode(question)
        let output = try await onThread { try run(name, input) }
        return try JSONDecoder().decode(Answer.self, from: output)
    }

    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()

    private static func run(_ name: String, _ input: Data) throws -> Data {
        let folder = FileManager.default.temporaryDirectory.appending(path: "reference-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (asked, answered, errors) = (
            folder.appending(path: "asked"), folder.appending(path: "answered"),
            folder.appending(path: "errors")
        )
        try input.write(to: asked)
        for file in [answered, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let packages = tests.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: ".lib/reference")
        process.arguments = [
            "PYTHONPATH=\(packages.path)", "PYTHONDONTWRITEBYTECODE=1", "python3",
            tests.appending(path: "Reference/\(name).py").path,
        ]
        process.standardInput = try FileHandle(forReadingFrom: asked)
        process.standardOutput = try FileHandle(forWritingTo: answered)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let words = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
            throw Failure(
                description: "\(name).py: \(words.suffix(500)) (Infra/setup.sh test gets what it needs)")
        }
        return try Data(contentsOf: answered)
    }

    /// Waiting for a process blocks: never on the cooperative pool.
    private static func onThread<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}
