internal import ArgumentParser
internal import Node

extension AgreementCommands {
    struct Amend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "amend",
            abstract: "Make the next version of an agreement, from YAML, and print it to be signed.",
            discussion: """
                It keeps name and requester, and has a higher version. The version before stays in force until all \
                have signed the new one and taken it over.
                """, examples: ["concordat agreement amend --home demo/RJ1 waits-2026 waits-2026-v2.yaml"])
        @OptionGroup var home: HomeOption
        @Argument(help: "Name of the agreement.") var id: String
        @Argument(help: "YAML file with the whole of the new version.", completion: .file()) var file: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.agreement(.amend(id: id, yaml: try InputFile.read(file)))), format: .table
            )
        }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "suspend",
            abstract: "Stop answering under an agreement, at once, until it is resumed.",
            examples: [
                "concordat agreement suspend --home demo/RJ1 waits-2026 --reason 'The DPIA is being renewed'"
            ])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Option(help: "Why: the other parties are told. Nothing about a person.") var reason: String
        @Argument(help: "Name of the agreement.") var id: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.agreement(.suspend(id: id, reason: reason))), format: output.format)
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resume", abstract: "Take this node's own suspension of an agreement back.",
            examples: [
                "concordat agreement resume --home demo/RJ1 waits-2026 --reason 'The DPIA is renewed'"
            ])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Option(help: "Why: the other parties are told. Nothing about a person.") var reason: String
        @Argument(help: "Name of the agreement.") var id: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.agreement(.resume(id: id, reason: reason))), format: output.format)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke",
            abstract: "End an agreement here, at once and for good; the others are told.",
            examples: [
                "concordat agreement revoke --home demo/RJ1 waits-2026 --reason 'The programme has ended'"
            ])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Option(help: "Why: the other parties are told. Nothing about a person.") var reason: String
        @Argument(help: "Name of the agreement.") var id: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.revokeAgreement(id: id, reason: reason)), format: output.format)
        }
    }
}
