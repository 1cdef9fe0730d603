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

    /// What a server has besides its socket.
    package struct Options: Sendable {
        /// Listens at 127.0.0.1 too.
        package var port: Int?
        /// Settings as of `postgresql.conf`.
        package var settings: [String: String] = [:]
        /// Files to lie among the data, by name; the server's alone.
        package var files: [String: String] = [:]
        /// `pg_hba.conf`; nil lets everybody in.
        package var accessRules: String?

        package init() {}
    }

    /// For libpq; of the database `postgres`, as the superuser, by the socket.
    package let connectionString: String
    private let directory: URL
    private let arguments: [String]
    private let server: Mutex<Process>

    /// Starts a server and waits until it answers.
    /// - Throws: `Failure` where PostgreSQL 15 is not installed or does not start.
    package init(_ options: Options = Options()) async throws {
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
        try Self.place(options, in: data)
        // The socket's directory is this server's own, so that any port will do there.
        var settings = [
            "listen_addresses": options.port == nil ? "" : "127.0.0.1", "fsync": "off",
            "timezone": "Asia/Tokyo", "max_connections": "200",
        ]
        if let port = options.port { settings["port"] = String(port) }
        settings.merge(options.settings) { $1 }
        arguments = ["-D", data, "-k", directory.path] + settings.flatMap { ["-c", "\($0)=\($1)"] }
        server = Mutex(try Self.start("\(Self.binaries)/postgres", arguments, asServer: true))
        connectionString =
            "host=\(directory.path) port=\(options.port ?? 5432) user=concordat dbname=postgres"
        try await waitUntilReady()
    }

    /// Makes a new, empty database.
    /// - Parameter options: of `CREATE DATABASE`.
    /// - Returns: its connection string.
    package func makeDatabase(_ name: String, _ options: String = "") async throws -> String {
        let engine = PostgreSQLEngine(connectionString: connectionString)
        try await engine.withSession { try await $0.execute("CREATE DATABASE \(name) \(options)") }
        await engine.close()
        return connectionString.replacingOccurrences(of: "dbname=postgres", with: "dbname=\(name)")
    }

    private static func place(_ options: Options, in data: String) throws {
        var files = options.files
        files["pg_hba.conf"] = options.accessRules
        for (name, text) in files {
            let path = data + "/" + name
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            if getuid() == 0 { try run("/bin/chown", ["postgres:postgres", path]) }
        }
    }

    /// Stops the server and starts it again on the same files.
    /// - Parameter killed: it loses what it holds in memory, as if it had been killed, and must recover.
    package func restart(killed: Bool) async throws {
        try server.withLock { server in
            if killed { kill(server.processIdentifier, SIGQUIT) } else { server.interrupt() }
            server.waitUntilExit()
            server = try Self.start("\(Self.binaries)/postgres", arguments, asServer: true)
        }
        try await waitUntilReady()
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
