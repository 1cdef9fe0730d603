internal import ArgumentParser
internal import Node

struct ReleaseCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Answers that wait for a person before they leave (pendingReview of an agreement).",
        discussion: """
            The requester is told to ask again. Once approved, the same question gets the answer that was looked at; \
            over a newer publication it is answered anew.
            """,
        subcommands: [List.self, Show.self, Approve.self, Decline.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "What waits, and what was decided.",
            examples: ["concordat release list --home demo/RJ1"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.review(.list)), format: output.format)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "The question, and the numbers that would leave.",
            examples: ["concordat release show --home demo/RJ1 12"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "Number of the release.") var id: Int64

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.review(.show(id: id, json: output.format == .json))),
                format: output.format)
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "approve", abstract: "Let it go.",
            examples: ["concordat release approve --home demo/RJ1 12"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "Number of the release.") var id: Int64

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.review(.approve(id: id))), format: output.format)
        }
    }

    struct Decline: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "decline",
            abstract: "Do not let it go; the requester is told so, without the reason.",
            examples: ["concordat release decline --home demo/RJ1 12 --reason 'Too fine a breakdown'"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Option(help: "Why, for this node's own list.") var reason: String
        @Argument(help: "Number of the release.") var id: Int64

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.review(.decline(id: id, reason: reason))), format: output.format)
        }
    }
}
