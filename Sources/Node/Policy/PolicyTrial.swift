internal import Policy

/// What policies must pass before they are signed or taken over.
enum PolicyTrial {
    /// Reads and checks all of them, and runs the cases beside them.
    /// - Throws: `PolicyFault` with the first thing that is wrong.
    static func engine(_ files: PolicyFiles) throws -> PolicyEngine {
        let engine = try PolicyEngine(files: files, profiles: .disclosure)
        for (name, text) in files.ending(in: ".cases.yaml") {
            let failed = try PolicyCases(yaml: text, file: name).results(engine).filter { !$0.passed }
            guard let first = failed.first else { continue }
            let what = first.differences.map { "\($0.field) is \($0.got), not \($0.expected)" }
            throw PolicyFault(
                name,
                "\(first.line): the case '\(first.name)' fails: \(what.joined(separator: "; ")) "
                    + "(\(failed.count) cases of this file fail)")
        }
        return engine
    }
}
