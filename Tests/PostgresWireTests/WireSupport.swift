import Core

@testable import PostgresWire

/// A frame as a client sends it.
func frame(_ type: Character?, _ body: [UInt8]) -> [UInt8] {
    let length = UInt32(body.count + 4)
    return (type.map { [$0.asciiValue ?? 0] } ?? []) + withUnsafeBytes(of: length.bigEndian) { Array($0) }
        + body
}

let startupFrame = frame(nil, [0, 3, 0, 0] + Array("user\0ann\0database\0demo\0\0".utf8))

/// A session that has signed in, with no password asked.
func started() -> SessionStateMachine {
    var session = SessionStateMachine(
        seed: SessionSeed(process: 7, secret: Array(0..<32), nonce: "server", endpoint: nil))
    _ = session.receive(.startup(minor: 0, parameters: ["user": "ann"]))
    _ = session.foundCertificate()
    _ = session.admit(greeting: [])
    return session
}

/// One row a person's sex, as a question gives it.
let people = ResultRows(
    Table([("sex", .text), ("people", .bigint)], rows: [[.text("female"), .integer(120)], [.null, .null]]))

/// Actions as a transcript: a line each, as protocol tools print them.
func words(_ actions: [SessionStateMachine.Action]) -> [String] {
    actions.compactMap { action in
        switch action {
        case .send(let message): words(message)
        case .flush: nil
        case .perform(.run(let sql)): "run \(sql)"
        case .perform(.prepare(let sql, let types)): "prepare \(sql) \(types)"
        case .perform(.describe(let sql, let values)): "describe \(sql) \(values.map { $0.text ?? "NULL" })"
        case .perform(.execute(let sql, let values)): "execute \(sql) \(values.map { $0.text ?? "NULL" })"
        case .perform(.describeCursor(let name)): "describeCursor \(name)"
        case .lookUp(let request): "lookUp \(request.user) \(request.database)"
        case .settle(let request): "settle \(request.user)"
        case .failed(let request, let fault): "failed \(request.user) \(fault)"
        case .cancel(let process, let secret): "cancel \(process) \(secret)"
        case .close: "close"
        }
    }
}

private func words(_ message: BackendMessage) -> String {
    switch message {
    case .rowDescription(let columns, let formats):
        "RowDescription "
            + columns.enumerated().map { "\($1.name):\($1.oid):\(formats.format($0))" }.joined(separator: " ")
    case .dataRow(let values):
        "DataRow "
            + values.map { $0.map { String(decoding: $0, as: UTF8.self) } ?? "NULL" }.joined(separator: "|")
    case .commandComplete(let tag): "CommandComplete \(tag)"
    case .readyForQuery(let status): "ReadyForQuery \(status)"
    case .errorResponse(let fault, let isFatal):
        "\(isFatal ? "Fatal" : "Error") \(fault.fault.sqlstate.rawValue)"
            + (fault.fault.position.map { " at \($0)" } ?? "")
    case .noticeResponse(let notice): "Notice \(notice.message)"
    case .parameterStatus(let name, let value): "ParameterStatus \(name)=\(value)"
    case .parameterDescription(let types): "ParameterDescription \(types)"
    case .copyData(let bytes): "CopyData \(String(decoding: bytes, as: UTF8.self).dropLast())"
    case .backendKeyData(let process, let secret): "BackendKeyData \(process) \(secret.count)"
    default: "\(message)"
    }
}

/// Takes what streams to its end.
func drained(_ session: inout SessionStateMachine, most: Int = 100) -> [String] {
    var lines: [String] = []
    while session.isStreaming { lines += words(session.rows(most: most)) }
    return lines
}
