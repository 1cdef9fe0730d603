internal import ArgumentParser
internal import Foundation
internal import Node

struct RecordCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "One person's record, for those who care for them.",
        subcommands: [Show.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract:
                "Show one person's record. PRINTS A PERSON'S DATA; the log bears that it was shown, and to whom.",
            discussion: """
                Needs an agreement of this organisation with itself for direct care, and a legitimate relationship: \
                an encounter of the person here within the configured days, or one that 'concordat relationship \
                record' wrote down. Without either: --break-glass with --reason. At most three times in 24 hours; \
                the privacy officer is told and somebody reviews it.
                """,
            examples: ["concordat record show --home demo/RJ1 --nhs-number - --user a.nurse --role clinician"]
        )

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @OptionGroup var person: PersonOption
        @Option(help: "Who asks: the name they signed in with.") var user: String
        @Option(help: "In what capacity.") var role = "clinician"
        @Flag(help: "In an emergency, without a relationship; needs --reason.") var breakGlass = false
        @Option(help: "Why; it goes to the reviewer.") var reason: String?
        @Option(help: "The agreement, where there are several for direct care.") var agreement: String?
        @Option(
            help: "A restricted codelist whose episodes are needed too; the policies decide. Repeat for more."
        )
        var including: [String] = []

        func run() async throws {
            let request = RecordRequest(
                number: try person.number(), user: user, role: role, isBreakGlass: breakGlass, reason: reason,
                agreement: agreement, including: including)
            try ReplyPrinter.print(try await home.run(.care(.showRecord(request))), format: output.format)
        }
    }
}

struct RelationshipCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relationship", abstract: "Who cares for whom, where no encounter shows it.",
        subcommands: [Record.self, List.self, End.self])

    struct Record: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "record", abstract: "Write down a relationship of care.",
            examples: [
                "concordat relationship record --home demo/RJ1 --nhs-number - --user a.nurse --basis ward --until 2026-05-01"
            ])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @OptionGroup var person: PersonOption
        @Option(help: "The clinician.") var user: String
        @Option(help: "What it rests on: referral, caseload, ward, ...; no data about the person.") var basis:
            String
        @Option(help: "The last day, YYYY-MM-DD.") var until: String

        func run() async throws {
            let command = CareCommand.recordRelationship(
                number: try person.number(), user: user, basis: basis, until: until)
            try ReplyPrinter.print(try await home.run(.care(command)), format: output.format)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "All of them; people stand under a keyed pseudonym.",
            examples: ["concordat relationship list --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.care(.listRelationships)), format: output.format)
        }
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "end", abstract: "End one, at once.",
            examples: ["concordat relationship end --home demo/RJ1 5"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "Its number in the list.") var id: Int

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.care(.endRelationship(id: id))), format: output.format)
        }
    }
}

struct AlertCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alert", abstract: "What the privacy officer has to know.",
        subcommands: [List.self, Acknowledge.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Alerts that nobody has acknowledged.",
            examples: ["concordat alert list --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Flag(help: "Those that were acknowledged too.") var all = false

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.care(.listAlerts(all: all))), format: output.format)
        }
    }

    struct Acknowledge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "acknowledge", abstract: "Say that it was seen.",
            examples: ["concordat alert acknowledge --home demo/RJ1 2 --user privacy.officer"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "Its number in the list.") var id: Int
        @Option(help: "Who has seen it; not who caused it.") var user: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.care(.acknowledgeAlert(id: id, by: user))), format: output.format)
        }
    }
}

struct ReviewCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review", abstract: "Accesses that somebody looks at afterwards.",
        subcommands: [List.self, Close.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Accesses that wait for review, with the reasons given.",
            examples: ["concordat review list --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Flag(help: "Those that are closed too.") var all = false

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.care(.listReviews(all: all))), format: output.format)
        }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "close", abstract: "Close a review.",
            examples: [
                "concordat review close --home demo/RJ1 2 --user privacy.officer --outcome justified --note 'Emergency, notes agree'"
            ])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "Its number in the list.") var id: Int
        @Option(help: "Who reviews; not who had the access.") var user: String
        @Option(help: "justified or not-justified.") var outcome: String
        @Option(help: "What was found.") var note: String

        func run() async throws {
            let command = CareCommand.closeReview(id: id, by: user, outcome: outcome, note: note)
            try ReplyPrinter.print(try await home.run(.care(command)), format: output.format)
        }
    }
}
