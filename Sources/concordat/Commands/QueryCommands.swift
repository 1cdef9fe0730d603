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
            The statement is PostgreSQL's SELECT. What leaves a site are counts, sums and averages over groups of \
            people; everything above the aggregate runs on what was released.

            --require says what to do when a site does not answer: 'all' (the default) gives no answer, 'any' and \
            'quorum=N' give what there is, with exit code 4 and the missing sites in the receipt.
            """,
        examples: [
            "concordat query --home demo/QWE --agreement demo-planning "
                + "'SELECT sex, count(DISTINCT person) FROM patient GROUP BY sex'"
        ])

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
        abstract: "Show what each site would be asked and what would be done with the answers.",
        discussion: """
            Asks no site, unless told to: --sites has every site of the agreement say whether and under what it would \
            answer (a dry run, which they log; nothing is run), --analyze asks the question itself and shows how long \
            the sites took, in coarse steps.
            """,
        examples: [
            "concordat explain --home demo/QWE 'SELECT sex, count(*) FROM patient GROUP BY sex'",
            "concordat explain --home demo/QWE --agreement demo-planning --sites "
                + "'SELECT sex, count(*) FROM patient GROUP BY sex'",
        ])

    @OptionGroup var home: HomeOption
    @OptionGroup var output: FormatOption
    @Option(help: "The agreement under which you would ask; the plan alone needs none.") var agreement:
        String?
    @Option(help: "The purpose; the agreement's own if left out.") var purpose: String?
    @Option(help: "With --analyze: all, any or quorum=N.") var require = "all"
    @Option(help: "With --sites or --analyze: seconds until a site counts as late.") var deadline = 60
    @Flag(help: "A dry run at the sites.") var sites = false
    @Flag(help: "Ask the question, too.") var analyze = false
    @Argument(help: "The statement.") var sql: String

    func validate() throws {
        guard !sites || !analyze else { throw ValidationError("choose one of --sites and --analyze") }
        guard !sites && !analyze || agreement != nil else {
            throw ValidationError("--sites and --analyze need --agreement: under which would you ask?")
        }
        _ = try options()
    }

    private func options() throws -> QuestionOptions {
        var options = QuestionOptions()
        options.agreement = agreement ?? ""
        options.purpose = purpose
        options.require = require
        options.deadline = deadline
        try options.validate()
        return options
    }

    func run() async throws {
        let isJSON = output.format == .json
        let command: NodeCommand =
            sites || analyze
            ? .explainAtSites(try options().question(sql), analyze: analyze, json: isJSON)
            : .explain(sql: sql, json: isJSON)
        try ReplyPrinter.print(try await home.run(command), format: output.format)
    }
}
