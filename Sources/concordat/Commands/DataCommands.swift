internal import ArgumentParser
internal import Foundation
internal import Node
internal import Synthesis

struct Ingest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Take FHIR R4 or tables into the warehouse.",
        discussion: """
            FHIR: NDJSON (plain or .gz), Bundles, single resources. Paths are files or folders; patients are taken \
            first. The same input twice changes nothing, newer versions replace older ones, and what cannot be taken \
            is set aside with its bytes and reasons (see 'concordat quarantine'). The first ingest publishes by \
            itself; later ones wait for 'concordat publish'.

            Tables: --mapping says how their rows become rows of datasets.

            Bulk Data: --bulk names a FHIR server whose export is taken in, later what has changed since. After a \
            crash the same command carries on; interrupting it (Ctrl-C) withdraws the export. The key for it is made \
            by 'concordat bulk key new'.
            """,
        examples: [
            "concordat ingest --home demo/RJ1 exports/2026-04",
            "concordat ingest --home demo/RJ1 --mapping hes-apc APC-2026-04.csv.gz",
            "concordat ingest --home demo/RJ1 --mapping deaths --replace deaths.csv",
            "concordat ingest --home demo/RJ1 --bulk https://ehr.example.org/fhir --group 17 --client-id concordat",
        ])

    @OptionGroup var home: HomeOption
    @OptionGroup var output: FormatOption
    @OptionGroup var controller: ControllerOption
    @OptionGroup(title: "Tables") var tables: TableOptions
    @OptionGroup(title: "Bulk Data") var bulk: BulkOptions
    @Argument(help: "Files or folders.", completion: .file()) var paths: [String] = []

    func run() async throws {
        let absolute = paths.map { URL(filePath: $0).standardizedFileURL.path(percentEncoded: false) }
        if let command = try bulk.command(paths, isTables: tables.mapping != nil) {
            return try await BulkOptions.run(command, at: home, output)
        }
        if let command = try tables.command(absolute) {
            return try ReplyPrinter.print(
                try await home.run(controller.command(.ingestTables(command))), format: output.format)
        }
        try ReplyPrinter.print(
            try await home.run(controller.command(.ingest(paths: absolute))), format: output.format)
    }
}

struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Freeze data and opt-outs together as the snapshot that questions are answered from.",
        examples: ["concordat publish --home demo/RJ1"])

    @OptionGroup var home: HomeOption
    @OptionGroup var output: FormatOption

    func run() async throws {
        try ReplyPrinter.print(try await home.run(.publish), format: output.format)
    }
}

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What this node is and holds, and what needs care.",
        examples: ["concordat status --home demo/RJ1"])

    @OptionGroup var home: HomeOption
    @OptionGroup var output: FormatOption

    func run() async throws {
        try ReplyPrinter.print(try await home.run(.status), format: output.format)
    }
}

struct AuditCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "The node's transparency log.", subcommands: [Verify.self, Show.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract:
                "Re-hash every record and tile and check the signed checkpoint; exits 1 if anything differs.",
            examples: ["concordat audit verify --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.verifyAudit), format: output.format)
        }
    }
}

struct Synthesise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synthesise", abstract: "Make a synthetic English population as FHIR R4 NDJSON.",
        discussion: """
            The same parameters give the same bytes. Writes DIR/site-1 … with a file a resource type and an \
            opt-out allow-list, and DIR/reference. NHS numbers are of the 999 range, which is never issued; it \
            has about 909,000 numbers, and people beyond them have none.
            """, examples: ["concordat synthesise --patients 6000 --sites 3 --output people"])

    @Option(help: "How many people.") var patients: Int
    @Option(help: "Seed of the random streams.") var seed: UInt64 = 1
    @Option(help: "Directory to write to.", completion: .directory) var output: String
    @Option(help: "Sites to spread the people over.") var sites = 1
    @Option(help: "Share of people with records at two sites, 0 to 1.") var overlap = 0.0
    @OptionGroup var format: FormatOption

    func run() async throws {
        let parameters: PopulationParameters
        do {
            parameters = try PopulationParameters(
                patients: patients, seed: seed, sites: sites, overlap: overlap)
        } catch {
            throw ValidationError(error.description)
        }
        let bar = ProgressBar("synthesising")
        let started = ContinuousClock.now
        let summary = try SynthesisRun(parameters, directory: output).write { done, total in
            bar.update(done, of: total)
        }
        bar.finish()
        if format.format == .json { return Terminal.print(try ScriptJSON.encode(summary)) }
        let rows =
            [
                ["people", String(summary.patients)], ["at two sites", String(summary.patientsAtTwoSites)],
                ["without NHS number", String(summary.patientsWithoutNumber)],
            ] + summary.resources.sorted { $0.key < $1.key }.map { [$0.key, String($0.value)] }
        Terminal.print(
            try Listing(columns: ["what", "count"], rows: rows).text(format.format), terminator: "")
        let elapsed = (ContinuousClock.now - started) / Duration.seconds(1)
        if format.format == .table {
            Terminal.print(String(format: "%.1f MB in %.1f s", Double(summary.bytes) / 1e6, elapsed))
        }
    }
}
