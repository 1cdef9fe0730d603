internal import ArgumentParser
internal import Node

struct TokenCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Tokens by which scripts come over HTTP in the name of a user.",
        discussion: """
              concordat token create --home /srv/concordat --user alice --scope questions --scope catalog 'nightly report'
              curl --cacert /srv/concordat/web.crt -H "Authorization: Bearer $TOKEN" https://localhost:8444/api/v1/me

            A token does what its scopes and its user's roles both allow, until it expires or is revoked, or its user is \
            locked or removed. It is shown once, and kept as a digest.
            """, subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make a token, and show it this once.",
            examples: [
                "concordat token create --home demo/QWE nightly --user a.analyst --scope questions --days 30"
            ])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Option(help: "In whose name.") var user: String
        @Option(
            help: ArgumentHelp(
                "What for; may be repeated: \(TokenScope.allCases.map(\.rawValue).joined(separator: ", ")).")
        )
        var scope: [String]
        @Option(help: "For how many days it is good, at most 366.") var days = 90
        @Argument(help: "What it is for, for those who read the list.") var name: String

        func run() async throws {
            let command = TokenCommand.create(name: name, user: user, scopes: scope, days: days)
            try ReplyPrinter.print(try await home.run(.token(command)), format: output.format)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List tokens; never what they are.",
            examples: ["concordat token list --home demo/QWE"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Option(help: "Of one user.") var user: String?

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.token(.list(user: user))), format: output.format)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke", abstract: "Revoke a token, at once and for good.",
            examples: ["concordat token revoke --home demo/QWE 3"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "The token's number.") var id: Int64

        func run() async throws {
            try ReplyPrinter.print(
                try await home.run(.token(.revoke(id: id, user: nil))), format: output.format)
        }
    }
}
