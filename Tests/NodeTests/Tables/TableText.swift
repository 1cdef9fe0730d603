import Core
import Foundation

@testable import Node

/// Tables as extracts have them, written by hand.
enum TableText {
    /// An NHS number of the synthetic range.
    static func number(_ person: Int) -> String {
        var nine = 999_000_000 + person
        while true {
            let digits = String(nine).compactMap(\.wholeNumberValue)
            if let check = NHSNumber.checkDigit(digits) { return String(nine) + String(check) }
            nine += 500_000
        }
    }

    static func csv(_ columns: [String], _ rows: [[String: String]], end: String = "\n") -> String {
        func field(_ text: String) -> String {
            text.contains { "\",\r\n".contains($0) } ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
        }
        let lines = [columns.map(field)] + rows.map { row in columns.map { field(row[$0] ?? "") } }
        return lines.map { $0.joined(separator: ",") + end }.joined()
    }

    static let apcColumns: [String] =
        [
            "EPIKEY", "NEWNHSNO", "NHSNOIND", "LOPATID", "EPIORDER", "EPISTART", "EPIEND", "ADMIDATE",
            "DISDATE",
        ]
        + ["ADMIMETH", "DISMETH", "SUSSPELLID", "PROVSPNOPS", "TRETSPEF", "PROCODET", "CCG_RESPONSIBILITY"]
        + (1...20).map { "DIAG_4_\($0 < 10 ? "0" : "")\($0)" }
        + (1...24).map { "OPERTN_4_\($0 < 10 ? "0" : "")\($0)" }
        + (1...24).map { "OPDATE_\($0 < 10 ? "0" : "")\($0)" }

    /// An episode with its usual values; `changes` say what is otherwise.
    static func episode(_ key: Int, person: Int, _ changes: [String: String] = [:]) -> [String: String] {
        [
            "EPIKEY": "\(key)", "NEWNHSNO": number(person), "NHSNOIND": "01", "LOPATID": "L\(person)",
            "EPIORDER": "1", "EPISTART": "2026-04-02", "EPIEND": "2026-04-05", "ADMIDATE": "2026-04-02",
            "DISDATE": "2026-04-05", "ADMIMETH": "21", "DISMETH": "1", "SUSSPELLID": "S\(key)",
            "TRETSPEF": "300",
            "PROCODET": "RJ1", "CCG_RESPONSIBILITY": "QWE", "DIAG_4_01": "E119", "DIAG_4_02": "I10X",
            "OPERTN_4_01": "K451", "OPDATE_01": "2026-04-03",
        ].merging(changes) { $1 }
    }

    static func apc(_ rows: [[String: String]], end: String = "\n") -> String {
        csv(apcColumns, rows, end: end)
    }
}

extension NodeContext {
    /// Takes tables in.
    func tables(
        _ mapping: String, _ paths: [String], replace: String? = nil
    ) async throws -> IngestReport {
        try await TableAdministration(context: self).ingest(
            TableIngestCommand(
                mapping: mapping, origin: .files(paths), replaces: replace != nil,
                partition: replace?.isEmpty == true ? nil : replace)
        ) { _, _, _, _ in }
    }

    /// What a dataset holds, in order of row and ordinal.
    func held(
        _ columns: String, _ dataset: String, of schema: String = "live"
    ) async throws -> [[String]] {
        try await rows("SELECT \(columns) FROM \(schema).\(dataset) ORDER BY resource_id").map {
            $0.map { value in
                switch value {
                case .null: "-"
                case .text(let text): text
                case .date(let days): Civil.formatDate(Int(days))
                case .timestamp(let micros):
                    Civil.formatDate(Int(micros / 86_400_000_000))
                        + (micros % 86_400_000_000 == 0 ? "" : "+\(micros % 86_400_000_000 / 60_000_000)")
                default: "\(value.number.map { "\($0)" } ?? "\(value)")"
                }
            }
        }
    }
}
