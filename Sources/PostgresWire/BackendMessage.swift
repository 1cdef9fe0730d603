package import Core

/// What a server sends.
package enum BackendMessage: Hashable, Sendable {
    case authenticationOk
    /// Names of mechanisms, the preferred one first.
    case authenticationSASL([String])
    case authenticationSASLContinue(String)
    case authenticationSASLFinal(String)
    /// The newest version that is spoken, of those not above what was asked; options that are not known.
    case negotiateProtocolVersion(minor: Int, unknown: [String])
    case parameterStatus(name: String, value: String)
    case backendKeyData(process: Int32, secret: [UInt8])
    case readyForQuery(TransactionStatus)
    case parseComplete
    case bindComplete
    case closeComplete
    case noData
    case portalSuspended
    case parameterDescription([Int32])
    case rowDescription([ResultColumn], formats: [WireFormat])
    case dataRow([[UInt8]?])
    case copyOutResponse(isBinary: Bool, columns: Int)
    case copyData([UInt8])
    case copyDone
    case commandComplete(tag: String)
    case emptyQueryResponse
    case errorResponse(StatementFault, isFatal: Bool)
    case noticeResponse(SQLNotice)

    /// The bytes of the message (PostgreSQL 15, 55.7).
    package var encoded: [UInt8] {
        var wire = WireBytes()
        encode(into: &wire)
        return wire.bytes
    }

    func encode(into wire: inout WireBytes) {
        wire.bytes.append(type)
        let start = wire.bytes.count
        wire.int32(0)
        write(&wire)
        let length = UInt32(wire.bytes.count - start)
        for place in 0..<4 {
            wire.bytes[start + place] = UInt8(truncatingIfNeeded: length >> (24 - 8 * place))
        }
    }

    private var type: UInt8 {
        let letter: Unicode.Scalar =
            switch self {
            case .authenticationOk, .authenticationSASL, .authenticationSASLContinue,
                .authenticationSASLFinal:
                "R"
            case .negotiateProtocolVersion: "v"
            case .parameterStatus: "S"
            case .backendKeyData: "K"
            case .readyForQuery: "Z"
            case .parseComplete: "1"
            case .bindComplete: "2"
            case .closeComplete: "3"
            case .noData: "n"
            case .portalSuspended: "s"
            case .parameterDescription: "t"
            case .rowDescription: "T"
            case .dataRow: "D"
            case .copyOutResponse: "H"
            case .copyData: "d"
            case .copyDone: "c"
            case .commandComplete: "C"
            case .emptyQueryResponse: "I"
            case .errorResponse: "E"
            case .noticeResponse: "N"
            }
        return UInt8(ascii: letter)
    }

    private func write(_ wire: inout WireBytes) {
        switch self {
        case .authenticationOk: wire.int32(0)
        case .authenticationSASL(let names):
            wire.int32(10)
            for name in names { wire.string(name) }
            wire.bytes.append(0)
        case .authenticationSASLContinue(let text):
            wire.int32(11)
            wire.bytes += text.utf8
        case .authenticationSASLFinal(let text):
            wire.int32(12)
            wire.bytes += text.utf8
        case .negotiateProtocolVersion(let minor, let unknown):
            wire.int32(3 << 16 | minor)
            wire.int32(unknown.count)
            for name in unknown { wire.string(name) }
        case .parameterStatus(let name, let value):
            wire.string(name)
            wire.string(value)
        case .backendKeyData(let process, let secret):
            wire.integer(process)
            wire.bytes += secret
        case .readyForQuery(let status): wire.bytes.append(status.letter)
        case .parseComplete, .bindComplete, .closeComplete, .noData, .portalSuspended, .copyDone,
            .emptyQueryResponse:
            break
        case .parameterDescription(let types):
            wire.int16(types.count)
            for type in types { wire.integer(type) }
        case .rowDescription(let columns, let formats): Self.describe(columns, formats, &wire)
        case .dataRow(let values):
            wire.int16(values.count)
            for value in values { wire.field(value) }
        case .copyOutResponse(let isBinary, let columns):
            wire.bytes.append(isBinary ? 1 : 0)
            wire.int16(columns)
            for _ in 0..<columns { wire.int16(isBinary ? 1 : 0) }
        case .copyData(let bytes): wire.bytes += bytes
        case .commandComplete(let tag): wire.string(tag)
        case .errorResponse(let fault, let isFatal): Self.fault(fault, isFatal ? "FATAL" : "ERROR", &wire)
        case .noticeResponse(let notice): Self.notice(notice, &wire)
        }
    }

    private static func describe(
        _ columns: [ResultColumn], _ formats: [WireFormat], _ wire: inout WireBytes
    ) {
        wire.int16(columns.count)
        for (place, column) in columns.enumerated() {
            wire.string(column.name)
            wire.integer(column.table)
            wire.integer(column.number)
            wire.integer(column.oid)
            wire.int16(WireType.size(column.oid))
            wire.integer(column.modifier)
            wire.int16(formats.format(place).rawValue)
        }
    }

    private static func fault(_ fault: StatementFault, _ severity: String, _ wire: inout WireBytes) {
        var all: [(Unicode.Scalar, String)] = [
            ("S", severity), ("V", severity), ("C", fault.fault.sqlstate.rawValue),
            ("M", fault.fault.message),
        ]
        if let detail = fault.detail { all.append(("D", detail)) }
        if let hint = fault.fault.hint { all.append(("H", hint)) }
        if let position = fault.fault.position { all.append(("P", String(position))) }
        fields(all, &wire)
    }

    private static func notice(_ notice: SQLNotice, _ wire: inout WireBytes) {
        let severity = notice.isWarning ? "WARNING" : "NOTICE"
        var all: [(Unicode.Scalar, String)] = [
            ("S", severity), ("V", severity), ("C", notice.isWarning ? "01000" : "00000"),
            ("M", notice.message),
        ]
        if let detail = notice.detail { all.append(("D", detail)) }
        if let hint = notice.hint { all.append(("H", hint)) }
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

extension TransactionStatus {
    fileprivate var letter: UInt8 {
        switch self {
        case .idle: UInt8(ascii: "I")
        case .open: UInt8(ascii: "T")
        case .failed: UInt8(ascii: "E")
        }
    }
}
