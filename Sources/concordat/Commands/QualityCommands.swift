internal import ArgumentParser
internal import Core
internal import Foundation
internal import Node

struct QualityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quality",
        abstract: "How good this controller's data are: what needs attention first, then the counts.",
        discussion: """
            Completeness, codes and units that are not known, dates out of range, NHS numbers, freshness, quarantine,
            and which codes of each codelist are in use here. For the controller's own staff: small numbers are shown.
            Of live data, which the next publication will hold; --publication looks at what questions are answered
            from. In a nightly run: --fail-on high ends with 1 where there is something urgent.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, csv, html
    }

    @OptionGroup var home: HomeOption
    @Option(help: "How to write it: text, json, csv (a number a row) or html (a page to print).")
    var format: Format = .text
    @Option(name: .long, parsing: .upToNextOption, help: "Only these datasets.") var dataset: [String] = []
    @Flag(help: "Of the publication in force, or of live data (the default).") var of: Source = .live
    @Option(help: "Only the rows of this controller (ODS code), where several share the node.")
    var controller: String?
    @Option(help: "Exit with 1 where there is a finding of this urgency or more: high, medium or low.")
    var failOn: QualityFinding.Severity?

    enum Source: String, EnumerableFlag {
        case live, publication
    }

    func run() async throws {
        let request = QualityRequest(
            datasets: dataset, ofPublication: of == .publication, controller: controller)
        let reply = try await home.run(.quality(request))
        guard case .document(let json) = reply else {
            return try ReplyPrinter.print(reply, format: format == .json ? .json : .table)
        }
        let report = try JSONDecoder().decode(QualityReport.self, from: Data(json.utf8))
        switch format {
        case .json: Terminal.print(try ScriptJSON.encode(report))
        case .html: Terminal.print(report.page, terminator: "")
        case .csv:
            let (columns, rows) = report.measures
            Terminal.print(CSV.text(columns: columns, rows: rows), terminator: "")
            Terminal.error(report.notice)
        case .text: Terminal.print(QualityText.whole(report), terminator: "")
        }
        if let failOn, report.findings.contains(where: { $0.severity <= failOn }) { throw ExitStatus.failure }
    }
}

extension QualityFinding.Severity: ExpressibleByArgument {}
