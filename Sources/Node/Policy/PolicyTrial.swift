internal import Foundation
internal import Policy

/// What policies must pass before they are signed or taken over.
enum PolicyTrial {
    /// Restricted codelists are held in folders and frozen with publications. A bundle that has one in another version
    /// would be without effect there, and nobody would notice.
    /// - Throws: `PolicyFault` naming the first such list.
    static func checkRestricted(_ files: PolicyFiles, heldIn folders: [String]) throws {
        for (path, text) in files.texts.sorted(by: { $0.key < $1.key }) where path.hasPrefix("restricted/") {
            let name = path.dropFirst("restricted/".count)
            let isHeld = folders.contains { folder in
                FileManager.default.contents(atPath: "\(folder)/\(name)") == Data(text.utf8)
            }
            guard isHeld else {
                throw PolicyFault(
                    path,
                    "this node holds no such list with that text: put it into policies/restricted of the home, "
                        + "restart, then load the bundle and publish")
            }
        }
    }

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
