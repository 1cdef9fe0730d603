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

/// Ports of the loopback interface that nobody uses now.
enum FreePort {
    static func find(_ count: Int) throws -> [Int] {
        var sockets: [Int32] = []
        defer { sockets.forEach { _ = close($0) } }
        return try (0..<count).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { throw ChildProcess.Failure(description: "no socket to be had") }
            sockets.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let bound = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
                }
            }
            guard bound else { throw ChildProcess.Failure(description: "no free port to be had") }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }
}
