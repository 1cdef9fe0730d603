import Foundation

/// The files of `Sources` and `Tests`, as they lie beside this one.
enum SourceTree {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Whatever holds text that somebody wrote.
    private static let textEndings: Set<String> = [
        "swift", "md", "c", "cpp", "h", "json", "csv", "yaml", "cedar", "sql", "plan", "queries", "txt", "py",
        "sh", "mustache", "css", "js",
    ]

    /// One file with its lines; `path` is relative to the repository.
    struct File: Sendable {
        let path: String
        let lines: [Substring]
        var isSwift: Bool { path.hasSuffix(".swift") }
    }

    /// Every text file under these folders, by path.
    static func files(in folders: [String]) throws -> [File] {
        try folders.flatMap(paths).sorted().compactMap { path in
            let data = try Data(contentsOf: root.appending(path: path))
            guard let text = String(data: data, encoding: .utf8) else { return nil }
            return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    /// The rooms of the house that are written in Swift.
    static func rooms() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path).sorted()
            .filter { room in
                let manager = FileManager.default
                return !manager.fileExists(
                    atPath: root.appending(path: "Sources/\(room)/module.modulemap").path)
                    && !manager.fileExists(atPath: root.appending(path: "Sources/\(room)/include").path)
            }
    }

    private static func paths(under folder: String) -> [String] {
        let start = root.appending(path: folder).path
        guard let walk = FileManager.default.enumerator(atPath: start) else { return [] }
        return walk.compactMap { $0 as? String }
            .filter { textEndings.contains(URL(filePath: $0).pathExtension) }
            .map { "\(folder)/\($0)" }
    }
}

/// Where a rule is broken.
struct Violation: CustomStringConvertible {
    let file: String
    let line: Int?
    let rule: String

    var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(rule)" }
}

extension SourceTree.File {
    /// The lines of which something holds, as violations of one rule.
    func violations(of rule: String, where breaks: (Substring) -> Bool) -> [Violation] {
        lines.indices.filter { breaks(lines[$0]) }.map { Violation(file: path, line: $0 + 1, rule: rule) }
    }
}
