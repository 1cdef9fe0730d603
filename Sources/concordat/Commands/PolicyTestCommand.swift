internal import ArgumentParser
internal import Core
internal import Node
internal import Policy

extension PolicyCommands {
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Run the cases of a folder of policies.",
            discussion: """
                Without DIR and --home: the shipped policies. Runs every *.cases.yaml; prints each case that failed \
                with what was expected and what came, with --coverage also what no case has tried, and last "N passed, \
                M failed; policies X of Y, clauses A of B covered".

                Ends with 1 if a case failed or the coverage is below --minimum-coverage, with 2 if the folder cannot \
                be read.
                """, examples: ["concordat policy test policies --coverage"])

        @Argument(help: "Folder of policies.", completion: .directory) var directory: String?
        @Option(help: "The node's home, for its own policies.") var home: String?
        @Flag(help: "Print what no case has tried.") var coverage = false
        @Option(help: "The least percentage of policies and clauses that cases must have tried.")
        var minimumCoverage: Int?
        @OptionGroup var output: ToolFormatOption

        private struct Document: Encodable {
            struct Case: Encodable {
                let file: String
                let line: Int
                let name: String
                let passed: Bool
                let differences: [PolicyCases.Difference]
            }

            let passed: Int
            let failed: Int
            let percent: Int
            let coverage: PolicyCoverage
            let cases: [Case]
        }

        func validate() throws {
            if let minimumCoverage, !(0...100).contains(minimumCoverage) {
                throw ValidationError("--minimum-coverage is a percentage, 0 to 100")
            }
        }

        func run() async throws {
            let files = try PolicyFolder.files(directory, home: home)
            let run = try ToolFault.unreadable { try PolicyTestRun(files) }
            let percent = run.coverage.percent
            switch output.format {
            case .json: Terminal.print(try ScriptJSON.encode(document(run)))
            case .table: show(run)
            }
            if let minimumCoverage, percent < minimumCoverage {
                Terminal.error(
                    "concordat: coverage is \(percent) %, and at least \(minimumCoverage) % is asked")
                throw ExitStatus.failure
            }
            if !run.failed.isEmpty { throw ExitStatus.failure }
        }

        private func document(_ run: PolicyTestRun) -> Document {
            Document(
                passed: run.results.count - run.failed.count, failed: run.failed.count,
                percent: run.coverage.percent, coverage: run.coverage,
                cases: run.results.map {
                    .init(
                        file: $0.file, line: $0.line, name: $0.name, passed: $0.passed,
                        differences: $0.differences)
                })
        }

        private func show(_ run: PolicyTestRun) {
            for result in run.failed {
                Terminal.print("\(Paint.bad("FAILED")) \(result.file):\(result.line): \(result.name)")
                for difference in result.differences {
                    Terminal.print("  \(difference.field)")
                    Terminal.print("    expected  \(difference.expected)")
                    Terminal.print("    got       \(difference.got)")
                }
                Terminal.print("")
            }
            if coverage, !run.coverage.gaps.isEmpty {
                Terminal.print(
                    TextTable(
                        columns: ["not tried", "policy", "clause", "missing"],
                        rows: run.coverage.gaps.map {
                            ["\($0.file):\($0.line):\($0.column)", $0.policy, $0.clause, $0.missing]
                        }
                    ).text)
            }
            let tried = run.coverage
            Terminal.print(
                "\(run.results.count - run.failed.count) passed, \(run.failed.count) failed; policies "
                    + "\(tried.coveredPolicies) of \(tried.policies), clauses \(tried.coveredClauses) of "
                    + "\(tried.clauses) covered")
        }
    }
}
