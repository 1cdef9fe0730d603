internal import ArgumentParser
internal import Foundation
internal import Node

struct OptOutCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "opt-out", abstract: "Lists of people who may be counted.",
        subcommands: [Export.self, Import.self, List.self])

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Write the NHS numbers to ask about (MESH .dat, workflow SPINE_NTT_UPHOLDING).",
            discussion: """
                Everybody in the live data who has an NHS number, each once, in ascending order. The file is readable by \
                its owner alone; what stands there already is never overwritten. The reply is checked against the last \
                export.
                """, examples: ["concordat opt-out export --home demo/RJ1 --output opt-out-check.dat"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Option(help: "national-data-opt-out or type-1.") var scheme = "national-data-opt-out"
        @Option(name: .customLong("output"), help: "The .dat file to write.") var file =
            "opt-out-check.dat"

        func run() async throws {
            let command = ConsentCommand.exportOptOut(path: absolute(file), scheme: scheme)
            try ReplyPrinter.print(try await home.run(.consent(command)), format: output.format)
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Take over an allow-list (MESH .dat: an NHS number and a comma a line).",
            discussion: """
                Who is not on the list is out. A number that the last export did not ask about refuses the list. A list \
                older than its time to live stops answers; see status.
                """,
            examples: ["concordat opt-out import --home demo/RJ1 opt-out-reply.dat --listed-at 2026-04-01"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Option(help: "national-data-opt-out or type-1.") var scheme = "national-data-opt-out"
        @Option(help: "The day the list was made, YYYY-MM-DD; today if left out.") var listedAt: String?
        @Argument(help: "The .dat file.", completion: .file()) var file: String

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(
                    .importOptOut(path: absolute(file), scheme: scheme, listedAt: listedAt)),
                format: output.format)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "The lists in use: their age, until when they may be used, what was asked.",
            discussion: "The counts are the controller's own: they are not for anybody else.",
            examples: ["concordat opt-out list --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.consent(.listOptOuts)), format: output.format)
        }
    }
}

struct ConsentCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consent", abstract: "People's consents to studies.",
        discussion: """
            Under an agreement that rests on explicit consent only those are counted who consented to its study: on the \
            study's list, or by FHIR Consents that 'concordat ingest' took in.
            """,
        subcommands: [Import.self, List.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Take over a study's list: 'NHS number,YYYY-MM-DD,withdrawn' a line.",
            discussion: """
                The date is that of the consent; the third field is empty, 'yes', or the date of the withdrawal. Of a \
                person's events the latest stands. People who are not on the list keep what is known of them. In force \
                from the next question on.
                """, examples: ["concordat consent import --home demo/RJ1 --study heart-1 consents.csv"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Option(help: "The study: legalContext.references.study of the agreement, or the agreement's id.")
        var study: String
        @Argument(help: "The list.", completion: .file()) var file: String

        func run() async throws {
            let command = ConsentCommand.importConsents(path: absolute(file), study: study)
            try ReplyPrinter.print(try await home.run(.consent(command)), format: output.format)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "The studies with lists, and how many people consented and withdrew.",
            discussion: "The counts are the controller's own: they are not for anybody else.",
            examples: ["concordat consent list --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.consent(.listConsents)), format: output.format)
        }
    }
}

private func absolute(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
}
