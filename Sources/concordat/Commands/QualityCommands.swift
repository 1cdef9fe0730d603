internal import ArgumentParser
internal import Core
internal import Foundation
internal import Node

struct QualityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quality",
        abstract: "How good this controller's data are: what needs attention first, then the counts.",
        discussion: """
            Completeness, codes and units that are not known, dates out of range, NHS numbers, freshness, quarantine, \
            and which codes of each codelist are in use here. For the controller's own staff: small numbers are shown. \
            Of live data, which the next publication will hold; --publication looks at what questions are answered \
            from. In a nightly run: --fail-on high ends with 1 where there is something urgent.
            """, examples: ["concordat quality --home demo/RJ1 --fail-on high"])

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

    @Option(
        help: """
            A report in JSON to compare with: of another day, or of another controller. Prints what differs, the
            furthest apart first.
            """)
    var against: String?

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
        if let against {
            try compare(report, with: try InputFile.read(against))
        } else {
            try show(report)
        }
        if let failOn, report.findings.contains(where: { $0.severity <= failOn }) { throw ExitStatus.failure }
    }

    private func show(_ report: QualityReport) throws {
        switch format {
        case .json: Terminal.print(try ScriptJSON.encode(report))
        case .html: Terminal.print(report.page, terminator: "")
        case .csv:
            let (columns, rows) = report.measures
            Terminal.print(CSV.text(columns: columns, rows: rows), terminator: "")
            Terminal.error(report.notice)
        case .text: Terminal.print(QualityText.whole(report), terminator: "")
        }
    }

    private static let shownDifferences = 100

    private func compare(_ here: QualityReport, with text: String) throws {
        let there: QualityReport
        do {
            there = try QualityComparison.read(Data(text.utf8))
        } catch let error as NodeError {
            throw ValidationError("--against: \(error.description)")
        }
        let comparison = QualityComparison(there: there, here: here)
        guard format != .json else { return Terminal.print(try ScriptJSON.encode(comparison.differences)) }
        guard format != .html else { throw ValidationError("--against prints text, csv or json") }
        let shown =
            format == .csv
            ? comparison.differences[...] : comparison.differences.prefix(Self.shownDifferences)
        let listing = Listing(
            columns: ["kind", "dataset", "column", "item", "measure", "there", "here"],
            rows: shown.map {
                [
                    $0.kind, $0.dataset, $0.column, $0.item, $0.measure, $0.there.map(String.init) ?? "",
                    $0.here.map(String.init) ?? "",
                ]
            })
        if format == .text {
            Terminal.print(here.notice + "\n")
            for (word, report) in [("there", there), ("here ", here)] {
                Terminal.print("\(word)  \(report.lead[0])")
            }
            for note in comparison.notes { Terminal.print("Note: \(note)") }
            Terminal.print("")
        }
        Terminal.print(try listing.text(format == .csv ? .csv : .table), terminator: "")
        let left = comparison.differences.count - shown.count
        if left > 0 { Terminal.print("… and \(left) more: --format csv or json has all") }
    }
}

extension QualityFinding.Severity: ExpressibleByArgument {}
