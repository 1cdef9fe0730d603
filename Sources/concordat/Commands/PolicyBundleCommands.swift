internal import ArgumentParser
internal import Foundation
internal import Node

extension PolicyCommands {
    struct Sign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sign",
            abstract: "Pack a folder of policies with a version, sign it as the controller, and print it.",
            discussion: """
                A folder is refused that does not check, or whose own cases fail.
                """,
            examples: [
                "concordat policy sign policies --home RJ1 > bundle.json",
                "concordat policy load bundle.json --home RJ1",
            ])

        @OptionGroup var home: HomeOption
        @Option(help: "Counts up; the next one if left out.") var version: Int?
        @Argument(help: "Folder with *.cedar, purposes.yaml, opt-outs.yaml.", completion: .directory)
        var directory: String

        func run() async throws {
            let path = URL(filePath: directory).standardizedFileURL.path(percentEncoded: false)
            try ReplyPrinter.print(
                try await home.run(.policyBundle(.sign(path: path, version: version))), format: .table)
        }
    }

    struct Load: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "load",
            abstract: "Put a signed bundle in force, without a restart: all of it, or nothing.",
            discussion: """
                Verified are the node's own organisation's signature and that the version is newer than every one \
                before. What is refused changes nothing, and 'policy status' says why. Questions under way end \
                under the policies they began with. From the first bundle on the node goes by bundles only.
                """, examples: ["concordat policy load --home demo/RJ1 policies.bundle"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "The bundle, from 'policy sign'.", completion: .file()) var file: String

        func run() async throws {
            let text = try InputFile.read(file)
            try ReplyPrinter.print(
                try await home.run(.policyBundle(.load(document: text))), format: output.format)
        }
    }

    struct Reload: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reload",
            abstract:
                "Read the folder of policies again: all of it, or nothing. Not for a node with a bundle.",
            examples: ["concordat policy reload --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.policyBundle(.reload)), format: output.format)
        }
    }

    struct State: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract: "Which policies are in force, since when, and what was refused since.",
            examples: ["concordat policy status --home demo/RJ1"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.policyBundle(.status)), format: output.format)
        }
    }
}

extension AuditCommands {
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show what the log keeps of a decision, and prove that it is in the log.",
            discussion: "A receipt names each site's decision; its first 12 digits are enough.",
            examples: ["concordat audit show --home demo/RJ1 41"])

        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "Name of the decision, from the receipt.") var decision: String

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.showDecision(id: decision)), format: output.format)
        }
    }
}
