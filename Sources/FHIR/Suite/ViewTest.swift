internal import Catalog
internal import Core
internal import Foundation

/// One test of a SQL-on-FHIR test file.
struct ViewTest {
    let failure: String?

    init(_ test: [String: Any], _ block: LineBlock) {
        failure = Self.run(test, block)
    }

    private static func run(_ test: [String: Any], _ block: LineBlock) -> String? {
        let outcome = Result { try Self.table(test["view"] ?? [:], block) }
        if test["expectError"] as? Bool == true {
            guard case .success(let made) = outcome else { return nil }
            return "gave \(made.rowCount) rows, an error was expected"
        }
        let table: Table
        switch outcome {
        case .success(let made): table = made
        case .failure(let error): return "gave an error: \(error)"
        }
        if let wanted = test["expectCount"] as? Int, wanted != table.rowCount {
            return "gave \(table.rowCount) rows, \(wanted) were expected"
        }
        let names = table.columns.map(\.name)
        if let wanted = test["expectColumns"] as? [String], wanted != names {
            return "gave the columns \(names.joined(separator: ", "))"
        }
        guard let any = test["expect"] else { return nil }
        guard let rows = any as? [[String: Any]] else { return "expect is not a list of rows" }
        return difference(table, rows)
    }

    /// Any resource at fault fails the whole run, as the cases expect.
    private static func table(_ view: Any, _ block: LineBlock) throws -> Table {
        let data = try JSONSerialization.data(withJSONObject: view, options: [.fragmentsAllowed])
        let runner = try ViewRunner(view: ViewSource.decode(data), times: .written)
        let rows = runner.run(block).rows
        if let fault = rows.faults.first { throw fault.reason }
        return rows.table
    }

    /// Rows in any order, each with just the values that are told: what is not told is NULL.
    private static func difference(_ table: Table, _ wanted: [[String: Any]]) -> String? {
        let names = Set(table.columns.map(\.name))
        if let other = wanted.flatMap(\.keys).first(where: { !names.contains($0) }) {
            return "has no column \(other)"
        }
        let made = table.rows.map { row in
            zip(table.columns, row).map { text($0, $1) }.joined(separator: " | ")
        }.sorted()
        let expected = wanted.map { row in
            table.columns.map { column in text(column, row[column.name]) }.joined(separator: " | ")
        }.sorted()
        guard made != expected else { return nil }
        guard made.count == expected.count else {
            return "gave \(made.count) rows, \(expected.count) were expected"
        }
        let place = zip(made, expected).first { $0 != $1 }
        return place.map { "gave (\($0.0)), (\($0.1)) was expected" }
    }

    // MARK: - One text for a value that was made and for one that was expected

    private static func text(_ column: Table.Column, _ value: Value) -> String {
        switch value {
        case .null: return "null"
        case .text(let text):
            // A JSON array or object is compared by what it means.
            if text.first == "[" || text.first == "{",
                let json = try? JSONSerialization.jsonObject(with: Data(text.utf8))
            {
                return canonical(json)
            }
            return canonical(text)
        case .double(let number): return canonical(NSNumber(value: number))
        case .integer(let number): return canonical(NSNumber(value: number))
        case .boolean(let flag): return "\(flag)"
        default: return value.text
        }
    }

    private static func text(_ column: Table.Column, _ json: Any?) -> String {
        switch json {
        case nil, is NSNull: return "null"
        case let list as [Any]: return list.isEmpty ? "null" : canonical(list)
        case let number as NSNumber:
            if column.type == .boolean { return "\(number.boolValue)" }
            if column.type == .text {
                let isFlag = String(cString: number.objCType) == "c"
                return canonical(isFlag ? "\(number.boolValue)" : "\(number)")
            }
            return canonical(number)
        case let json?: return canonical(json)
        }
    }

    private static func canonical(_ json: Any) -> String {
        let options: JSONSerialization.WritingOptions = [
            .sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes,
        ]
        if let number = json as? NSNumber { return "\(number.doubleValue)" }
        let data = try? JSONSerialization.data(withJSONObject: json, options: options)
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "\(json)"
    }
}

extension LineBlock {
    /// The elements of an array that is a member of the outermost object, byte for byte: numbers keep the
    /// digits
    /// that were written.
    convenience init?(memberResources key: String, of json: Data) {
        var parser = JSONParser(capacity: json.count)
        let whole = BlockBuffer.take(json.count)
        defer { BlockBuffer.giveBack(whole, json.count) }
        json.copyBytes(to: whole.assumingMemoryBound(to: UInt8.self), count: json.count)
        let text = Tape.Text(start: whole.assumingMemoryBound(to: UInt8.self), count: json.count)
        guard let tape = try? parser.parse(text) else { return nil }
        var bytes: [UInt8] = []
        let found = key.withUTF8Text { tape.member(Tape.root, $0) }
        guard let found, tape.kind(found) == Tape.Kind.array else { return nil }
        var (node, end) = tape.inside(found)
        while node < end {
            tape.write(node, to: &bytes)
            bytes.append(0x0A)
            node = tape.next(node)
        }
        self.init(ndjson: bytes)
    }
}
