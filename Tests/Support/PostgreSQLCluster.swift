internal import Foundation
internal import Synchronization
package import Testing
internal import Warehouse

/// A PostgreSQL 15 server of the tests' own: data, socket and process are made for it and end with it.
///
/// As root it runs as the user `postgres` that Debian's package makes, for the server refuses root.
package final class PostgreSQLCluster: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private static let binaries = "/usr/lib/postgresql/15/bin"

    /// The server of the suite that runs.
    @TaskLocal package static var current: PostgreSQLCluster?

    /// For libpq; of the database `postgres`.
    package let connectionString: String
    private let directory: URL
    private let server: Mutex<Process>

    /// Starts a server and waits until it answers.
    /// - Throws: `Failure` where PostgreSQL 15 is not installed or does not start.
    package init() async throws {
        guard FileManager.default.isExecutableFile(atPath: "\(Self.binaries)/postgres") else {
            throw Failure(description: "PostgreSQL 15 is not installed: run Infra/setup.sh test")
        }
        let name =
            "concordat-pg-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0 ... .max))"
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        self.directory = directory
        if getuid() == 0 { try Self.run("/bin/chown", ["postgres:postgres", directory.path]) }
        let data = directory.appendingPathComponent("data").path
        try Self.run(
            "\(Self.binaries)/initdb",
            ["-D", data, "-U", "concordat", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            asServer: true)
        // No TCP at all; the socket's directory is this server's own, so that any port will do.
        let process = try Self.start(
            "\(Self.binaries)/postgres",
            [
                "-D", data, "-k", directory.path, "-c", "listen_addresses=", "-c", "fsync=off",
                "-c", "timezone=Asia/Tokyo", "-c", "max_connections=200",
            ], asServer: true)
        server = Mutex(process)
        connectionString = "host=\(directory.path) port=5432 user=concordat dbname=postgres"
        try await waitUntilReady()
    }

    /// Makes a new, empty database.
    /// - Returns: its connection string.
    package func makeDatabase(_ name: String) async throws -> String {
        let engine = PostgreSQLEngine(connectionString: connectionString)
        try await engine.withSession { try await $0.execute("CREATE DATABASE \(name)") }
        await engine.close()
        return connectionString.replacingOccurrences(of: "dbname=postgres", with: "dbname=\(name)")
    }

    private func waitUntilReady() async throws {
        let engine = PostgreSQLEngine(connectionString: connectionString)
        for _ in 0..<600 {
            if let session = try? await engine.session() { return await session.end() }
            try await Task.sleep(for: .milliseconds(100))
        }
        stop()
        throw Failure(description: "PostgreSQL did not start within a minute")
    }

    /// Stops the server (SIGINT is its fast shutdown) and removes its files.
    package func stop() {
        server.withLock {
            $0.interrupt()
            $0.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: directory)
    }

    private static func run(_ program: String, _ arguments: [String], asServer: Bool = false) throws {
        let process = try start(program, arguments, asServer: asServer)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(program) ended with status \(process.terminationStatus)")
        }
    }

    private static func start(_ program: String, _ arguments: [String], asServer: Bool) throws -> Process {
        let process = Process()
        let asOther = asServer && getuid() == 0
        let command =
            asOther ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : []
        let whole = command + [program] + arguments
        process.executableURL = URL(fileURLWithPath: whole[0])
        process.arguments = Array(whole.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}

/// Gives the tests of a suite one PostgreSQL server, as `PostgreSQLCluster.current`.
package struct PostgreSQLClusterTrait: SuiteTrait, TestScoping {
    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let cluster = try await PostgreSQLCluster()
        defer { cluster.stop() }
        try await PostgreSQLCluster.$current.withValue(cluster) { try await function() }
    }
}

extension Trait where Self == PostgreSQLClusterTrait {
    /// A PostgreSQL server for the suite.
    package static var postgreSQLCluster: Self { Self() }
}
