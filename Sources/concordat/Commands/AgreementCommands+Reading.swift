internal import ArgumentParser
internal import Foundation
internal import Node

extension AgreementForm: ExpressibleByArgument {}

/// An agreement that a node knows by its name, or one in a file.
struct AgreementArgument: ParsableArguments {
    @Argument(help: "Name of an agreement, or a file with one (YAML, or what goes from party to party).")
    var agreement: String

    @Option(help: "Version; the one that counts now if left out.") var version: Int?

    func source() throws -> AgreementSource {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: agreement, isDirectory: &isFolder), !isFolder.boolValue
        else { return .known(id: agreement, version: version) }
        guard version == nil else { throw ValidationError("--version is for an agreement by its name") }
        return .text(try InputFile.read(agreement))
    }
}

extension AgreementCommands {
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Check a text: prints everything that is wrong, FILE:LINE:COLUMN first.",
            discussion: "Exit code 1 if anything is. Needs no home.",
            examples: ["concordat agreement check waits-2026.yaml"])

        @OptionGroup var output: FormatOption
        @Argument(help: "YAML or JSON file.", completion: .file()) var file: String

        private struct Fault: Encodable {
            let line: Int
            let column: Int
            let field: String
            let message: String
        }

        func run() async throws {
            let text = try InputFile.read(file)
            let faults = try AgreementCheck(shared: try SharedFiles.find()).faults(in: text)
            switch output.format {
            case .json:
                Terminal.print(
                    try ScriptJSON.encode(
                        faults.map {
                            Fault(line: $0.line, column: $0.column, field: $0.field, message: $0.message)
                        }))
            case .csv:
                let rows = faults.map { [String($0.line), String($0.column), $0.field, $0.message] }
                Terminal.print(
                    CSV.text(columns: ["line", "column", "field", "message"], rows: rows), terminator: "")
            case .table:
                for fault in faults {
                    Terminal.print("\(file):\(fault.line):\(fault.column): \(fault.field): \(fault.message)")
                }
                if faults.isEmpty { Terminal.print("\(file): nothing is wrong") }
            }
            if !faults.isEmpty { throw ExitStatus.failure }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Print an agreement: for people, as a page to sign, or as it is written or signed.",
            examples: ["concordat agreement show --home demo/RJ1 waits-2026 --format html > waits-2026.html"])
        @OptionGroup var home: HomeOption
        @OptionGroup var source: AgreementArgument
        @Option(help: "text, html, yaml or json (the bytes that are signed).") var format: AgreementForm =
            .text

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.agreement(.print(try source.source(), as: format))), format: .table)
        }
    }

    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "diff", abstract: "What a version, or a draft, changes: in words.",
            examples: ["concordat agreement diff --home demo/RJ1 waits-2026 --from 1 --to 2"])
        @OptionGroup var home: HomeOption
        @Option(help: "The version before; the one before the new one if left out.") var from: Int?
        @Option(help: "The new version; the newest known if left out.") var to: Int?
        @Argument(help: "Name of the agreement.") var id: String
        @Argument(help: "A draft, instead of --to.", completion: .file()) var file: String?
        @OptionGroup var output: FormatOption

        func run() async throws {
            guard file == nil || to == nil else { throw ValidationError("give --to or a file, not both") }
            guard output.format != .csv else { throw ValidationError("--format takes table or json here") }
            try ReplyPrinter.print(
                try await home.run(
                    .agreement(
                        .compare(
                            id: id, from: from, to: to, draft: try file.map(InputFile.read),
                            json: output.format == .json))), format: output.format)
        }
    }

    struct Rehearse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rehearse",
            abstract: "Before you sign: what would leave, over your own published data. Nothing is sent.",
            discussion: """
                Runs the agreement's own examples, those given with --query, and with --recent the latest questions \
                for such a purpose that this controller was asked under other agreements, through the very steps \
                that an answer goes through. What it prints is for the controller's eyes.
                """, examples: ["concordat agreement rehearse --home demo/RJ1 waits-2026 --recent 20"])
        @OptionGroup var home: HomeOption
        @OptionGroup var source: AgreementArgument
        @Option(help: "A question in SQL; may be repeated.") var query: [String] = []
        @Option(help: "So many of the latest questions of that kind.") var recent = 0
        @OptionGroup var output: FormatOption

        func run() async throws {
            guard (0...1_000).contains(recent) else { throw ValidationError("--recent takes 0 to 1000") }
            guard output.format != .csv else { throw ValidationError("--format takes table or json here") }
            try ReplyPrinter.print(
                try await home.run(
                    .agreement(
                        .rehearse(
                            try source.source(), queries: query, recent: recent,
                            json: output.format == .json))), format: output.format)
        }
    }
}
