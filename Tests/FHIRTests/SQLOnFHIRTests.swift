import Catalog
import Core
import FHIR
import Foundation
import Testing

/// The official SQL-on-FHIR v2 cases that stand in the outside data: every one of them is run.
@Suite(.enabled(if: OutsideData.isHere, "CONCORDAT_OUTSIDE_DATA names no data"))
struct SQLOnFHIRTests {
    /// Cases that are refused, with a reason, when the view is compiled.
    static let refused: Set<String> = []

    static var files: [String] {
        guard OutsideData.isHere else { return [] }
        let all =
            (try? FileManager.default.contentsOfDirectory(atPath: OutsideData.path("sql-on-fhir"))) ?? []
        return all.filter { $0.hasSuffix(".json") && $0 != "tests.schema.json" }.sorted()
    }

    @Test(arguments: files)
    func cases(_ file: String) throws {
        let data = try Data(contentsOf: URL(filePath: OutsideData.path("sql-on-fhir/" + file)))
        let whole = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let tests = try #require(whole["tests"] as? [[String: Any]])
        let resources = try #require(RawJSON(Array(data)).elements(of: "resources"))
        for test in tests {
            let title = test["title"] as? String ?? ""
            let view = try JSONSerialization.data(withJSONObject: test["view"] ?? [:])
            let outcome = Result { try run(view, resources) }
            if test["expectError"] as? Bool == true {
                #expect(throws: (any Error).self, "\(file): \(title)") { try outcome.get() }
            } else if Self.refused.contains("\(file): \(title)") {
                #expect(throws: CatalogFault.self, "\(file): \(title)") { try outcome.get() }
            } else {
                let table = try outcome.get()
                let rows = try #require(test["expect"] as? [[String: Any]])
                #expect(sorted(table) == sorted(rows, like: table), "\(file): \(title)")
                if let names = test["expectColumns"] as? [String] {
                    #expect(table.columns.map(\.name) == names, "\(file): \(title)")
                }
            }
        }
    }

    /// Any line at fault fails the whole run here, as the cases expect.
    private func run(_ view: Data, _ resources: [[UInt8]]) throws -> Table {
        let runner = try ViewRunner(view: ViewDefinition.decode(view))
        let block = LineBlock(ndjson: resources.joined(separator: [0x0A]))
        let rows = runner.run(block).rows
        if let fault = rows.faults.first { throw fault.reason }
        return rows.table
    }

    private func sorted(_ table: Table) -> [String] {
        table.rows.map { $0.map { "\($0)" }.joined(separator: " | ") }.sorted()
    }

    private func sorted(_ rows: [[String: Any]], like table: Table) -> [String] {
        rows.map { row in
            table.columns.map { "\(value(row[$0.name] ?? NSNull(), $0.type))" }.joined(separator: " | ")
        }.sorted()
    }

    /// An expected JSON value in the representation of a column.
    private func value(_ json: Any, _ type: ColumnType) -> Value {
        switch (json, type) {
        case (is NSNull, _): return .null
        case (let list as [Any], _):
            if list.isEmpty { return .null }
            let data = try? JSONSerialization.data(withJSONObject: list, options: [.withoutEscapingSlashes])
            return .text(String(decoding: data ?? Data(), as: UTF8.self))
        case (let text as String, .date): return Civil.parseDate(text).map { .date(Int32($0)) } ?? .null
        case (let text as String, .timestamp):
            let reader = ISO8601DateFormatter()
            reader.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
            return reader.date(from: text).map {
                .timestamp(Int64(($0.timeIntervalSince1970 * 1000).rounded()) * 1000)
            } ?? .null
        case (let text as String, _): return .text(text)
        case (let number as NSNumber, .boolean): return .boolean(number.boolValue)
        case (let number as NSNumber, .double): return .double(number.doubleValue)
        case (let number as NSNumber, .integer), (let number as NSNumber, .bigint):
            return .integer(number.int64Value)
        case (let other, _): return .text("\(other)")
        }
    }
}

/// Cuts JSON text into pieces without changing a byte of them (numbers keep their zeros).
struct RawJSON {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The elements of an array that is a member of the outermost object, one line each.
    func elements(of key: String) -> [[UInt8]]? {
        guard let start = bytes.firstRange(of: Array("\"\(key)\"".utf8))?.upperBound,
            let open = bytes[start...].firstIndex(of: UInt8(ascii: "["))
        else { return nil }
        var (result, piece): ([[UInt8]], [UInt8]) = ([], [])
        var (depth, inText, isEscaped) = (0, false, false)
        for byte in bytes[(open + 1)...] {
            if inText {
                inText = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else {
                if byte == UInt8(ascii: "\"") { inText = true }
                if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") { depth += 1 }
                if depth == 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") {
                    result.append(piece)
                    piece = []
                    if byte == UInt8(ascii: "]") { return result }
                    continue
                }
                if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") { depth -= 1 }
            }
            piece.append(byte == 0x0A || byte == 0x0D ? 0x20 : byte)
        }
        return nil
    }
}
