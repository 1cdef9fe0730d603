package import Core

/// What a server sends.
package enum BackendMessage: Hashable, Sendable {
    case authenticationOk
    case parameterStatus(name: String, value: String)
    case backendKeyData(process: Int32, secret: Int32)
    case readyForQuery
    case rowDescription([RowColumn])
    /// Text format; nil is NULL.
    case dataRow([String?])
    case commandComplete(tag: String)
    case emptyQueryResponse
    case errorResponse(SQLFault)
    case noticeResponse(String)
    /// The single byte that declines SSLRequest or GSSENCRequest.
    case encryptionDeclined

    package struct RowColumn: Hashable, Sendable {
        package let name: String
        package let type: ColumnType

        package init(name: String, type: ColumnType) {
            self.name = name
            self.type = type
        }
    }

    /// The bytes of the message (PostgreSQL 15, 55.7).
    package var encoded: [UInt8] {
        switch self {
        case .encryptionDeclined: [UInt8(ascii: "N")]
        case .authenticationOk: frame("R") { $0.int32(0) }
        case .parameterStatus(let name, let value):
            frame("S") {
                $0.string(name)
                $0.string(value)
            }
        case .backendKeyData(let process, let secret):
            frame("K") {
                $0.int32(process)
                $0.int32(secret)
            }
        case .readyForQuery: frame("Z") { $0.bytes.append(UInt8(ascii: "I")) }
        case .rowDescription(let columns): frame("T") { Self.describe(columns, &$0) }
        case .dataRow(let values): frame("D") { Self.row(values, &$0) }
        case .commandComplete(let tag): frame("C") { $0.string(tag) }
        case .emptyQueryResponse: frame("I") { _ in }
        case .errorResponse(let fault): frame("E") { Self.fault(fault, &$0) }
        case .noticeResponse(let text):
            frame("N") { Self.fields([("S", "NOTICE"), ("V", "NOTICE"), ("C", "00000"), ("M", text)], &$0) }
        }
    }

    private func frame(_ type: Unicode.Scalar, _ body: (inout WireBytes) -> Void) -> [UInt8] {
        var content = WireBytes()
        body(&content)
        var message = WireBytes()
        message.bytes.append(UInt8(ascii: type))
        message.int32(Int32(content.bytes.count + 4))
        return message.bytes + content.bytes
    }

    private static func describe(_ columns: [RowColumn], _ wire: inout WireBytes) {
        wire.int16(Int16(columns.count))
        for column in columns {
            wire.string(column.name)
            wire.int32(0)
            wire.int16(0)
            wire.int32(column.type.oid)
            wire.int16(column.type.size)
            wire.int32(-1)
            wire.int16(0)
        }
    }

    private static func row(_ values: [String?], _ wire: inout WireBytes) {
        wire.int16(Int16(values.count))
        for value in values {
            guard let value else {
                wire.int32(-1)
                continue
            }
            wire.int32(Int32(value.utf8.count))
            wire.bytes.append(contentsOf: value.utf8)
        }
    }

    private static func fault(_ fault: SQLFault, _ wire: inout WireBytes) {
        var all: [(Unicode.Scalar, String)] = [
            ("S", "ERROR"), ("V", "ERROR"), ("C", fault.sqlstate.rawValue), ("M", fault.message),
        ]
        if let hint = fault.hint { all.append(("H", hint)) }
        if let position = fault.position { all.append(("P", String(position))) }
        fields(all, &wire)
    }

    private static func fields(_ fields: [(Unicode.Scalar, String)], _ wire: inout WireBytes) {
        for (code, text) in fields {
            wire.bytes.append(UInt8(ascii: code))
            wire.string(text)
        }
        wire.bytes.append(0)
    }
}

/// Bytes in network order.
struct WireBytes {
    var bytes: [UInt8] = []

    mutating func int16(_ value: Int16) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
    mutating func int32(_ value: Int32) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// A C string: zero bytes within are left out, for they would end it.
    mutating func string(_ text: String) {
        bytes.append(contentsOf: text.utf8.lazy.filter { $0 != 0 })
        bytes.append(0)
    }
}

extension ColumnType {
    /// The type's oid in `pg_type`.
    package var oid: Int32 {
        switch self {
        case .boolean: 16
        case .integer: 23
        case .bigint: 20
        case .numeric: 1700
        case .double: 701
        case .text, .unknown: 25
        case .date: 1082
        case .timestamp: 1114
        case .interval: 1186
        }
    }

    /// `typlen`: bytes, or -1 for a variable length.
    var size: Int16 {
        switch self {
        case .boolean: 1
        case .integer, .date: 4
        case .bigint, .double, .timestamp: 8
        case .interval: 16
        case .numeric, .text, .unknown: -1
        }
    }
}
