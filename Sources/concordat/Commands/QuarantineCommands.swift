internal import ArgumentParser
internal import Foundation
internal import Node

struct QuarantineCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine", abstract: "Records that an ingest set aside, with their bytes.",
        subcommands: [List.self, Show.self, Retry.self, Export.self, Degraded.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "How many records were set aside, by file and reasons; says nothing of what they hold.",
            examples: ["concordat quarantine list --home demo/RJ1 --entries"])

        @OptionGroup var home: HomeOption
        @OptionGroup var controller: ControllerOption
        @OptionGroup var output: FormatOption
        @Flag(help: "Each record with its place.") var entries = false

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(controller.command(.quarantineList(entries: entries))),
                format: output.format)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "One record as it came. PRINTS A PERSON'S DATA; the log bears that it was shown.",
            examples: ["concordat quarantine show --home demo/RJ1 3f2a9c01"])

        @OptionGroup var home: HomeOption
        @OptionGroup var controller: ControllerOption
        @OptionGroup var output: FormatOption
        @Argument(help: "The record's id or its beginning; 'list --entries' has them.") var id: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(controller.command(.quarantineShow(id: id, json: output.format == .json))),
                format: output.format)
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry",
            abstract: "Ingest all of them again; those that are taken in now leave the quarantine.",
            discussion: """
                For records whose patient has come since, or after a change of datasets or bounds. A record \
                that waited never replaces one of the warehouse unless it says that it is newer.
                """, examples: ["concordat quarantine retry --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var controller: ControllerOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(controller.command(.quarantineRetry)), format: output.format)
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Write the records to a new file of NDJSON, to be corrected at their source.",
            examples: ["concordat quarantine export --home demo/RJ1 set-aside"])

        @OptionGroup var home: HomeOption
        @OptionGroup var controller: ControllerOption
        @OptionGroup var output: FormatOption
        @Argument(help: "The file to write.", completion: .file()) var path: String

        func run() async throws {
            let absolute = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
            try ReplyPrinter.print(
                try await home.run(controller.command(.quarantineExport(path: absolute))),
                format: output.format)
        }
    }

    struct Degraded: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "degraded",
            abstract: "Records that were taken in but could not be held whole, by what is missing.",
            discussion: """
                modified           a modifier extension or implicit rules, which change what the rest means
                no-code            no coding with a code; part-without-code: the same of a component
                value-not-held     a value that is neither a quantity nor a code
                """, examples: ["concordat quarantine degraded --home demo/RJ1 --entries"])

        @OptionGroup var home: HomeOption
        @OptionGroup var controller: ControllerOption
        @OptionGroup var output: FormatOption
        @Flag(help: "Each record by its id at the source.") var entries = false

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(controller.command(.quarantineDegraded(entries: entries))),
                format: output.format)
        }
    }
}
