internal import Core

/// What is said beside an answer: its receipt in a line, what is missing, what is withheld, how much values may lack.
struct AnswerNotices {
    private let answer: Answer
    private let showsBounds: Bool

    init(_ answer: Answer, showsBounds: Bool) {
        self.answer = answer
        self.showsBounds = showsBounds
    }

    var all: [SQLNotice] { missing + withheld + bounds + [receipt] }

    private var receipt: SQLNotice {
        SQLNotice(ReceiptText.summary(answer.receipt), hint: "SHOW concordat.receipt gives the whole of it.")
    }

    private var missing: [SQLNotice] {
        let sites = answer.receipt.sites.filter { $0.outcome != .answered }
        guard !sites.isEmpty else { return [] }
        return [
            SQLNotice(
                "the answer is without \(sites.map(\.site).joined(separator: ", "))",
                detail: sites.map { ReceiptText.line($0) }.joined(separator: "\n"), isWarning: true)
        ]
    }

    /// Withheld cells are NULL: which they are, for NULL may stand for other things too.
    private var withheld: [SQLNotice] {
        guard !answer.withheld.isEmpty else { return [] }
        let byColumn = Dictionary(grouping: answer.withheld, by: \.column)
        let places = byColumn.sorted { $0.key < $1.key }.map { column, cells in
            let rows = cells.prefix(20).map { "\($0.row + 1)" }.joined(separator: ", ")
            return "\(answer.table.columns[column].name): row\(cells.count == 1 ? "" : "s") \(rows)"
                + (cells.count > 20 ? " and \(cells.count - 20) more" : "")
        }
        let count = answer.withheld.count
        return [
            SQLNotice(
                count == 1
                    ? "1 value is withheld, and shown as NULL"
                    : "\(count) values are withheld, and shown as NULL",
                detail: places.joined(separator: "\n"),
                hint: "They rest on groups that are too small to be released. They are not zero.")
        ]
    }

    private var bounds: [SQLNotice] {
        guard showsBounds else { return [] }
        return answer.receipt.bounds.map { SQLNotice("\($0.column): \($0.words)") }
    }
}
