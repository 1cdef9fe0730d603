internal import ArgumentParser
internal import Foundation
internal import Node

struct ObjectionCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "objection",
        abstract: "People who object to the use of their data (UK GDPR, Article 21).",
        discussion: """
            An objection that is upheld takes the person out of every question that it is about, from the next \
            question on; one that is declined is kept and reported. Whether objections count for a question at \
            all is decided by the gateway of its agreement (Policies/opt-outs.yaml).
            """,
        subcommands: [Record.self, List.self, Withdraw.self])

    enum Scope: String, ExpressibleByArgument, CaseIterable {
        case agreement, purpose, all
    }

    enum Decision: String, ExpressibleByArgument, CaseIterable {
        case upheld, declined
    }

    struct Record: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "record", abstract: "Record an objection and what was decided.",
            examples: [
                "concordat objection record --home demo/RJ1 --nhs-number - --scope all --decision upheld --reason 'Letter of 3 April'"
            ])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @OptionGroup var person: PersonOption
        @Option(help: "What the person objects to: agreement, purpose or all.") var scope: Scope
        @Option(help: "The agreement's id, with --scope agreement.") var agreement: String?
        @Option(help: "The purpose, with --scope purpose; what stands below it is meant as well.")
        var purpose: String?
        @Option(help: "upheld or declined.") var decision: Decision
        @Option(help: "Why it was decided so, in words that the person may read.") var reason: String

        func validate() throws {
            let isRight =
                switch scope {
                case .all: agreement == nil && purpose == nil
                case .agreement: agreement != nil && purpose == nil
                case .purpose: agreement == nil && purpose != nil
                }
            guard isRight else {
                throw ValidationError(
                    "write --scope all, --scope agreement --agreement ID, or --scope purpose --purpose PURPOSE"
                )
            }
        }

        func run() async throws {
            let command = PeopleCommand.recordObjection(
                number: try person.number(), scope: scope.rawValue, of: agreement ?? purpose,
                decision: decision.rawValue, reason: reason)
            try ReplyPrinter.print(try await home.run(.people(command)), format: output.format)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List objections; of NHS numbers the last three digits.",
            examples: ["concordat objection list --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Flag(help: "Show NHS numbers whole; the log bears that they were shown.") var reveal = false

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.people(.listObjections(reveal: reveal))), format: output.format)
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "withdraw",
            abstract: "Take an objection out of force, for good; the record of it stays.",
            examples: [
                "concordat objection withdraw --home demo/RJ1 3 --reason 'Withdrawn by telephone, identity checked'"
            ])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "The objection's number; 'objection list' has them.") var id: Int64
        @Option(help: "Why.") var reason: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.people(.withdrawObjection(id: id, reason: reason))),
                format: output.format)
        }
    }
}

struct PersonCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person", abstract: "What a controller tells a person who asks about their data.",
        subcommands: [Report.self])

    struct Report: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "report",
            abstract: "A letter about one person's data (UK GDPR, Article 15). PRINTS A PERSON'S DATA.",
            discussion: """
                What is held, objections, opt-outs, agreements under which the data may be used, and the releases \
                in which the person was counted. Check who asks before it is sent. The log bears that a report \
                was made, not about whom. Exits 1 where the person is not known.
                """,
            examples: ["concordat person report --home demo/RJ1 --nhs-number - --format html > report.html"])

        enum Format: String, ExpressibleByArgument, CaseIterable {
            case text, html, json
        }

        @OptionGroup var home: HomeOption
        @OptionGroup var person: PersonOption
        @Option(help: "How to write it: text, html or json.") var format: Format = .text
        @Flag(help: "With the records themselves.") var records = false

        func run() async throws {
            let format = PersonReportFormat(rawValue: format.rawValue) ?? .text
            let command = PeopleCommand.report(
                number: try person.number(), format: format, records: records)
            try ReplyPrinter.print(
                try await home.run(.people(command)), format: format == .json ? .json : .table)
        }
    }
}
