import Foundation
import Testing

/// One question with the SQL that answers it on pooled data, from a `*.queries` file.
///
/// A case ends with a line `====`; its first line is its title; then come `name: value` lines, what is asked
/// of the federation, a line `----`, and the oracle: DuckDB's own SQL, in which joins are by (site, person).
struct QueryCase: Sendable, CustomTestStringConvertible {
    let file: String
    let title: String
    /// Names and PostgreSQL types that the answer's columns must have, e.g. `sex text, n bigint`.
    let columns: String
    /// Whether the statement's ORDER BY is total; otherwise rows are compared as a multiset.
    let isOrdered: Bool
    /// A table that not every fixture has, e.g. `reference.imd`.
    let needs: String?
    let sql: String
    let oracle: String

    var testDescription: String { "\(file): \(title)" }

    init(file: String, text: String) throws {
        self.file = file
        let parts = text.components(separatedBy: "\n----\n")
        var lines = parts[0].split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, lines.count > 2 else {
            throw Program.Failure(description: "\(file): a case without ----, or without a question")
        }
        title = lines.removeFirst()
        var facts: [String: String] = [:]
        while let line = lines.first, let colon = line.firstRange(of: ": "),
            ["columns", "order", "needs"].contains(String(line[..<colon.lowerBound]))
        {
            facts[String(line[..<colon.lowerBound])] = String(line[colon.upperBound...])
            lines.removeFirst()
        }
        columns = facts["columns"] ?? ""
        isOrdered = facts["order"] == "total"
        needs = facts["needs"]
        sql = lines.joined(separator: "\n")
        oracle = parts[1]
    }

    /// The cases of every `*.queries` file of a folder beside this file.
    static func load(_ folder: String) throws -> [QueryCase] {
        let root = ProjectFiles.tests + "/" + folder
        let files = try FileManager.default.contentsOfDirectory(atPath: root)
        return try files.filter { $0.hasSuffix(".queries") }.sorted().flatMap { file in
            try ProjectFiles.text("\(root)/\(file)").components(separatedBy: "\n====\n")
                .filter { !$0.allSatisfy(\.isWhitespace) }
                .map { try QueryCase(file: String(file.dropLast(8)), text: $0) }
        }
    }

    /// The same; a folder that cannot be read has no cases, which `OracleTests` reports.
    static func all(in folder: String) -> [QueryCase] { (try? load(folder)) ?? [] }
}

/// What the federation answered, ready to be compared.
struct ReceivedAnswer {
    let columns: String
    var rows: [[Cell]]
    let withheld: Int
    let document: JSONDocument

    init(_ outcome: Program.Outcome) throws {
        document = try outcome.json()
        guard outcome.status == 0 || outcome.status == 4 else {
            throw Program.Failure(description: "exit code \(outcome.status): \(outcome.output)")
        }
        columns = document["columns"].elements.map {
            "\($0["name"].text ?? "") \($0["type"].text ?? "")"
        }.joined(separator: ", ")
        rows = document["rows"].elements.map { $0.elements.compactMap(Cell.init) }
        withheld = document["withheld"].elements.count
    }
}

/// Rows of both sides against each other.
enum RowComparison {
    /// The first difference in words; nil where there is none.
    static func difference(_ got: [[Cell]], _ expected: [[Cell]], isOrdered: Bool) -> String? {
        let (left, right) = isOrdered ? (got, expected) : (sorted(got), sorted(expected))
        for (place, rows) in zip(left, right).enumerated() {
            let agree =
                rows.0.count == rows.1.count && zip(rows.0, rows.1).allSatisfy { $0.agrees(with: $1) }
            if !agree { return "row \(place): got \(rows.0), expected \(rows.1)" }
        }
        return left.count == right.count ? nil : "got \(left.count) rows, expected \(right.count)"
    }

    private static func sorted(_ rows: [[Cell]]) -> [[Cell]] {
        rows.map { (key: $0.map(\.sortKey), row: $0) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.row)
    }
}
