internal import ArgumentParser
internal import Foundation
internal import Store
internal import Synthesis

/// The five homes of the demonstration, made by the same commands that people type.
struct DemoFederation {
    let root: String

    func home(_ member: DemoPlan.Member) -> String { "\(root)/\(member.code)" }

    private var marker: String { root + "/.concordat-demo" }
    var processFile: String { root + "/nodes.json" }

    /// Makes the root, or clears one that an earlier demonstration made; nothing else is ever removed.
    func prepareRoot() throws {
        let manager = FileManager.default
        if manager.fileExists(atPath: root) {
            let contents = (try? manager.contentsOfDirectory(atPath: root)) ?? []
            guard contents.isEmpty || manager.fileExists(atPath: marker) else {
                throw ChildProcess.Failure(
                    description: "\(root) holds something else; give an empty or absent directory with --home"
                )
            }
            guard !manager.fileExists(atPath: processFile) else {
                throw ChildProcess.Failure(
                    description: "nodes may still run there; first: concordat demo --stop --home \(root)")
            }
            // A demonstration that was killed may have left its servers.
            servers.stop()
            try manager.removeItem(atPath: root)
        }
        try manager.createDirectory(atPath: root, withIntermediateDirectories: true)
        try Data("made by 'concordat demo'; may be removed\n".utf8).write(to: URL(filePath: marker))
    }

    var servers: DemoServers { DemoServers(root: root) }

    /// - Parameter warehouses: by the code of a trust, where its data stand unless that is DuckDB.
    /// - Returns: the ports that the homes name, to be kept until the nodes listen.
    func makeHomes(warehouses: [String: String]) throws -> ReservedPorts {
        Terminal.print("Making five homes in \(root) …")
        let ports = try ReservedPorts(DemoPlan.members.count + 2)
        let doors = ports.numbers.suffix(2).map { "127.0.0.1:\($0)" }
        for (member, port) in zip(DemoPlan.members, ports.numbers) {
            let isRequester = member.code == DemoPlan.requester.code
            try ChildProcess.run(
                [
                    "init", "--home", home(member), "--organisation", member.code, "--name", member.name,
                    "--role",
                    member.role, "--listen", "127.0.0.1:\(port)", "--synthetic",
                    "--warehouse", warehouses[member.code] ?? "duckdb",
                ] + (isRequester ? ["--sql", doors[0], "--web", doors[1]] : []))
        }
        return ports
    }

    /// Somebody who may sign in with psql and over HTTP, with a password that nobody has chosen.
    func makeAnalyst() throws {
        var generator = SystemRandomNumberGenerator()
        let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
        let password = String((0..<20).map { _ in letters.randomElement(using: &generator) ?? "x" })
        try write(password + "\n", to: analystPassword)
        try ChildProcess.run([
            "user", "add", "--home", home(DemoPlan.requester), "--role", "analyst", "--password-file",
            analystPassword, DemoPlan.analyst,
        ])
    }

    private var analystPassword: String { root + "/analyst.password" }

    /// How the demonstration's analyst connects with psql.
    func psql() throws -> String {
        let configuration = try Home.open(at: home(DemoPlan.requester)).configuration
        return """
            PGPASSWORD=$(cat \(analystPassword)) psql "host=localhost port=\(configuration.sql?.port ?? 0) \
            user=\(DemoPlan.analyst) dbname=\(DemoPlan.agreement) sslmode=verify-full \
            sslrootcert=\(home(DemoPlan.requester))/sql.crt"
            """
    }

    /// Where the demonstration's analyst finds the HTTP API.
    func web() throws -> String {
        let configuration = try Home.open(at: home(DemoPlan.requester)).configuration
        let origin = configuration.web?.origin ?? ""
        return """
            \(origin), and \(origin)/api/v1/openapi.json (trust \(home(DemoPlan.requester))/web.crt; \
            '\(DemoPlan.analyst)' signs in with the password in \(analystPassword))
            """
    }

    func makeDirectory() throws {
        Terminal.print("Making the signed directory …")
        let steward = home(DemoPlan.linker)
        try ChildProcess.run(["federation", "create", "--home", steward, "--name", "Demonstration"])
        for member in DemoPlan.members {
            let card = "\(root)/\(member.code).card"
            try write(ChildProcess.run(["federation", "card", "--home", home(member)]), to: card)
            try ChildProcess.run(["federation", "add", "--home", steward, card])
        }
        let directory = root + "/directory.json"
        try write(ChildProcess.run(["federation", "sign", "--home", steward]), to: directory)
        for member in DemoPlan.members {
            try ChildProcess.run(["federation", "join", "--home", home(member), directory])
        }
    }

