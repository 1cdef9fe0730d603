internal import Foundation

/// PostgreSQL servers of the demonstration's own, one a trust: data, socket and process are made for it.
///
/// `ROOT/RJ1.postgresql/` has a server's data and, unless its path is too long for one, its socket. Only its socket
/// leads to a server, and only the demonstration's user to the socket. As root they run as another user, for
/// PostgreSQL refuses root. A server is known again by the pid in its data, and by the data in its command line.
struct DemoServers {
    let root: String

    /// A path of a socket may have 107 bytes (`sun_path`), its name `/.s.PGSQL.5432` included.
    private static let longestSocketDirectory = 107 - 14
    private static let suffix = ".postgresql"

    private func folder(_ member: DemoPlan.Member) -> String { "\(root)/\(member.code)\(Self.suffix)" }

    /// Makes a server for each trust and starts it.
    /// - Returns: trust's code -> what the trust's node is told as `--warehouse`.
    func start() throws -> [String: String] {
        let binaries = try Self.binaries()
        let user = try Self.unprivilegedUser()
        Terminal.print("Starting a PostgreSQL server for each trust …")
        if user != nil {
            // The other user must get through to its own folder; what lies beside it stays closed.
            try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: root)
        }
        var addresses: [String: String] = [:]
        for trust in DemoPlan.trusts {
            addresses[trust.code] = try start(
                folder(trust), log: "\(root)/\(trust.code).postgresql.log", binaries, user)
        }
        return addresses
    }

    private func start(_ folder: String, log: String, _ binaries: String, _ user: String?) throws -> String {
        let manager = FileManager.default
        let data = folder + "/data"
        try manager.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let sockets = try socketDirectory(folder)
        if let user {
            for path in Set([folder, sockets]) {
                try Self.finish("/bin/chown", ["\(user):", path], as: nil, log)
            }
        }
        try Self.finish(
            "\(binaries)/initdb",
            ["-D", data, "-U", "concordat", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], as: user,
            log)
        let server = try Self.launch(
            "\(binaries)/postgres", ["-D", data, "-k", sockets, "-c", "listen_addresses="], as: user, log)
        try waitUntilReady(server, data, log)
        let escaped = sockets.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? sockets
        return "postgresql://concordat@/postgres?host=\(escaped)"
    }

    private func socketDirectory(_ folder: String) throws -> String {
        if folder.utf8.count <= Self.longestSocketDirectory { return folder }
        var name = Array("/tmp/concordat-XXXXXX".utf8CString)
        guard let made = mkdtemp(&name) else {
            throw ChildProcess.Failure(description: "cannot make a directory for PostgreSQL's socket in /tmp")
        }
        let path = String(cString: made)
        try FileManager.default.createSymbolicLink(atPath: folder + "/socket", withDestinationPath: path)
        return path
    }

    /// Its pid file's last line says when it lets somebody in.
    private func waitUntilReady(_ server: Process, _ data: String, _ log: String) throws {
        for _ in 0..<600 where server.isRunning {
            if Self.lines(data + "/postmaster.pid").last == "ready" { return }
            usleep(50_000)
        }
        throw ChildProcess.Failure(description: "PostgreSQL did not start; see \(log)")
    }

    /// Stops every server of this root that runs, and waits until it has (SIGINT is the fast shutdown).
    func stop() {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        for folder in folders.filter({ $0.hasSuffix(Self.suffix) }).map({ root + "/" + $0 }) {
            let data = folder + "/data"
            if let first = Self.lines(data + "/postmaster.pid").first, let pid = Int32(first),
                Self.isServer(pid, of: data)
            {
                kill(pid, SIGINT)
                for _ in 0..<600 where Self.isServer(pid, of: data) { usleep(50_000) }
            }
            if let sockets = try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/socket") {
                try? FileManager.default.removeItem(atPath: sockets)
            }
        }
    }

    /// Whether the process is the server of these data, and not another that got its number.
    private static func isServer(_ pid: Int32, of data: String) -> Bool {
        let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
        return line.split(separator: 0).contains { String(decoding: $0, as: UTF8.self) == data }
    }

    private static func lines(_ path: String) -> [String] {
        let text = FileManager.default.contents(atPath: path) ?? Data()
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
    }
}

extension DemoServers {
    /// Where PostgreSQL's own programs are: the newest version of 15 or later, where Debian or Red Hat put it, or on
    /// the search path.
    private static func binaries() throws -> String {
        let manager = FileManager.default
        func versions(_ folder: String, _ lead: String) -> [(Int, String)] {
            ((try? manager.contentsOfDirectory(atPath: folder)) ?? []).compactMap { name in
                guard name.hasPrefix(lead), let version = Int(name.dropFirst(lead.count)), version >= 15
                else {
                    return nil
                }
                return (version, "\(folder)/\(name)/bin")
            }
        }
        let installed = (versions("/usr/lib/postgresql", "") + versions("/usr", "pgsql-")).sorted {
            $0.0 > $1.0
        }
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let found = (installed.map(\.1) + path).first { folder in
            ["initdb", "postgres"].allSatisfy { manager.isExecutableFile(atPath: "\(folder)/\($0)") }
        }
        guard let found else {
            throw ChildProcess.Failure(
                description:
                    "no PostgreSQL server (15 or later) is installed here: apt-get install postgresql, "
                    + "or leave out '--warehouse postgresql'")
        }
        return found
    }

    /// Who the servers run as; nil: as who we are.
    private static func unprivilegedUser() throws -> String? {
        guard geteuid() == 0 else { return nil }
        let users: [String] = ["postgres", "nobody"]
        guard let user = users.first(where: { getpwnam($0) != nil }) else {
            throw ChildProcess.Failure(
                description: "PostgreSQL refuses to run as root, and there is no user 'postgres' here: "
                    + "run the demonstration as an ordinary user")
        }
        return user
    }

    private static func finish(
        _ program: String, _ arguments: [String], as user: String?, _ log: String
    ) throws {
        let process = try launch(program, arguments, as: user, log)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ChildProcess.Failure(
                description: "\(program) ended with \(process.terminationStatus); see \(log)"
                    + (user.map { " (the user '\($0)' must be able to reach the directory)" } ?? ""))
        }
    }

    private static func launch(
        _ program: String, _ arguments: [String], as user: String?, _ log: String
    ) throws -> Process {
        let manager = FileManager.default
        if !manager.fileExists(atPath: log) { _ = manager.createFile(atPath: log, contents: nil) }
        let file = try FileHandle(forWritingTo: URL(filePath: log))
        try file.seekToEnd()
        let change =
            user.map { ["/usr/bin/setpriv", "--reuid=\($0)", "--regid=\(group($0))", "--init-groups"] } ?? []
        let command = change + [program] + arguments
        let process = Process()
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(filePath: "/")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = file
        process.standardError = file
        try process.run()
        return process
    }

    /// The group of a user, by number.
    private static func group(_ user: String) -> String {
        getpwnam(user).map { String($0.pointee.pw_gid) } ?? user
    }
}
