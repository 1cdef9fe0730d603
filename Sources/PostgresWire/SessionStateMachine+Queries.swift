internal import Core

extension SessionStateMachine {
    /// A message in its turn.
    mutating func handle(_ message: FrontendMessage) -> [Action] {
        switch message {
        case .terminate:
            state = .closed
            return [.close]
        case .sync: return sync()
        case .copyInput: return []
        case _ where isSkipping: return []
        case .query(let text): return simple(text)
        case .parse(let name, let sql, let types): return parse(name, sql, types)
        case .bind(let binding): return bind(binding)
        case .describeStatement(let name): return describe(statement: name)
        case .describePortal(let name): return describe(portal: name)
        case .execute(let portal, let limit): return execute(portal, limit)
        case .closeStatement(let name):
            statements[name] = nil
            return [.send(.closeComplete)]
        case .closePortal(let name):
            portals[name] = nil
            return [.send(.closeComplete)]
        case .flush: return [.flush]
        case .unsupported(let type) where type == UInt8(ascii: "F"):
            return fault(
                SQLFault(.featureNotSupported, "function calls are not supported", hint: "Send a SELECT."))
                + [.send(.readyForQuery(transaction)), .flush]
        default: return end(SQLFault(.protocolViolation, "the message is out of place"))
        }
    }

    /// A fault of the extended protocol: what follows is passed over until Sync.
    mutating func fault(_ fault: StatementFault) -> [Action] {
        isSkipping = true
        if transaction == .open { transaction = .failed }
        return [.send(.errorResponse(fault, isFatal: false)), .flush] + idle()
    }

    mutating func fault(_ fault: SQLFault) -> [Action] { self.fault(StatementFault(fault)) }

    private mutating func sync() -> [Action] {
        isSkipping = false
        // Portals live as long as their transaction.
        if transaction == .idle { portals = [:] }
        return [.send(.readyForQuery(transaction)), .flush]
    }

    // MARK: Simple queries

    private mutating func simple(_ text: String) -> [Action] {
        statements[""] = nil
        portals[""] = nil
        let statements = SQLScanner.statements(text).map { PlacedStatement(text: $0.text, offset: $0.offset) }
        guard !statements.isEmpty else {
            return [.send(.emptyQueryResponse), .send(.readyForQuery(transaction)), .flush]
        }
        return next(statements[...])
    }

    /// The next statement of a simple query, or its end.
    mutating func next(_ statements: ArraySlice<PlacedStatement>) -> [Action] {
        guard let first = statements.first else {
            state = .idle
            if transaction == .idle { portals = [:] }
            return [.send(.readyForQuery(transaction)), .flush] + drain()
        }
        state = .working(.simple(rest: statements.dropFirst(), offset: first.offset))
        return [.perform(.run(first.text))]
    }

    // MARK: Extended queries

    private mutating func parse(_ name: String, _ sql: String, _ types: [Int32]) -> [Action] {
        if !name.isEmpty, statements[name] != nil {
            return fault(
                SQLFault(SQLState(rawValue: "42P05"), "prepared statement \"\(name)\" already exists"))
        }
        let found = SQLScanner.statements(sql)
        guard found.count <= 1 else {
            return fault(
                SQLFault(.syntaxError, "cannot insert multiple commands into a prepared statement"))
        }
        guard statements.count < Self.most else { return fault(Self.tooMany("prepared statements")) }
        guard !found.isEmpty else {
            statements[name] = Prepared(
                sql: "", shape: StatementShape(parameters: types, columns: nil), types: types)
            return [.send(.parseComplete)]
        }
        state = .working(.parse(name: name, sql: sql, types: types))
        return [.perform(.prepare(sql, types: types))]
    }

