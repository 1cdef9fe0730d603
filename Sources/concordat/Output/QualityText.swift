internal import Core
internal import Node

/// The report on data quality in words, for a terminal.
enum QualityText {
    private static let width = 100
    /// Findings that are printed; the others are in the other formats.
    private static let shown = 40

    static func whole(_ report: QualityReport) -> String {
        var text = Paint.caution(report.notice) + "\n\n"
        text += report.lead.map { $0 + "\n" }.joined() + "\n"
        text += Paint.strong("Findings") + "\n\n" + findings(report) + "\n"
        for section in report.sections {
            text += Paint.strong(section.title) + "\n\n"
            if !section.note.isEmpty { text += section.note + "\n" }
            text += TextTable(columns: section.columns, rows: section.rows).text + "\n"
        }
        return text
    }

    private static func findings(_ report: QualityReport) -> String {
        guard !report.findings.isEmpty else { return Paint.good("Nothing needs attention.") + "\n" }
        var text = ""
        for (place, finding) in report.findings.prefix(shown).enumerated() {
            let number = String(repeating: " ", count: place < 9 ? 1 : 0) + "\(place + 1). "
            let mark = "[\(finding.severity.rawValue)] "
            let lines = wrapped(mark + finding.words, after: number.count)
            let first = number + painted(lines.first ?? "", finding.severity)
            text += first + "\n" + lines.dropFirst().map { indent + $0 + "\n" }.joined()
            text += wrapped("→ " + finding.remedy, after: number.count).map {
                indent + Paint.faint($0) + "\n"
            }
            .joined()
        }
        let left = report.findings.count - shown
        if left > 0 { text += "… and \(left) more: --format html, csv or json has all\n" }
        return text
    }

    private static let indent = "    "

    private static func painted(_ line: String, _ severity: QualityFinding.Severity) -> String {
        switch severity {
        case .high: Paint.bad(line)
        case .medium: Paint.caution(line)
        case .low: line
        }
    }

    private static func wrapped(_ text: String, after margin: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, margin + line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }
}
