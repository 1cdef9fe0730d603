import Core

/// All cases of a folder, run.
package struct PolicyTestRun: Sendable {
    package let results: [PolicyCases.Result]
    package let coverage: PolicyCoverage

    package var failed: [PolicyCases.Result] { results.filter { !$0.passed } }

    /// - Throws: `PolicyFault` for policies or cases that cannot be read, and a folder without cases.
    package init(_ files: PolicyFiles) throws {
        let engine = try PolicyEngine(files: files)
        let all = try files.ending(in: ".cases.yaml").map { try PolicyCases(yaml: $0.text, file: $0.name) }
        guard !all.isEmpty else {
            throw PolicyFault(
                files.name, "the folder holds no cases: put *.cases.yaml there, as in the shipped policies")
        }
        results = all.flatMap { $0.results(engine) }
        coverage = PolicyCoverage(engine, files: files, requests: all.flatMap { $0.cases.map(\.request) })
    }
}
