internal import Core
internal import Node

/// An answer as a table: what was withheld says so, with what it lies between where that is known.
struct AnswerView: Sendable {
    let answer: Answer
    private let names: FragmentNames
    private let withheld: Set<WithheldCell>

    /// Rows that are shown; all of them are in the files.
    static let most = 500

    init(_ answer: Answer, names: FragmentNames) {
        self.answer = answer
        self.names = names
        withheld = Set(answer.withheld)
    }

    private var table: Table { answer.table }

    func isWithheld(_ row: Int, _ column: Int) -> Bool {
        withheld.contains(WithheldCell(row: row, column: column))
    }

    var values: [String: any Sendable] {
        let rows = (0..<min(table.rowCount, Self.most)).map { row -> [String: any Sendable] in
            let cells = table.row(row)
            return ["cells": cells.indices.map { cell(row, $0, cells) }]
        }
        var values: [String: any Sendable] = [
            "columns": table.columns.map {
                ["name": $0.name, "isNumber": $0.type.isNumeric] as [String: any Sendable]
            },
            "rows": rows, "rowCount": ConsoleWords.count(table.rowCount, "row"),
            "isEmpty": table.rowCount == 0,
        ]
        if table.rowCount > Self.most { values["cut"] = "The first \(Self.most) of \(table.rowCount) rows." }
        if !withheld.isEmpty {
            values["withheldCount"] =
                "\(ConsoleWords.count(withheld.count, "value")) \(withheld.count == 1 ? "is" : "are") "
                + "withheld: too few people stand behind, or the number would tell another that is withheld."
        }
        return values
    }

    private func cell(_ row: Int, _ column: Int, _ cells: [Value]) -> [String: any Sendable] {
        var values: [String: any Sendable] = ["isNumber": table.columns[column].type.isNumeric]
        if isWithheld(row, column) {
            values["isWithheld"] = true
            if let words = bounds(row, column, cells) { values["bounds"] = words }
        } else if cells[column] == .null {
            values["isEmpty"] = true
        } else {
            // Keys are names, years among them: no commas in them.
            values["text"] =
                names.isKey(table.columns[column].name)
                ? cells[column].text : cells[column].number.map(ConsoleWords.number) ?? cells[column].text
            // Of what a site withheld a part: shown, and what it may lack beside it.
            if let words = bounds(row, column, cells) { values["bounds"] = words }
        }
        return values
    }

    /// What a withheld value lies between, in words; nil where it is not known.
    private func bounds(_ row: Int, _ column: Int, _ cells: [Value]) -> String? {
        let name = table.columns[column].name
        // Bounds bear the name of an aggregate: where several have it, it is not known whose they are.
        guard answer.receipt.bounds.count(where: { $0.column == name }) == 1,
            table.columns.count(where: { $0.name == name }) == 1
        else { return nil }
        guard let note = answer.receipt.bounds.first(where: { $0.column == name }),
            let keys = names.keys(of: name)
        else { return nil }
        let places = keys.map { key in table.columns.firstIndex { $0.name == key } }
        // A key that is not in the answer: rows cannot be told apart.
        let found = places.compactMap(\.self)
        guard found.count == keys.count else { return nil }
        let own = found.map { cells[$0] == .null ? nil : cells[$0].text }
        guard let bound = note.values?.first(where: { $0.keys == own }) else { return nil }
        guard let upper = bound.upper else { return "\(ConsoleWords.number(bound.lower)) or more" }
        return "\(ConsoleWords.number(bound.lower)) to \(ConsoleWords.number(upper))"
    }
}
