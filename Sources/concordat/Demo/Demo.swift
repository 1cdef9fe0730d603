internal import ArgumentParser
internal import Foundation

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The main job on this machine: five nodes, five processes, three questions and a refusal.",
        discussion: """
            An ICB (QWE) asks, three trusts (RJ1, RYJ, RAX) answer, a linker (X26) counts people once. Each has
            its own home DIR/ODS, keys, port and database. Everything that is started is stopped again, unless
            --keep is given; then 'concordat demo --stop --home DIR' stops it.
            """)

    @Option(help: "Directory for the five homes; made anew.") var home = "demo"
    @Option(help: "People to synthesise.") var patients = 6_000
    @Option(help: "Seed of the synthetic people.") var seed: UInt64 = 1
    @Option(help: "Foreign FHIR NDJSON to split over the trusts, instead of synthetic people.") var data:
        String?
    @Option(help: "Share of people with records at two trusts.") var overlap = 0.1
    @Option(help: "Disclosure profile; with 'none' no opt-out list is applied either.") var disclosure =
        "concordat"
    @Option(help: "duckdb, or postgresql: a server for each trust is started and stopped too.")
    var warehouse =
        "duckdb"
    @Flag(help: "Leave the nodes running and say how to ask more.") var keep = false
    @Flag(help: "Stop the nodes that an earlier --keep left running.") var stop = false

    func validate() throws {
        guard ["concordat", "none", "hes-2018"].contains(disclosure) else {
            throw ValidationError("--disclosure takes concordat, hes-2018 or none")
        }
        guard ["duckdb", "postgresql"].contains(warehouse) else {
            throw ValidationError("--warehouse takes duckdb or postgresql")
        }
        guard (0...1).contains(overlap) else { throw ValidationError("--overlap must be between 0 and 1") }
    }

    func run() async throws {
        let federation = DemoFederation(
            root: URL(filePath: home).standardizedFileURL.path(percentEncoded: false))
        do {
            if stop { return try federation.stopKept() }
            try federation.prepareRoot()
            do {
                try run(federation)
                if !keep { federation.servers.stop() }
            } catch {
                federation.servers.stop()
                throw error
            }
        } catch let failure as ChildProcess.Failure {
            Terminal.error("concordat demo: \(failure)")
            throw ExitStatus.failure
        }
    }

    private func run(_ federation: DemoFederation) throws {
        let ports = try federation.makeHomes(
            warehouses: warehouse == "duckdb" ? [:] : federation.servers.start())
        let nodes = try withExtendedLifetime(ports) {
            try federation.makeAnalyst()
            try federation.makeDirectory()
            try federation.makeAgreement(profile: disclosure)
            try fill(federation)
            return try federation.start()
        }
        do {
            try DemoQuestions(federation: federation).ask()
        } catch {
            nodes.stop()
            throw error
        }
        guard keep else {
            nodes.stop()
            return Terminal.print("\nStopped. The homes are in \(federation.root).")
        }
        try nodes.remember()
        try Terminal.print(
            """

            The nodes are still running. Ask more:
              concordat query --home \(federation.home(DemoPlan.requester)) --agreement \(DemoPlan.agreement) 'SELECT …'
            With psql:
              \(federation.psql())
            In a browser, and over HTTP:
              \(federation.web())
            Stop them:
              concordat demo --stop --home \(federation.root)
            """)
    }

    private func fill(_ federation: DemoFederation) throws {
        let source = federation.root + "/data"
        if let data {
            let path = URL(filePath: data).standardizedFileURL.path(percentEncoded: false)
            Terminal.print(
                "Splitting \(data) over three trusts, \(Int(overlap * 100)) % of the people at two …")
            try ForeignData(path: path, overlap: overlap).split(
                to: source, sites: DemoPlan.trusts.map(\.code))
        } else {
            Terminal.print("Synthesising \(patients) people, \(Int(overlap * 100)) % of them at two trusts …")
            try federation.synthesise(patients: patients, seed: seed, overlap: overlap, to: source)
        }
        try federation.ingest(from: source, withOptOut: disclosure != "none")
    }
}
