internal import Core
internal import Foundation

extension Answer: Codable {
    private enum Key: String, CodingKey { case columns, rows, withheld, receipt }

    private struct ColumnHead: Codable {
        let name: String
        let type: ColumnType
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(table.columns.map { ColumnHead(name: $0.name, type: $0.type) }, forKey: .columns)
        try container.encode(table.rows.map { $0.map(JSONValue.init) }, forKey: .rows)
        try container.encode(withheld.map { [$0.row, $0.column] }, forKey: .withheld)
        try container.encode(receipt, forKey: .receipt)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let heads = try container.decode([ColumnHead].self, forKey: .columns)
        let rows = try container.decode([[JSONValue]].self, forKey: .rows)
        let values = try rows.map { row in
            guard row.count == heads.count else {
                throw DecodingError.dataCorruptedError(
                    forKey: .rows, in: container, debugDescription: "a row of another width")
            }
            return zip(row, heads).map { $0.value(as: $1.type) }
        }
        table = Table(heads.map { ($0.name, $0.type) }, rows: values)
        withheld = try container.decode([[Int]].self, forKey: .withheld).map {
            WithheldCell(row: $0[0], column: $0[1])
        }
        receipt = try container.decode(Receipt.self, forKey: .receipt)
    }
}

/// One value as JSON: numbers as numbers, dates and times as PostgreSQL prints them.
struct JSONValue: Codable {
    private enum Form {
        case null
        case boolean(Bool)
        case integer(Int64)
        case double(Double)
        case text(String)
    }

    private let form: Form

    init(_ value: Value) {
        form =
            switch value {
            case .null: .null
            case .boolean(let value): .boolean(value)
            case .integer(let value): .integer(value)
            case .double(let value) where value.isFinite: .double(value)
            default: .text(value.text)
            }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            form = .null
        } else if let value = try? container.decode(Bool.self) {
            form = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {
            form = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            form = .double(value)
        } else {
            form = .text(try container.decode(String.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch form {
        case .null: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        }
    }

    func value(as type: ColumnType) -> Value {
        switch form {
        case .null: .null
        case .boolean(let value): .boolean(value)
        case .integer(let value): type.isInteger ? .integer(value) : .double(Double(value))
        case .double(let value): .double(value)
        case .text(let text):
            switch type {
            case .date: Civil.parseDate(text).map { .date(Int32($0)) } ?? .text(text)
            case .timestamp: Civil.parseTimestamp(text).map(Value.timestamp) ?? .text(text)
            case .numeric, .double: Double(text).map(Value.double) ?? .text(text)
            default: .text(text)
            }
        }
    }
}

/// The encoder of everything that scripts read: snake_case keys, sorted, no escaped slashes.
package enum ScriptJSON {
    package static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// What `encode` made of a value of this type.
    package static func decode<T: Decodable>(_ type: T.Type, from text: String) throws -> T {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(text.utf8))
    }

    package static func tree(_ value: some Encodable) throws -> JSONTree { try .parse(encode(value).utf8) }
}
