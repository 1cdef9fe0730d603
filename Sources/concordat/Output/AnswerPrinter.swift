internal import ArgumentParser
internal import Core
internal import Foundation
internal import Node

/// Prints rows with their receipt, or why there are none.
enum AnswerPrinter {
    static func print(_ answer: Answer, format: OutputFormat) throws {
        let columns = answer.table.columns.map(\.name)
        switch format {
        case .json: Terminal.print(try ScriptJSON.encode(answer))
        case .csv:
            // An empty field is NULL or withheld; scripts that must tell them apart read JSON.
            let rows = answer.table.rows.map { $0.map(\.text) }
            Terminal.print(CSV.text(columns: columns, rows: rows), terminator: "")
            Terminal.error(ReceiptText.summary(answer.receipt))
        case .table:
            Terminal.print(TextTable(columns: columns, rows: cells(answer)).text, terminator: "")
            let count = answer.table.rowCount
            Terminal.print("(\(count) row\(count == 1 ? "" : "s"))\n")
            Terminal.print(ReceiptText.whole(answer.receipt), terminator: "")
        }
        if answer.isPartial { throw ExitStatus.partial }
    }

    static func print(_ fault: QuestionFault, format: OutputFormat) throws {
        if format == .json {
            Terminal.print(try ScriptJSON.encode(ErrorDocument(fault)))
        } else {
            Terminal.error(text(fault))
        }
        throw status(fault)
    }

    /// 3 where every asked site refused, 2 where the statement itself is at fault, 1 otherwise.
    private static func status(_ fault: QuestionFault) -> ExitCode {
        if fault.isRefusedEverywhere { return ExitStatus.refused }
        return fault.sites.isEmpty && fault.fault.isOfStatement ? ExitStatus.unsupported : ExitStatus.failure
    }

    private static func cells(_ answer: Answer) -> [[String]] {
        let withheld = Set(answer.withheld)
        return answer.table.rows.enumerated().map { row, values in
            values.enumerated().map { column, value in
                withheld.contains(WithheldCell(row: row, column: column)) ? "withheld" : value.text
            }
        }
    }

    private static func text(_ fault: QuestionFault) -> String {
        var lines = ["ERROR \(fault.fault.sqlstate.rawValue): \(fault.fault.message)"]
        if let position = fault.fault.position { lines.append("  at character \(position)") }
        if let hint = fault.fault.hint { lines.append("  Hint: \(hint)") }
        lines += fault.sites.map(ReceiptText.line)
        return lines.joined(separator: "\n")
    }

    private struct ErrorDocument: Encodable {
        struct Body: Encodable {
            let sqlstate: String
            let message: String
            let hint: String?
            let position: Int?
            let sites: [SiteReceipt]

            private enum Key: String, CodingKey { case sqlstate, message, hint, position, sites }

            /// Absent fields are null, so that scripts find every key.
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(sqlstate, forKey: .sqlstate)
                try container.encode(message, forKey: .message)
                try container.encode(hint, forKey: .hint)
                try container.encode(position, forKey: .position)
                try container.encode(sites, forKey: .sites)
            }
        }

        let error: Body

        init(_ fault: QuestionFault) {
            error = Body(
                sqlstate: fault.fault.sqlstate.rawValue, message: fault.fault.message, hint: fault.fault.hint,
                position: fault.fault.position, sites: fault.sites)
        }
    }
}

extension SQLFault {
    /// Whether the statement is at fault, rather than the state of the federation.
    fileprivate var isOfStatement: Bool {
        ["42", "0A", "54", "22"].contains { sqlstate.rawValue.hasPrefix($0) }
    }
}
