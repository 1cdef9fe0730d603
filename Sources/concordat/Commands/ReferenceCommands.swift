internal import ArgumentParser
internal import Foundation
internal import Node

/// `--as-at`, `--licence`, `--source` and `--version` of whatever is loaded.
struct OriginOptions: ParsableArguments {
    @Option(name: .customLong("version"), help: "In the place of the version that the files say.")
    var named: String?
    @Option(help: "The day that the content is of: 2026-04-01.") var asAt: String?
    @Option(help: "Under which licence you hold it.") var licence: String?
    @Option(help: "Where it is from, such as an address.") var source: String?

    var words: OriginWords { OriginWords(asAt: asAt, licence: licence, source: source) }
}

struct ReferenceCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference", abstract: "Reference tables and terminologies of this node.",
        subcommands: [Load.self, List.self, Show.self, Remove.self])

    struct Load: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "load",
            abstract:
                "Load a release as published: deprivation, organisations, populations, SNOMED CT, dm+d.",
            discussion: """
                imd                  English Indices of Deprivation 2019 or 2025: File 7, or File 1 with File 6
                ods                  ODS files: epraccur.csv, etr.csv …, PCN membership, ICBs and regions; all in one command
                practice-population  'Patients Registered at a GP Practice': single-age files (both sexes) or quin-age
                snomed               RF2 snapshot: folders or .zip archives, all modules in one command
                dmd                  dm+d XML: folder or .zip

                Files may be .gz. The next question has what was loaded, also where the node runs. Requester and \
                controllers must load the same release: its digest is compared. A version never changes. \
                SNOMED CT and dm+d are licensed: get them from NHS England's TRUD. They stay in this home.
                """, examples: ["concordat reference load --home demo/RJ1 imd File_7.csv --as-at 2019-09-26"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @OptionGroup var origin: OriginOptions
        @Argument(help: "imd, ods, practice-population, snomed or dmd.") var kind: ReferenceKind
        @Argument(help: "Files, folders or archives of one release.", completion: .file()) var paths: [String]

        func run() async throws {
            let absolute = paths.map { URL(filePath: $0).standardizedFileURL.path(percentEncoded: false) }
            let load = ReferenceLoad(kind, paths: absolute, version: origin.named, origin: origin.words)
            try ReplyPrinter.print(try await home.run(.reference(.load(load))), format: output.format)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Every version with its day, licence and digest; 'default' is what a bare name means.",
            examples: ["concordat reference list --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.reference(.list(.reference))), format: output.format)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "What is known of one; with --concept, the codes that descends_from finds.",
            examples: ["concordat reference show --home demo/RJ1 imd"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "NAME or NAME@VERSION.") var name: String
        @Option(help: "A concept of a terminology: list it with all below it.") var concept: UInt64?

        func run() async throws {
            let command: ReferenceCommand =
                concept.map { .codes(name: name, concept: $0) } ?? .show(.reference, name: name)
            try ReplyPrinter.print(try await home.run(.reference(command)), format: output.format)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove a version that was loaded at this node.",
            examples: ["concordat reference remove --home demo/RJ1 imd@2019"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "NAME@VERSION, or NAME where there is one version.") var name: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.reference(.remove(.reference, name: name))), format: output.format)
        }
    }
}

extension ReferenceKind: ExpressibleByArgument {}

struct CodelistCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "codelist", abstract: "Lists of codes that questions name: in_codelist(code, 'name').",
        subcommands: [Add.self, List.self, Show.self, Remove.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add a list in OpenCodelists' CSV layout (code, term).",
            discussion: """
                A question names the newest version, or one: in_codelist(code, 'asthma@2026-04-01'). Requester and \
                controllers must add the same list: its digest is compared, and stands in each controller's log \
                with the decision. A version never changes: other content needs another --version.
                """,
            examples: ["concordat codelist add --home demo/RJ1 asthma.csv --name asthma --as-at 2026-04-01"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @OptionGroup var origin: OriginOptions
        @Argument(help: "The CSV file, plain or .gz.", completion: .file()) var path: String
        @Option(help: "What questions call it: letters, digits, '_' and '-'.") var name: String

        func run() async throws {
            let absolute = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
            try ReplyPrinter.print(
                try await home.run(
                    .reference(
                        .addCodelist(
                            path: absolute, name: name, version: origin.named, origin: origin.words))),
                format: output.format)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Every version with its day, licence and digest; 'default' is what a bare name means.",
            examples: ["concordat codelist list --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.reference(.list(.codelist))), format: output.format)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "The codes of a list; with --about, what is known of it.",
            examples: ["concordat codelist show --home demo/RJ1 asthma"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "NAME or NAME@VERSION.") var name: String
        @Flag(help: "Version, day, licence, digest and origin instead of the codes.") var about = false

        func run() async throws {
            let command: ReferenceCommand =
                about ? .show(.codelist, name: name) : .codes(name: name, concept: nil)
            try ReplyPrinter.print(try await home.run(.reference(command)), format: output.format)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove a version that was added at this node.",
            examples: ["concordat codelist remove --home demo/RJ1 asthma@2026-04-01"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "NAME@VERSION, or NAME where there is one version.") var name: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.reference(.remove(.codelist, name: name))), format: output.format)
        }
    }
}