    private mutating func bind(_ binding: FrontendMessage.Binding) -> [Action] {
        guard let statement = statements[binding.statement] else {
            return fault(Self.noStatement(binding.statement))
        }
        if !binding.portal.isEmpty, portals[binding.portal] != nil {
            return fault(SQLFault(SQLState(rawValue: "42P03"), "cursor \"\(binding.portal)\" already exists"))
        }
        guard portals.count < Self.most else { return fault(Self.tooMany("portals")) }
        let types = statement.shape.parameters
        let formats = binding.formats.compactMap(WireFormat.init)
        let results = binding.resultFormats.compactMap(WireFormat.init)
        guard binding.values.count == types.count else {
            return fault(
                SQLFault(
                    .protocolViolation,
                    "bind message supplies \(binding.values.count) parameters, but prepared statement "
                        + "\"\(binding.statement)\" requires \(types.count)"))
        }
        guard formats.count == binding.formats.count, results.count == binding.resultFormats.count,
            formats.count <= 1 || formats.count == types.count
        else { return fault(SQLFault(.protocolViolation, "bind message has format codes that do not fit")) }
        do throws(SQLFault) {
            let values = try Self.parameters(binding.values, types: types, formats: formats)
            portals[binding.portal] = Portal(
                sql: statement.sql, parameters: values, formats: results, columns: statement.shape.columns,
                hasParameters: !types.isEmpty)
            return [.send(.bindComplete)]
        } catch {
            return fault(error)
        }
    }

    private static func parameters(
        _ values: [[UInt8]?], types: [Int32], formats: [WireFormat]
    ) throws(SQLFault) -> [SQLParameter] {
        var result: [SQLParameter] = []
        for (place, value) in values.enumerated() {
            var text: String?
            if let value {
                text = try ParameterDecoding.decode(value, oid: types[place], formats.format(place))
            }
            result.append(SQLParameter(oid: types[place], text: text))
        }
        return result
    }

    private mutating func describe(statement name: String) -> [Action] {
        guard let statement = statements[name] else { return fault(Self.noStatement(name)) }
        return [
            .send(.parameterDescription(statement.shape.parameters)),
            description(statement.shape.columns, []),
        ]
    }

    private mutating func describe(portal name: String) -> [Action] {
        guard let portal = portals[name] else {
            // Cursors that SQL declares are portals too, and the session's.
            guard !name.isEmpty else { return fault(Self.noPortal(name)) }
            state = .working(.describeCursor)
            return [.perform(.describeCursor(name))]
        }
        // With its parameters a statement may have other columns than without.
        guard portal.hasParameters, portal.columns != nil else {
            return [description(portal.columns, portal.formats)]
        }
        state = .working(.describePortal(name))
        return [.perform(.describe(portal.sql, portal.parameters))]
    }

    func description(_ columns: [ResultColumn]?, _ formats: [WireFormat]) -> Action {
        .send(columns.map { .rowDescription($0, formats: formats) } ?? .noData)
    }

    private mutating func execute(_ name: String, _ limit: Int) -> [Action] {
        guard let portal = portals[name] else { return fault(Self.noPortal(name)) }
        if portal.sql.isEmpty { return [.send(.emptyQueryResponse)] }
        if portal.isDone { return [.send(.commandComplete(tag: "SELECT 0"))] }
        if let stream = portal.stream { return begin(stream.resumed(limit: limit)) }
        state = .working(.execute(portal: name, limit: limit))
        return [.perform(.execute(portal.sql, portal.parameters))]
    }

    /// Prepared statements, and portals, of one session.
    private static let most = 5_000

    private static func tooMany(_ what: String) -> SQLFault {
        SQLFault(.programLimitExceeded, "a session has at most \(most) \(what)", hint: "Close some.")
    }

    private static func noStatement(_ name: String) -> SQLFault {
        SQLFault(SQLState(rawValue: "26000"), "prepared statement \"\(name)\" does not exist")
    }

    private static func noPortal(_ name: String) -> SQLFault {
        SQLFault(SQLState(rawValue: "34000"), "portal \"\(name)\" does not exist")
    }
}
