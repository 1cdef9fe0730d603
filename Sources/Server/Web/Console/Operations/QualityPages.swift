internal import Foundation
internal import Node

/// How good the data are. The report counts rows as they are: it is made when somebody asks for it, and the log bears who.
enum QualityPages {
    static let show = ConsolePage.show("/operations/quality", "quality", OperationsPages.operators) { _ in
        .page("operations-quality", title: "Data quality", [:])
    }

    static let make = ConsolePage.act("/operations/quality", "quality", OperationsPages.operators) { call in
        let request = QualityRequest(datasets: [], ofPublication: call.form["of"] == "publication")
        let text = try await call.run(.quality(request)).document
        let report = try JSONDecoder().decode(QualityReport.self, from: Data(text.utf8))
        let values: ConsoleValues = [
            "notice": report.notice, "lead": report.lead, "findings": report.findings.map(finding),
            "hasFindings": !report.findings.isEmpty, "isReport": true,
            "parts": report.sections.map { section in
                [
                    "title": section.title, "note": section.note, "hasNote": !section.note.isEmpty,
                    "table": ConsoleTable.values(section.title, section.columns, section.rows),
                ] as [String: any Sendable]
            }, "ofPublication": request.ofPublication,
        ]
        return .page("operations-quality", title: "Data quality", values)
    }

    private static let severities: [QualityFinding.Severity: String] = [
        .high: "Urgent", .medium: "Soon", .low: "When there is time",
    ]

    private static func finding(_ finding: QualityFinding) -> [String: any Sendable] {
        [
            "severity": severities[finding.severity] ?? "", "isHigh": finding.severity == .high,
            "isMedium": finding.severity == .medium, "words": OperationsPages.sentence(finding.words),
            "remedy": OperationsPages.sentence(finding.remedy),
        ]
    }
}
