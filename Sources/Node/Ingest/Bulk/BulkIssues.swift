internal import FHIR
internal import Foundation

/// How many issues the error files of an export tell of, by severity and code. Their texts are about records, so they
/// are never shown.
struct BulkIssues: Hashable, Sendable {
    private(set) var counts: [String: Int] = [:]
    /// Of severity `error` or `fatal`: records that the server could not give.
    private(set) var errors = 0

    private struct Outcome: Decodable {
        struct Issue: Decodable {
            let severity: String?
            let code: String?
        }
        let issue: [Issue]?
    }

    /// Reads a file of NDJSON; what cannot be read counts as an error.
    mutating func read(_ path: String) throws {
        var reader = try NDJSONReader(path: path)
        while let block = try reader.next() {
            for line in block.lines {
                let outcome = try? JSONDecoder().decode(Outcome.self, from: Data(block.copy(line)))
                for issue in outcome?.issue ?? [.init(severity: "error", code: "unreadable")] { count(issue) }
            }
            for _ in block.faults { count(.init(severity: "error", code: "unreadable")) }
        }
    }

    private mutating func count(_ issue: Outcome.Issue) {
        let severity = Self.word(issue.severity) ?? "error"
        counts["\(severity) \(Self.word(issue.code) ?? "unknown")", default: 0] += 1
        if severity == "error" || severity == "fatal" { errors += 1 }
    }

    /// A code of FHIR, not a text.
    private static func word(_ text: String?) -> String? {
        text.flatMap { $0.wholeMatch(of: /[a-z\-]{1,30}/) == nil ? nil : $0 }
    }

    var text: String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
