internal import ArgumentParser
internal import Core
internal import Node

struct MeasureCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Questions that recur: approved once by each controller, released once a period.",
        discussion: """
            A measure is a question with :as_at where the last day of a period stands. Each controller approves it once; \
            then every period is released once, and is not charged to the agreement's releases. What was released is the \
            table released.NAME, all periods with their as_at.

              concordat measure create hypertension_register --home demo/QWE --agreement demo-planning \\
                --every month --from 2026-01-01 \\
                "SELECT count(*) AS people FROM (SELECT DISTINCT person FROM condition \\
                 WHERE in_codelist(code, 'hypertension') AND onset_date <= :as_at) p"
              concordat measure approve hypertension_register --home demo/RJ1
              concordat measure run hypertension_register --home demo/QWE --backfill

            People who are seen at several sites are counted at each.
            """,
        subcommands: [
            Create.self, List.self, Show.self, Approve.self, Decline.self, Run.self, Remove.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make a measure, and put it before its controllers.",
            examples: [
                "concordat measure create --home demo/QWE diagnoses --agreement demo-planning --every quarter "
                    + "'SELECT count(*) AS n FROM condition WHERE onset_date <= :as_at'"
            ])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @OptionGroup var options: QuestionOptions
        @Option(help: "How often: day, week (to Sunday), month, quarter or year.") var every: MeasureCadence
        @Option(help: "A day in the first period, YYYY-MM-DD; the last period that has ended if left out.")
        var from: CivilDate?
        @Option(help: "What it is for, shown with the table.") var comment: String?
        @Argument(help: "Its name, and its table's in 'released'.") var name: String
        @Argument(help: "The statement, with :as_at.") var sql: String

        func run() async throws {
            let command = MeasureCommand.create(
                name: name, options.question(sql), every: every, from: from, comment: comment)
            try ReplyPrinter.print(try await home.run(.measure(command)), format: output.format)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "The node's own measures, and those put before it.",
            examples: ["concordat measure list --home demo/RJ1"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Option(help: "Whose: all, ours or theirs.") var of = MeasureSide.all

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.measure(.list(of))), format: output.format)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Its text, in words where it waits here, and its periods.",
            examples: ["concordat measure show --home demo/RJ1 diagnoses"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "Its name; or the number, or REQUESTER:NAME, of one put before this node.")
        var name: String

        func run() async throws {
            let isJSON = output.format == .json
            try ReplyPrinter.print(
                try await home.run(.measure(.show(.any(name), json: isJSON))), format: output.format)
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "approve",
            abstract: "Let every period of it be released, once each, as long as the agreement is in force.",
            examples: ["concordat measure approve --home demo/RJ1 diagnoses"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "Its number, name or REQUESTER:NAME.") var name: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.measure(.approve(name: name))), format: output.format)
        }
    }

    struct Decline: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "decline",
            abstract:
                "Do not let it be released, or no longer; the requester is told so, without the reason.",
            examples: ["concordat measure decline --home demo/RJ1 diagnoses --reason 'Too fine a breakdown'"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Option(help: "Why, for this node's own list.") var reason: String
        @Argument(help: "Its number, name or REQUESTER:NAME.") var name: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.measure(.decline(name: name, reason: reason))), format: output.format)
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run",
            abstract: "Ask for a period; one that was released whole is given again, and nobody is asked.",
            examples: [
                "concordat measure run --home demo/QWE diagnoses",
                "concordat measure run --home demo/QWE diagnoses --as-at 2026-09-30",
                "concordat measure run --home demo/QWE diagnoses --backfill",
            ])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Option(
            name: .customLong("as-at"), help: "The period's last day; the last that has ended if left out.")
        var asAt: CivilDate?
        @Flag(help: "Every period that was not released whole yet, oldest first.") var backfill = false
        @Argument var name: String

        func validate() throws {
            if backfill, asAt != nil {
                throw ValidationError("--backfill is about all periods: leave --as-at out")
            }
        }

        func run() async throws {
            let command: MeasureCommand =
                backfill ? .backfill(name: name) : .run(name: name, asAt: asAt)
            try ReplyPrinter.print(try await home.run(.measure(command)), format: output.format)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Forget a measure of ours with what was released to it here.",
            examples: ["concordat measure remove --home demo/QWE diagnoses"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument var name: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.measure(.remove(name: name))), format: output.format)
        }
    }
}

extension CivilDate: ExpressibleByArgument {
    /// `YYYY-MM-DD`.
    public init?(argument: String) { self.init(argument) }
}

extension MeasureCadence: ExpressibleByArgument {}
extension MeasureSide: ExpressibleByArgument {}
