internal import ArgumentParser
internal import Node
internal import Policy

extension PolicyCommands {
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Look through a folder of policies for all that is wrong with it.",
            discussion: """
                Without DIR and --home: the shipped policies. Looked for are faults of the language and of the schema, \
                annotations and names that nobody knows, policies that can never make a difference, and permits \
                without an end. Every finding has its place, and what to do about it.

                Ends with 1 if there are errors (with --strict: or warnings), with 2 if the folder cannot be read.
                """, examples: ["concordat policy check policies"])

        @Argument(help: "Folder of policies.", completion: .directory) var directory: String?
        @Option(help: "The node's home, for its own policies.") var home: String?
        @Flag(help: "Warnings count as errors.") var strict = false
        @OptionGroup var output: ToolFormatOption

        private struct Document: Encodable {
            let errors: Int
            let warnings: Int
            let findings: [PolicyFinding]
        }

        func run() async throws {
            let files = try PolicyFolder.files(directory, home: home)
            let findings = PolicyCheck.findings(
                in: files, names: try PolicyFolder.names(), today: PolicyFolder.today)
            let errors = findings.count { strict || $0.severity == .error }
            let warnings = findings.count - errors
            switch output.format {
            case .json:
                Terminal.print(
                    try ScriptJSON.encode(Document(errors: errors, warnings: warnings, findings: findings)))
            case .table:
                for finding in findings { Terminal.print(Self.text(finding, isError: strict)) }
                Terminal.print(
                    "\(errors) error\(errors == 1 ? "" : "s"), \(warnings) warning\(warnings == 1 ? "" : "s")"
                )
            }
            if errors > 0 { throw ExitStatus.failure }
        }

        /// As compilers print it: place, what, the line with a caret, and the remedy.
        private static func text(_ finding: PolicyFinding, isError: Bool) -> String {
            let severity =
                isError || finding.severity == .error ? Paint.bad("error") : Paint.caution("warning")
            var lines = ["\(Paint.strong(finding.place)): \(severity): \(finding.message)"]
            if !finding.source.isEmpty {
                // A tab before the place stays a tab, so that the caret stands under it.
                let margin = finding.source.unicodeScalars.prefix(finding.column - 1).map {
                    $0 == "\t" ? "\t" : " "
                }
                lines += ["  \(finding.source)", "  \(margin.joined())\(Paint.good("^"))"]
            }
            lines.append("  \(finding.remedy)")
            return lines.joined(separator: "\n") + "\n"
        }
    }
}
