internal import ArgumentParser
internal import Node

struct IdentityCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identity", abstract: "Who this controller's patients are, and what could not be told.",
        subcommands: [Report.self, List.self, Show.self])

    struct Report: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "report",
            abstract: "Counts: NHS numbers by verification, links of patients, conflicts.",
            examples: ["concordat identity report --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var controller: ControllerOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(controller.command(.identity(.report))), format: output.format)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Each conflict with the number of its patients; says nothing of who they are.",
            discussion: """
                several-numbers  one Patient bears several NHS numbers
                linked-numbers   Patients linked as one have different NHS numbers
                shared-number    one NHS number on Patients whose birth date or sex contradict each other

                The patients are kept apart under local keys until their source corrects them.
                """, examples: ["concordat identity list --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var controller: ControllerOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(controller.command(.identity(.list))), format: output.format)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "One conflict with its patients' ids at their source; the log bears that it was shown.",
            examples: ["concordat identity show --home demo/RJ1 7"])

        @OptionGroup var home: HomeOption
        @OptionGroup var controller: ControllerOption
        @OptionGroup var output: FormatOption
        @Argument(help: "The conflict's id or its beginning; 'list' has them.") var id: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(controller.command(.identity(.show(id: id)))), format: output.format)
        }
    }
}
