internal import ArgumentParser
internal import Core
internal import Foundation
internal import Node

/// How a command prints what it found.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
    case csv
}

/// The `--format` option that every command with output has.
struct FormatOption: ParsableArguments {
    @Option(help: "How to print: table, json or csv.")
    var format: OutputFormat = .table
}

/// A plain listing: columns and text cells, printed in any format.
struct Listing {
    let columns: [String]
    let rows: [[String]]

    func text(_ format: OutputFormat) throws -> String {
        switch format {
        case .table: TextTable(columns: columns, rows: rows).text
        case .csv: CSV.text(columns: columns, rows: rows)
        case .json:
            try ScriptJSON.encode(
                rows.map { Dictionary(zip(columns, $0)) { first, _ in first } }) + "\n"
        }
    }
}

/// RFC 4180.
enum CSV {
    static func text(columns: [String], rows: [[String]]) -> String {
        ([columns] + rows).map { $0.map(CSVQuoting.field).joined(separator: ",") + "\r\n" }.joined()
    }
}