    func makeAgreement(profile: String) throws {
        Terminal.print("Signing the agreement '\(DemoPlan.agreement)' …")
        let file = root + "/agreement.json"
        let make =
            [
                "agreement", "make", "--home", home(DemoPlan.requester), "--id", DemoPlan.agreement,
                "--title",
                "Planning for the demonstration", "--linker", DemoPlan.linker.code, "--purpose", "planning",
                "--gateway", "s251Reg5", "--cag", "26/CAG/0001", "--dpia", "DPIA-DEMO", "--action",
                "aggregate", "--action", "link", "--profile", profile,
            ] + DemoPlan.trusts.flatMap { ["--controller", $0.code] }
            + (profile == "none" ? [] : ["--honour", "national-data-opt-out"])
        try write(ChildProcess.run(make), to: file)
        try write(
            ChildProcess.run(["agreement", "sign", "--home", home(DemoPlan.requester), file]), to: file)
        for trust in DemoPlan.trusts {
            try write(ChildProcess.run(["agreement", "countersign", "--home", home(trust), file]), to: file)
        }
        for member in DemoPlan.members {
            try ChildProcess.run(["agreement", "import", "--home", home(member), file])
        }
    }

    func synthesise(patients: Int, seed: UInt64, overlap: Double, to directory: String) throws {
        let parameters: PopulationParameters
        do {
            parameters = try PopulationParameters(
                patients: patients, seed: seed, sites: DemoPlan.trusts.count, overlap: overlap)
        } catch {
            throw ValidationError(error.description)
        }
        let run = SynthesisRun(parameters, directory: directory, siteNames: DemoPlan.trusts.map(\.code))
        let bar = ProgressBar("synthesising")
        _ = try run.write { done, total in bar.update(done, of: total) }
        bar.finish()
        // Reference tables are replicated: every node holds the same areas.
        for member in DemoPlan.members {
            let folder = home(member) + "/references"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: directory + "/reference/imd.csv", toPath: folder + "/imd.csv")
        }
    }

    func ingest(from directory: String, withOptOut: Bool) throws {
        for trust in DemoPlan.trusts {
            let source = "\(directory)/\(trust.code)"
            if withOptOut {
                try ChildProcess.run(["opt-out", "import", "--home", home(trust), source + "/opt-out.dat"])
            }
            Terminal.print("Ingesting at \(trust.code) …")
            Terminal.print(
                try ChildProcess.run(["ingest", "--home", home(trust), source]), terminator: "")
        }
    }

    func start() throws -> DemoNodes {
        Terminal.print("Starting five nodes …")
        var nodes = DemoNodes(file: processFile)
        do {
            for member in DemoPlan.members {
                nodes.processes.append(
                    try ChildProcess.start(
                        ["serve", "--home", home(member)], log: "\(root)/\(member.code).log"))
            }
            for (member, node) in zip(DemoPlan.members, nodes.processes) { try waitUntilReady(member, node) }
        } catch {
            nodes.stop()
            throw error
        }
        return nodes
    }

    /// A node is ready once its socket answers.
    private func waitUntilReady(_ member: DemoPlan.Member, _ node: Process) throws {
        for _ in 0..<1_200 where node.isRunning {
            if FileManager.default.fileExists(atPath: home(member) + "/run/node.sock"),
                try ChildProcess.runAnyway(["status", "--home", home(member), "--format", "json"]).status == 0
            {
                return
            }
            usleep(100_000)
        }
        throw ChildProcess.Failure(
            description: "\(member.code) did not start; see \(root)/\(member.code).log")
    }

    private func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    func stopKept() throws {
        guard let data = FileManager.default.contents(atPath: processFile),
            let pids = try? JSONDecoder().decode([Int32].self, from: data)
        else { throw ChildProcess.Failure(description: "no nodes of a demonstration run in \(root)") }
        for pid in pids where DemoNodes.isNode(pid, of: root) { kill(pid, SIGTERM) }
        for pid in pids {
            for _ in 0..<100 where DemoNodes.isNode(pid, of: root) { usleep(100_000) }
        }
        servers.stop()
        try FileManager.default.removeItem(atPath: processFile)
        Terminal.print("Stopped.")
    }
}

/// The nodes' processes.
struct DemoNodes {
    let file: String
    var processes: [Process] = []

    init(file: String) { self.file = file }

    func stop() {
        for process in processes where process.isRunning { process.terminate() }
        for process in processes { process.waitUntilExit() }
    }

    func remember() throws {
        try JSONEncoder().encode(processes.map(\.processIdentifier)).write(to: URL(filePath: file))
    }

    /// Whether the process is still one of this demonstration's nodes, and not another that got its number.
    static func isNode(_ pid: Int32, of root: String) -> Bool {
        guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
        let text = String(decoding: line, as: UTF8.self)
        return text.contains("serve") && text.contains(root + "/")
    }
}
