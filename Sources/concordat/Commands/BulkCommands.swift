internal import ArgumentParser
internal import Foundation
internal import Node

struct BulkCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bulk", abstract: "Bulk Data exports of FHIR servers, and the keys for them.",
        discussion: "An export is taken in by 'concordat ingest --bulk URL'.",
        subcommands: [List.self, Cancel.self, Key.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Every export with its state, the oldest first.",
            examples: ["concordat bulk list --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.bulk(.list)), format: output.format)
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cancel", abstract: "Withdraw an export that is under way, at the server and here.",
            examples: ["concordat bulk cancel --home demo/RJ1 4"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "Its number; 'bulk list' has it.") var id: Int64

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.bulk(.cancel(id: id))), format: output.format)
        }
    }

    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "key", abstract: "The node's keys for SMART Backend Services, sealed in its vault.",
            subcommands: [New.self, Import.self, Show.self, List.self, Remove.self])

        struct New: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "new",
                abstract:
                    "Make a key and print the public ones (a JSON Web Key Set) to register with a server.",
                discussion:
                    "Earlier keys stay until they are removed, so that a server can know both meanwhile.",
                examples: ["concordat bulk key new --home demo/RJ1"])

            @OptionGroup var home: HomeOption
            @OptionGroup var output: FormatOption
            @Option(help: "ES384, or RS384 where a server takes no other.") var algorithm = "ES384"

            func run() async throws {
                try ReplyPrinter.print(
                    try await home.run(.bulk(.newKey(algorithm: algorithm))), format: output.format)
            }
        }

        struct Import: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "import",
                abstract: "Take a private key over from a PEM file, and print the public ones.",
                examples: ["concordat bulk key import --home demo/RJ1 key.pem"])

            @OptionGroup var home: HomeOption
            @OptionGroup var output: FormatOption
            @Argument(
                help: "PEM of an elliptic key (P-384) or an RSA key (2048 bits or more), not encrypted.")
            var path: String

            func run() async throws {
                let absolute = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
                try ReplyPrinter.print(
                    try await home.run(.bulk(.importKey(path: absolute))), format: output.format)
            }
        }

        struct Show: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "show", abstract: "Print the public keys as a JSON Web Key Set.",
                examples: ["concordat bulk key show --home demo/RJ1 > jwks.json"])

            @OptionGroup var home: HomeOption
            @OptionGroup var output: FormatOption

            func run() async throws {
                try ReplyPrinter.print(try await home.run(.bulk(.showKeys)), format: output.format)
            }
        }

        struct List: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "list", abstract: "Ids and algorithms of the keys.",
                examples: ["concordat bulk key list --home demo/RJ1"])

            @OptionGroup var home: HomeOption
            @OptionGroup var output: FormatOption

            func run() async throws {
                try ReplyPrinter.print(try await home.run(.bulk(.listKeys)), format: output.format)
            }
        }

        struct Remove: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "remove", abstract: "Forget a key.",
                examples: ["concordat bulk key remove --home demo/RJ1 3f2a9c"])

            @OptionGroup var home: HomeOption
            @OptionGroup var output: FormatOption
            @Argument(help: "Its id or the beginning of it.") var id: String

            func run() async throws {
                try ReplyPrinter.print(try await home.run(.bulk(.removeKey(id: id))), format: output.format)
            }
        }
    }
}
