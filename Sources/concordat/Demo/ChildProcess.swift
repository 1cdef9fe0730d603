internal import Foundation

/// Runs this program again, as another process, with other arguments.
enum ChildProcess {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static var executable: URL { URL(filePath: "/proc/self/exe").resolvingSymlinksInPath() }

    /// Runs a command to its end and returns what it printed; its errors go through to ours.
    @discardableResult
    static func run(_ arguments: [String]) throws -> String {
        let (status, text) = try runAnyway(arguments)
        guard status == 0 else {
            throw Failure(
                description: "'concordat \(arguments.prefix(2).joined(separator: " "))' ended with \(status)")
        }
        return text
    }

    /// The same, whatever the exit code.
    static func runAnyway(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// Starts a process that goes on by itself, its output in a file.
    static func start(_ arguments: [String], log: String) throws -> Process {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        guard FileManager.default.createFile(atPath: log, contents: nil) else {
            throw Failure(description: "cannot write \(log)")
        }
        let file = try FileHandle(forWritingTo: URL(filePath: log))
        process.standardOutput = file
        process.standardError = file
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }
}
