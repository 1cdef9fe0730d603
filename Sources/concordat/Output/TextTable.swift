/// A table for a terminal or a log: aligned columns, numbers to the right.
struct TextTable {
    let columns: [String]
    let rows: [[String]]

    /// As wide as it has to be, or narrow enough for the terminal that it is printed on: long texts are broken over
    /// several lines, numbers never.
    var text: String { text(width: Terminal.width()) }

    private static let gap = 2
    /// No column of texts gets narrower.
    private static let least = 8

    /// - Parameter width: columns of a terminal; nil where there is no limit.
    func text(width: Int?) -> String {
        let right = columns.indices.map { column in
            !rows.isEmpty && rows.allSatisfy { Self.isNumber($0[column]) }
        }
        let widths = widths(in: width, fixed: right)
        func line(_ cells: [String]) -> String {
            let broken = cells.indices.map { Self.broken(cells[$0], widths[$0]) }
            return (0..<(broken.map(\.count).max() ?? 0)).map { row in
                let padded = broken.indices.map { place in
                    let cell = row < broken[place].count ? broken[place][row] : ""
                    let space = String(repeating: " ", count: max(0, widths[place] - cell.count))
                    return right[place] ? space + cell : cell + space
                }
                var text = padded.joined(separator: String(repeating: " ", count: Self.gap))
                while text.last == " " { text.removeLast() }
                return text + "\n"
            }.joined()
        }
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ") + "\n"
        return line(columns) + rule + rows.map(line).joined()
    }

    /// Takes from the widest column of texts until the table fits.
    private func widths(in width: Int?, fixed: [Bool]) -> [Int] {
        var widths = columns.indices.map { column in
            ([columns[column]] + rows.map { $0[column] }).map(\.count).max() ?? 0
        }
        guard let width else { return widths }
        var excess = widths.reduce(0, +) + Self.gap * (widths.count - 1) - width
        while excess > 0 {
            let texts = widths.indices.filter { !fixed[$0] && widths[$0] > Self.least }
            guard let widest = texts.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    /// Lines of at most so many characters, broken between words where there are any.
    private static func broken(_ cell: String, _ width: Int) -> [String] {
        guard cell.count > width, width > 0 else { return [cell] }
        var lines: [String] = []
        var rest = cell[...]
        while rest.count > width {
            let window = rest.prefix(width + 1)
            let end = window.lastIndex(of: " ").flatMap { $0 == rest.startIndex ? nil : $0 }
            let cut = end ?? rest.index(rest.startIndex, offsetBy: width)
            lines.append(String(rest[..<cut]))
            rest = rest[cut...].drop { $0 == " " }
        }
        return rest.isEmpty ? lines : lines + [String(rest)]
    }

    private static func isNumber(_ text: String) -> Bool {
        text.isEmpty || text == "withheld" || Double(text) != nil
    }
}
