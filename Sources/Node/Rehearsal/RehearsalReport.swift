internal import Core

/// What a rehearsal shows the controller: for its own eyes.
struct RehearsalReport: Codable, Hashable, Sendable {
    /// A condition that the answer is under, and where it comes from.
    struct Condition: Codable, Hashable, Sendable {
        let words: String
        let from: [String]
    }

    struct OptOut: Codable, Hashable, Sendable {
        let scheme: String
        let listedAt: String
        /// In words, under disclosure rules: how many it leaves out is itself about people.
        let peopleLeftOut: String
    }

    struct Question: Codable, Hashable, Sendable {
        let origin: String
        let sql: [String]
        /// What this site is asked, in English.
        var words: [String] = []
        /// nil where it is permitted.
        var rule: String?
        let reason: String
        var policies: [String] = []
        var conditions: [Condition] = []
        var profile: String?
        var minimumPeople: Int?
        var optOuts: [OptOut] = []
        /// Who counts people across sites: their numbers go to it, sealed, and not to the requester.
        var toLinker: String?
        var tables: [PreviewTable] = []

        var isPermitted: Bool { rule == nil }
    }

    let agreement: String
    let version: Int
    let controller: String
    let snapshot: Int?
    /// The first so many releases wait for a person.
    let waitsForPerson: Int?
    let questions: [Question]

    /// The obligations in words, each with what asked for it.
    static func conditions(_ obligations: Obligations) -> [Condition] {
        let fields: [(String, String?)] = [
            (
                "honour",
                obligations.honour.isEmpty
                    ? nil : "opt-outs honoured: \(list(obligations.honour.map(\.rawValue)))"
            ),
            (
                "minimumPeople",
                obligations.minimumPeople.map { "no number stands for fewer than \($0) people" }
            ),
            (
                "profiles",
                obligations.profiles.isEmpty
                    ? nil : "small numbers are kept safe by the rules of \(list(obligations.profiles))"
            ),
            (
                "excludedCodelists",
                obligations.excludedCodelists.isEmpty
                    ? nil : "codes of \(list(obligations.excludedCodelists)) are left out"
            ),
            ("releaseCap", obligations.releaseCap.map { "at most \($0) answers" }),
            ("validUntil", obligations.validUntil.map { "the permission ends on \($0)" }),
            ("alerts", obligations.alerts.isEmpty ? nil : "told at once: \(list(obligations.alerts))"),
            ("needsReview", obligations.needsReview ? "a person looks at it afterwards" : nil),
        ]
        return fields.compactMap { field, words in
            words.map { Condition(words: $0, from: obligations.provenance[field] ?? []) }
        }
    }

    private static func list(_ names: some Sequence<String>) -> String {
        names.sorted().joined(separator: ", ")
    }

    var text: String {
        var lines = [
            "Rehearsal of '\(agreement)' version \(version) at \(controller), publication "
                + (snapshot.map(String.init) ?? "none"),
            "Nothing was sent, charged or recorded; the log bears that a rehearsal took place.",
        ]
        if let waitsForPerson {
            lines.append("The first \(waitsForPerson) answers would wait for a person here.")
        }
        for (place, question) in questions.enumerated() {
            lines += ["", "Question \(place + 1) (\(question.origin))"] + question.lines
        }
        return lines.joined(separator: "\n")
    }
}

extension RehearsalReport.Question {
    fileprivate var lines: [String] {
        var lines = sql.flatMap { $0.split(separator: "\n").map { "    \($0)" } }
        guard isPermitted else {
            return lines + ["  REFUSED by \(rule ?? ""): \(reason)"]
        }
        lines.append("  permitted: \(reason)")
        lines += conditions.map {
            "  condition: \($0.words)" + ($0.from.isEmpty ? "" : " (from \($0.from.joined(separator: ", ")))")
        }
        lines += optOuts.map {
            "  opt-out: \($0.scheme) list of \($0.listedAt) leaves out \($0.peopleLeftOut) people here"
        }
        if let toLinker {
            lines.append(
                "  people would be counted across sites by \(toLinker): it gets them sealed, under pseudonyms"
            )
        }
        for table in tables {
            lines += ["  what would leave:"] + table.lines.map { "    \($0)" }
            lines.append(
                "  withheld: \(table.cellsWithheld) of \(table.cells) groups, "
                    + "\(table.valuesWithheld) of \(table.values) numbers (zero and withheld look alike outside)"
            )
        }
        return lines
    }
}

extension PreviewTable {
    /// Aligned, for a terminal.
    var lines: [String] {
        let all = [columns] + rows
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = columns.indices.map { column in
                row[column] + String(repeating: " ", count: widths[column] - row[column].count)
            }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
