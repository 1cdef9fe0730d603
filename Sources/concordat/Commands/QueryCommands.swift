internal import ArgumentParser
internal import Foundation
internal import Node

/// Under what a question is asked, and what its answer has to be.
struct QuestionOptions: ParsableArguments {
    @Option(help: "The agreement under which it is asked.") var agreement: String
    @Option(help: "The purpose; the agreement's own if left out.") var purpose: String?
    @Option(help: "all, any or quorum=N.") var require = "all"
    @Option(help: "Seconds until a site counts as late.") var deadline = 60

    func validate() throws {
        guard Requirement(require) != nil else {
            throw ValidationError("--require takes all, any or quorum=N (N at least 1)")
        }
        guard (1...3600).contains(deadline) else {
            throw ValidationError("--deadline takes 1 to 3600 seconds")
        }
    }

    func question(_ sql: String) -> Question {
        Question(
            sql: sql, agreement: agreement, purpose: purpose, require: Requirement(require) ?? .all,
            deadlineSeconds: deadline, user: NSUserName())
    }
}

struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Ask one SQL question of every site of an agreement.",
        discussion: """
            The statement is PostgreSQL's SELECT. What leaves a site are counts, sums and averages over groups of
            people; everything above the aggregate runs on what was released.

              concordat query --home demo/QWE --agreement demo-planning \\
                'SELECT sex, count(DISTINCT person) FROM patient GROUP BY sex'

            --require says what to do when a site does not answer: 'all' (the default) gives no answer, 'any' and
            'quorum=N' give what there is, with exit code 4 and the missing sites in the receipt.
            """)

    @OptionGroup var home: HomeOption
    @OptionGroup var options: QuestionOptions
    @OptionGroup var output: FormatOption
    @Argument(help: "The statement.") var sql: String

    func run() async throws {
        try ReplyPrinter.print(
            try await home.run(.ask(options.question(sql))), format: output.format)
    }
}

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show what each site would be asked and what would be done with the answers; asks no site.")

    @OptionGroup var home: HomeOption
    @OptionGroup var output: FormatOption
    /// Accepted so that a query can be explained by changing one word; planning needs none.
    @Option(help: "The agreement under which you would ask (not needed to plan).") var agreement: String?
    @Option(help: "Your purpose (not needed to plan).") var purpose: String?
    @Option(help: "Which sites must answer (not needed to plan).") var require: String?
    @Argument(help: "The statement.") var sql: String

    func run() async throws {
        try ReplyPrinter.print(
            try await home.run(.explain(sql: sql, json: output.format == .json)), format: output.format)
    }
}
