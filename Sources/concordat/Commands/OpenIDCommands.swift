internal import ArgumentParser
internal import Foundation
internal import Node

struct OpenIDCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openid",
        abstract: "Keys by which the node shows a provider of OpenID Connect who it is.",
        discussion: """
            For 'clientAuthentication: private_key_jwt' in the block 'openid' of concordat.yaml. To change keys: 'openid key \
            new', register at the provider what it prints, then 'openid key use ID', and remove the old one here and there.
            """, subcommands: [Key.self])

    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "key", abstract: "The keys, sealed in the node's vault.",
            subcommands: [New.self, Import.self, Show.self, List.self, Use.self, Remove.self])

        struct New: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "new",
                abstract:
                    "Make a key and print the public ones (a JSON Web Key Set) to register at the provider.",
                discussion: "The first is used at once; a later one when 'openid key use' says so.",
                examples: ["concordat openid key new --home demo/QWE"])

            @OptionGroup var home: HomeOption
            @OptionGroup var output: FormatOption
            @Option(help: "RS512 (NHS CIS2), RS384, RS256, ES384 or ES256.") var algorithm = "RS512"

            func run() async throws {
                try ReplyPrinter.print(
                    try await home.run(.openID(.newKey(algorithm: algorithm))), format: output.format)
            }
        }

        struct Import: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "import",
                abstract: "Take a private key over from a PEM file, and print the public ones.",
                examples: ["concordat openid key import --home demo/QWE key.pem"])

            @OptionGroup var home: HomeOption
            @OptionGroup var output: FormatOption
            @Option(help: "What it signs: RS512, RS384, RS256, ES384 or ES256.") var algorithm = "RS512"
            @Argument(
                help: "PEM of an RSA key (2048 bits or more) or an elliptic one, not encrypted.",
                completion: .file())
            var path: String

            func run() async throws {
                let absolute = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
                try ReplyPrinter.print(
                    try await home.run(.openID(.importKey(path: absolute, algorithm: algorithm))),
                    format: output.format)
            }
        }

        struct Show: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "show", abstract: "Print the public keys as a JSON Web Key Set.",
                examples: ["concordat openid key show --home demo/QWE > jwks.json"])

            @OptionGroup var home: HomeOption
            @OptionGroup var output: FormatOption

            func run() async throws {
                try ReplyPrinter.print(try await home.run(.openID(.showKeys)), format: output.format)
            }
        }

        struct List: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "list", abstract: "Ids and algorithms of the keys, and which one signs.",
                examples: ["concordat openid key list --home demo/QWE"])

            @OptionGroup var home: HomeOption
            @OptionGroup var output: FormatOption

            func run() async throws {
                try ReplyPrinter.print(try await home.run(.openID(.listKeys)), format: output.format)
            }
        }

        struct Use: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "use",
                abstract: "Sign with this key from now on; the provider knows it already.",
                examples: ["concordat openid key use --home demo/QWE 3f2a9c"])

            @OptionGroup var home: HomeOption
            @OptionGroup var output: FormatOption
            @Argument(help: "Its id or the beginning of it.") var id: String

            func run() async throws {
                try ReplyPrinter.print(
                    try await home.run(.openID(.useKey(id: id))), format: output.format)
            }
        }

        struct Remove: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "remove", abstract: "Forget a key that the node does not sign with any longer.",
                examples: ["concordat openid key remove --home demo/QWE 3f2a9c"])

            @OptionGroup var home: HomeOption
            @OptionGroup var output: FormatOption
            @Argument(help: "Its id or the beginning of it.") var id: String

            func run() async throws {
                try ReplyPrinter.print(
                    try await home.run(.openID(.removeKey(id: id))), format: output.format)
            }
        }
    }
}
