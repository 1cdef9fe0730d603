internal import ArgumentParser
internal import Foundation
internal import Node

struct SavedCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "saved", abstract: "Questions kept under a name; their released results are tables.",
        discussion: """
            What is released to a saved query is the table released.NAME: any SQL tool reads it, with no site asked. \
            'run' asks again, and what is released then takes its place.

              concordat saved add hypertension_by_site --home demo/QWE --agreement demo-planning \\
                "SELECT site, count(DISTINCT person) AS people FROM condition \\
                 WHERE in_codelist(code, 'hypertension') GROUP BY site"
              concordat saved run hypertension_by_site --home demo/QWE
            """,
        subcommands: [Add.self, List.self, Show.self, Run.self, Remove.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Keep a question; one of the same name is replaced.",
            examples: [
                "concordat saved add --home demo/QWE by_sex --agreement demo-planning 'SELECT sex, count(*) FROM patient GROUP BY sex'"
            ])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @OptionGroup var options: QuestionOptions
        @Option(help: "What it is for, shown with the table.") var comment: String?
        @Argument(help: "Its name, and its table's in 'released'.") var name: String
        @Argument(help: "The statement.") var sql: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.saved(.add(name: name, options.question(sql), comment: comment))),
                format: output.format)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "What is saved, and when it was last asked.",
            examples: ["concordat saved list --home demo/QWE"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.saved(.list)), format: output.format)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "The question, its last result and receipt, as JSON.",
            examples: ["concordat saved show --home demo/QWE by_sex"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument var name: String

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.saved(.show(name: name))), format: output.format)
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run",
            abstract: "Ask it now; the answer takes the place of the last one in released.NAME.",
            examples: ["concordat saved run --home demo/QWE by_sex"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument var name: String

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.saved(.run(name: name))), format: output.format)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Forget the question and its result.",
            examples: ["concordat saved remove --home demo/QWE by_sex"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument var name: String

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.saved(.remove(name: name))), format: output.format)
        }
    }
}
