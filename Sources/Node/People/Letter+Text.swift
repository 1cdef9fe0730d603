extension Letter {
    private static let width = 78

    /// Plain text, in lines of 78 characters; tables as records of `name: value`.
    var text: String {
        var lines = sender + ["", date, "", "To:", "", "", "", ""]
        if !mark.isEmpty { lines += [mark, ""] }
        lines += [subject, String(repeating: "=", count: subject.count), ""]
        for paragraph in opening { lines += Self.wrapped(paragraph) + [""] }
        for (place, section) in sections.enumerated() {
            let title = "\(place + 1). \(section.title)"
            lines += [title, String(repeating: "-", count: title.count), ""]
            for part in section.parts { lines += Self.lines(of: part) + [""] }
        }
        for paragraph in closing { lines += Self.wrapped(paragraph) + [""] }
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    private static func lines(of part: Part) -> [String] {
        switch part {
        case .paragraph(let text): return wrapped(text)
        case .list(let items): return items.flatMap { wrapped($0, first: "- ", rest: "  ") }
        case .table(let columns, let rows):
            let widest = columns.map(\.count).max() ?? 0
            let blocks = rows.map { row in
                zip(columns, row).filter { !$0.1.isEmpty }.flatMap { column, cell in
                    let space = String(repeating: " ", count: widest - column.count)
                    return wrapped(
                        cell, first: "  \(column): \(space)", rest: String(repeating: " ", count: widest + 4))
                }
            }
            return Array(blocks.joined(separator: [""]))
        }
    }

    private static func wrapped(_ text: String, first: String = "", rest: String = "") -> [String] {
        var lines: [String] = []
        var line = first
        var isEmpty = true
        for word in text.split(whereSeparator: \.isWhitespace) {
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                (line, isEmpty) = (rest, true)
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return lines + [line]
    }
}
