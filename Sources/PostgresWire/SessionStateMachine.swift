package import Core

/// One client's session: messages in, actions out.
///
///     var session = SessionStateMachine(process: 1, secret: 2)
///     session.receive(.startup(parameters: ["user": "ann"]))   // [.send(authenticationOk), …]
///     session.receive(.query("SELECT 1"))                      // [.run("SELECT 1")]
///     session.finish(table)                                    // [.send(rowDescription), …, .send(readyForQuery)]
///
/// Authentication is the caller's: it must not feed `.startup` before the client may be trusted.
package struct SessionStateMachine: Sendable {
    package enum Action: Hashable, Sendable {
        case send(BackendMessage)
        /// Run the statement, then call `finish` or `fail`.
        case run(String)
        case cancel(process: Int32, secret: Int32)
        case close
    }

    private enum State: Hashable { case beforeStartup, idle, running, closed }

    private var state = State.beforeStartup
    private let process: Int32
    private let secret: Int32

    package init(process: Int32, secret: Int32) {
        self.process = process
        self.secret = secret
    }

    package mutating func receive(_ message: FrontendMessage) -> [Action] {
        switch (state, message) {
        case (.closed, _): return []
        case (_, .terminate): return close()
        case (.beforeStartup, .sslRequest), (.beforeStartup, .gssEncryptionRequest):
            return [.send(.encryptionDeclined)]
        case (.beforeStartup, .cancelRequest(let process, let secret)):
            return [.cancel(process: process, secret: secret)] + close()
        case (.beforeStartup, .startup): return start()
        case (.idle, .query(let text)): return run(text)
        case (.idle, .sync): return [.send(.readyForQuery)]
        case (.idle, .flush): return []
        case (.idle, .unsupported):
            return refuse("the extended query protocol is not supported yet", "send a simple query")
        default:
            let fault = SQLFault(.protocolViolation, "the message is out of place")
            return [.send(.errorResponse(fault))] + close()
        }
    }

    /// The statement that `.run` asked for has a result.
    package mutating func finish(_ table: Table) -> [Action] {
        guard state == .running else { return [] }
        state = .idle
        let columns = table.columns.map { BackendMessage.RowColumn(name: $0.name, type: $0.type) }
        let rows = table.rows.map { row in
            Action.send(.dataRow(row.map { $0.isNull ? nil : $0.wireText }))
        }
        return [.send(.rowDescription(columns))] + rows
            + [.send(.commandComplete(tag: "SELECT \(table.rowCount)")), .send(.readyForQuery)]
    }

    /// The statement that `.run` asked for failed.
    package mutating func fail(_ fault: SQLFault) -> [Action] {
        guard state == .running else { return [] }
        state = .idle
        return [.send(.errorResponse(fault)), .send(.readyForQuery)]
    }

    private mutating func start() -> [Action] {
        state = .idle
        let settings = [
            ("server_version", "15.0"), ("server_encoding", "UTF8"), ("client_encoding", "UTF8"),
            ("DateStyle", "ISO, YMD"), ("integer_datetimes", "on"), ("standard_conforming_strings", "on"),
        ]
        return [.send(.authenticationOk)]
            + settings.map { .send(.parameterStatus(name: $0.0, value: $0.1)) }
            + [.send(.backendKeyData(process: process, secret: secret)), .send(.readyForQuery)]
    }

    private mutating func run(_ text: String) -> [Action] {
        guard text.contains(where: { !$0.isWhitespace && $0 != ";" }) else {
            return [.send(.emptyQueryResponse), .send(.readyForQuery)]
        }
        state = .running
        return [.run(text)]
    }

    private func refuse(_ message: String, _ hint: String) -> [Action] {
        [.send(.errorResponse(SQLFault(.featureNotSupported, message, hint: hint)))]
    }

    private mutating func close() -> [Action] {
        state = .closed
        return [.close]
    }
}

extension SQLState {
    static let protocolViolation = SQLState(rawValue: "08P01")
}

extension Value {
    /// As PostgreSQL sends it in text format: booleans are t and f.
    fileprivate var wireText: String {
        if case .boolean(let value) = self { return value ? "t" : "f" }
        return text
    }
}
