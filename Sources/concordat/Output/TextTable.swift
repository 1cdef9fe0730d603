/// A table for a terminal or a log: aligned columns, numbers to the right.
struct TextTable {
    let columns: [String]
    let rows: [[String]]

    var text: String {
        let widths = columns.indices.map { column in
            ([columns[column]] + rows.map { $0[column] }).map(\.count).max() ?? 0
        }
        let right = columns.indices.map { column in
            !rows.isEmpty && rows.allSatisfy { Self.isNumber($0[column]) }
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { place in
                let space = String(repeating: " ", count: max(0, widths[place] - cells[place].count))
                return right[place] ? space + cells[place] : cells[place] + space
            }
            var text = padded.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ") + "\n"
        return line(columns) + rule + rows.map(line).joined()
    }

    private static func isNumber(_ text: String) -> Bool {
        text.isEmpty || text == "withheld" || Double(text) != nil
    }
}
