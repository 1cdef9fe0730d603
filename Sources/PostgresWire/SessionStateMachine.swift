package import Core

/// One client's session: messages in, actions out.
///
///     var session = SessionStateMachine(seed: seed)
///     session.receive(.startup(minor: 0, parameters: ["user": "ann"]))  // [.lookUp(…)]
///     session.found(verifier)                                          // [.send(authenticationSASL)]
///     …                                                                // [.settle(…)]
///     session.admit(greeting: [])                                          // [.send(authenticationOk), …]
///     session.receive(.query("SELECT 1"))                              // [.perform(.run("SELECT 1"))]
///     session.finish(outcome, .idle)                                   // [.send(rowDescription)]
///     while session.isStreaming { session.rows(most: 100) }            // [.send(dataRow), …, .send(readyForQuery)]
///
/// One piece of work is under way at a time: what arrives meanwhile waits here, in order.
package struct SessionStateMachine: Sendable {
    package enum Action: Hashable, Sendable {
        case send(BackendMessage)
        /// What was sent is to reach the client now.
        case flush
        /// Find the user's verifier (or a mock), then call `found` or `foundCertificate`.
        case lookUp(StartupRequest)
        /// The password was right: decide, write down, then call `admit` or `refuse`.
        case settle(StartupRequest)
        /// The password was wrong, or the exchange broken: write it down. A fault and the end follow by themselves.
        case failed(StartupRequest, SignInFault)
        case perform(Work)
        case cancel(process: Int32, secret: [UInt8])
        case close
    }

    /// What the caller does between two messages; then it calls `finish`, `prepared` or `fail`.
    package enum Work: Hashable, Sendable {
        /// A statement of a simple query.
        case run(String)
        /// Find a statement's parameters and columns, without running it; then call `prepared`.
        case prepare(String, types: [Int32])
        /// The same with parameters; then call `prepared`.
        case describe(String, [SQLParameter])
        case execute(String, [SQLParameter])
        /// Find the columns of a cursor that was declared by SQL; then call `prepared`.
        case describeCursor(String)
    }

    enum State: Sendable {
        case signingIn(SignIn)
        case idle
        case working(Task)
        case streaming(RowStream)
        case closed
    }

    /// What work under way is for.
    enum Task: Sendable {
        /// With the statements after it, and where this one begins in the text.
        case simple(rest: ArraySlice<PlacedStatement>, offset: Int)
        case parse(name: String, sql: String, types: [Int32])
        case describePortal(String)
        case describeCursor
        case execute(portal: String, limit: Int)
    }

    struct PlacedStatement: Sendable {
        let text: String
        let offset: Int
    }

    struct Prepared: Sendable {
        let sql: String
        let shape: StatementShape
        let types: [Int32]
    }

    struct Portal: Sendable {
        let sql: String
        let parameters: [SQLParameter]
        let formats: [WireFormat]
        var columns: [ResultColumn]?
        let hasParameters: Bool
        /// Set when it has run and rows are left.
        var stream: RowStream?
        var isDone = false
    }

    let seed: SessionSeed
    var state: State
    var statements: [String: Prepared] = [:]
    var portals: [String: Portal] = [:]
    var waiting: [FrontendMessage] = []
    /// After a fault, messages are passed over until Sync.
    var isSkipping = false
    var transaction = TransactionStatus.idle

    package init(seed: SessionSeed) {
        self.seed = seed
        state = .signingIn(SignIn())
    }

    /// Whether rows wait to be taken by `rows(most:)`.
    package var isStreaming: Bool { if case .streaming = state { true } else { false } }
    package var isClosed: Bool { if case .closed = state { true } else { false } }

    /// How many messages wait for their turn.
    package var backlog: Int { waiting.count }

    package mutating func receive(_ message: FrontendMessage) -> [Action] {
        switch state {
        case .closed: return []
        case .signingIn(let signIn): return receive(message, signIn)
        case .working, .streaming:
            waiting.append(message)
            return []
        case .idle: return handle(message)
        }
    }

    /// Ends the session with a fault, such as a time-out or bytes that are no message.
    package mutating func end(_ fault: SQLFault) -> [Action] {
        if isClosed { return [] }
        state = .closed
        return [.send(.errorResponse(StatementFault(fault), isFatal: true)), .flush, .close]
    }

    // MARK: Work

    /// Work has its result.
    package mutating func finish(_ outcome: StatementOutcome, _ status: TransactionStatus) -> [Action] {
        guard case .working(let task) = state else { return [] }
        transaction = status
        let actions = outcome.notices.map { Action.send(.noticeResponse($0)) } + told(outcome.settings)
        switch task {
        case .simple(let rest, _):
            return actions + begin(RowStream(outcome, formats: [], limit: 0, purpose: .simple(rest)))
        case .execute(let name, let limit):
            guard let portal = portals[name] else { return actions + idle() }
            if case .rows(let rows, _) = outcome.body, let columns = portal.columns,
                columns.map(\.oid) != rows.columns.map(\.oid)
            {
                return actions
                    + fault(SQLFault(.featureNotSupported, "cached plan must not change result type"))
            }
            return actions
                + begin(RowStream(outcome, formats: portal.formats, limit: limit, purpose: .portal(name)))
        case .parse, .describePortal, .describeCursor: return actions + idle()
        }
    }

    /// What is known of the statement that was to be prepared or described.
    package mutating func prepared(_ shape: StatementShape, _ status: TransactionStatus) -> [Action] {
        guard case .working(let task) = state else { return [] }
        transaction = status
        switch task {
        case .parse(let name, let sql, let types):
            statements[name] = Prepared(sql: sql, shape: shape, types: types)
            return [.send(.parseComplete)] + idle()
        case .describePortal(let name):
            portals[name]?.columns = shape.columns
            return [description(shape.columns, portals[name]?.formats ?? [])] + idle()
        case .describeCursor: return [description(shape.columns, [])] + idle()
        default: return idle()
        }
    }

    /// The work failed.
    package mutating func fail(_ fault: StatementFault, _ status: TransactionStatus) -> [Action] {
        guard case .working(let task) = state else { return [] }
        transaction = status
        guard case .simple(_, let offset) = task else { return self.fault(fault) }
        state = .idle
        let moved = SQLFault(
            fault.fault.sqlstate, fault.fault.message, hint: fault.fault.hint,
            position: fault.fault.position.map { $0 + offset })
        return [
            .send(.errorResponse(StatementFault(moved, detail: fault.detail), isFatal: false)),
            .send(.readyForQuery(status)), .flush,
        ] + drain()
    }

    func told(_ settings: [SessionSetting]) -> [Action] {
        settings.map { .send(.parameterStatus(name: $0.name, value: $0.value)) }
    }

    /// Back to waiting, and on to what has arrived meanwhile.
    mutating func idle() -> [Action] {
        state = .idle
        return drain()
    }

    mutating func drain() -> [Action] {
        var actions: [Action] = []
        while case .idle = state, !waiting.isEmpty { actions += handle(waiting.removeFirst()) }
        return actions
    }
}
