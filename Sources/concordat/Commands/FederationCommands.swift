internal import ArgumentParser
internal import Foundation
internal import Node

struct FederationCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "federation", abstract: "The directory of organisations, endpoints and keys.",
        discussion: """
            A steward makes the directory, every node hands in its card, the steward signs, every node joins:

              concordat federation create --home STEWARD --name "North East London"
              concordat federation card   --home NODE > node.card
              concordat federation add    --home STEWARD node.card
              concordat federation sign   --home STEWARD > directory.json
              concordat federation join   --home NODE directory.json
            """,
        subcommands: [Create.self, Card.self, Add.self, Sign.self, Join.self, Show.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Start a directory of which this node is steward.",
            examples: ["concordat federation create --home steward --name 'North East London'"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Option(help: "Name of the federation.") var name: String

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.createFederation(name: name)), format: output.format)
        }
    }

    struct Card: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "card",
            abstract: "Print this node's card: who it is, where it listens, its public keys.",
            examples: ["concordat federation card --home demo/RJ1 > rj1.card"])
        @OptionGroup var home: HomeOption

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.membershipCard), format: .table)
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add members, by the cards they handed in.",
            examples: ["concordat federation add --home steward rj1.card ryj.card"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "Card files.", completion: .file()) var cards: [String]

        func run() async throws {
            for card in cards {
                let text = try InputFile.read(card)
                try ReplyPrinter.print(try await home.run(.addMember(card: text)), format: output.format)
            }
        }
    }

    struct Sign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sign", abstract: "Sign the directory and print it.",
            examples: ["concordat federation sign --home steward > directory.json"])
        @OptionGroup var home: HomeOption
        @Option(help: "Days until it expires.") var validDays = 365

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.signDirectory(validDays: validDays)), format: .table)
        }
    }

    struct Join: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "join", abstract: "Take over a signed directory; the first one pins its stewards.",
            examples: ["concordat federation join --home demo/RJ1 directory.json"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "The signed directory.", completion: .file()) var directory: String

        func run() async throws {
            let text = try InputFile.read(directory)
            try ReplyPrinter.print(
                try await home.run(.joinFederation(directory: text)), format: output.format)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "List the members of the directory in force.",
            examples: ["concordat federation show --home demo/RJ1"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.showFederation), format: output.format)
        }
    }
}

/// Files named on the command line.
enum InputFile {
    /// - Throws: `ValidationError` naming the file, so that the exit code is 2.
    static func read(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("cannot read '\(path)': check the path and its permissions")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw ValidationError("'\(path)' is not UTF-8 text")
        }
        return text
    }
}
