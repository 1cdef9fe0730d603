internal import ArgumentParser
internal import Foundation
internal import Node

struct UserCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "People who sign in at this node with psql, pandas, Power BI and the like, or over HTTP.",
        discussion: """
              concordat user add --home /srv/concordat --role analyst alice
              psql "host=localhost port=5432 user=alice dbname=planning-2026 sslmode=verify-full \\
                    sslrootcert=/srv/concordat/sql.crt"

            Only analysts may ask questions. Five wrong passwords in a row lock a user for 15 minutes. Sign-ins, lock-outs \
            and every change are entries in the log.
            """,
        subcommands: [
            Add.self, List.self, Show.self, Password.self, Roles.self, Lock.self, Unlock.self, Remove.self,
        ])

    enum Role: String, ExpressibleByArgument, CaseIterable {
        case analyst, governance, `operator`, auditor
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add a user.",
            examples: ["concordat user add --home demo/QWE a.analyst --role analyst"]
        )

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @OptionGroup var password: PasswordOption
        @Option(help: "analyst, governance, operator or auditor; may be repeated.") var role: [Role]
        @Argument(help: "The user's name, as it is typed when signing in.") var name: String

        func run() async throws {
            let command = UserCommand.add(
                name: name, roles: role.map(\.rawValue), password: try password.read(for: name))
            try ReplyPrinter.print(try await home.run(.user(command)), format: output.format)
        }
    }

    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "password", abstract: "Give a user another password.",
            examples: ["concordat user password --home demo/QWE a.analyst"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @OptionGroup var password: PasswordOption
        @Argument(help: "The user.") var name: String

        func run() async throws {
            let command = UserCommand.password(name: name, password: try password.read(for: name))
            try ReplyPrinter.print(try await home.run(.user(command)), format: output.format)
        }
    }

    struct Roles: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "roles",
            abstract: "Give a user other roles, in the place of those before; sessions in browsers end.",
            examples: ["concordat user roles --home demo/QWE a.analyst --role analyst"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Option(help: "analyst, governance, operator or auditor; may be repeated.") var role: [Role]
        @Argument(help: "The user.") var name: String

        func run() async throws {
            let command = UserCommand.roles(name: name, roles: role.map(\.rawValue))
            try ReplyPrinter.print(try await home.run(.user(command)), format: output.format)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List users, their roles and whether they may sign in.",
            examples: ["concordat user list --home demo/QWE"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.user(.list)), format: output.format)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show one user.",
            examples: ["concordat user show --home demo/QWE a.analyst"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "The user.") var name: String

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.user(.show(name: name))), format: output.format)
        }
    }

    struct Lock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "lock", abstract: "Keep a user from signing in, until unlocked.",
            examples: ["concordat user lock --home demo/QWE a.analyst"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "The user.") var name: String

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.user(.lock(name: name))), format: output.format)
        }
    }

    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unlock", abstract: "Let a user sign in again, also after wrong passwords.",
            examples: ["concordat user unlock --home demo/QWE a.analyst"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "The user.") var name: String

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.user(.unlock(name: name))), format: output.format)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove a user; what the log has of them stays.",
            examples: ["concordat user remove --home demo/QWE a.analyst"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "The user.") var name: String

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.user(.remove(name: name))), format: output.format)
        }
    }
}

/// Where a password comes from: a file, or a person at a terminal.
struct PasswordOption: ParsableArguments {
    @Option(help: "A file whose first line is the password; asked for at the terminal if left out.")
    var passwordFile: String?

    func read(for name: String) throws -> String {
        if let passwordFile {
            guard let text = try? String(contentsOf: URL(filePath: passwordFile), encoding: .utf8) else {
                throw ValidationError("--password-file: \(passwordFile) cannot be read as text")
            }
            return text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first
                .map { String($0.hasSuffix("\r") ? $0.dropLast() : $0) } ?? ""
        }
        guard isatty(STDIN_FILENO) == 1 else {
            throw ValidationError("there is no terminal to ask for the password at: give --password-file")
        }
        let first = try Self.ask("Password for \(name): ")
        guard try Self.ask("The same again: ") == first else {
            throw ValidationError("the two are not the same")
        }
        return first
    }

    /// Reads a line without echo.
    private static func ask(_ prompt: String) throws -> String {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else {
            throw ValidationError("the terminal cannot be read")
        }
        let before = settings
        settings.c_lflag &= ~tcflag_t(ECHO)
        Terminal.error(prompt, terminator: "")
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) == 0 else {
            throw ValidationError("the terminal cannot be told to keep the password off the screen")
        }
        var restored = before
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &restored)
            Terminal.error("")
        }
        return readLine(strippingNewline: true) ?? ""
    }
}
