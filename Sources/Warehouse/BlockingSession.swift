import Core

/// A connection whose calls block: used only on the thread of the session that owns it.
protocol BlockingConnection: AnyObject {
    /// Runs one or several statements and drops their results.
    func execute(_ sql: String) throws

    /// Runs one statement and hands over its result, in batches of about `batchRows`, at least once.
    func read(_ sql: String, parameters: [Value], batchRows: Int, _ body: (Table) throws -> Void) throws

    /// Appends `columns`, already checked to have the storage of their declared types.
    func load(_ table: QualifiedName, columns: [Table.Column], rowCount: Int) throws

    func close()
}

/// A connection that another session may use after this one.
protocol ReusableConnection: BlockingConnection {
    /// Undoes whatever the session did to the connection; committed data stay.
    func reset() throws

    /// Whether the server still holds its end.
    /// - Parameter thorough: asks the server, instead of only looking whether it has hung up.
    func isAlive(thorough: Bool) -> Bool
}

/// The session of both engines: an actor on a thread of its own around a blocking connection.
actor BlockingSession: EngineSession {
    /// Rows gathered before a batch of `stream` is handed over.
    static let batchRows = 16_384

    private let thread: SessionThread
    private let interruption: Interruption
    private var connection: (any BlockingConnection)?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private init(name: String, interruption: Interruption) {
        self.thread = SessionThread(name: name)
        self.interruption = interruption
    }

    /// Starts the thread and opens the connection on it.
    static func open(
        name: String, _ connect: @Sendable (Interruption) throws -> any BlockingConnection
    ) async throws -> BlockingSession {
        let interruption = Interruption()
        let session = BlockingSession(name: name, interruption: interruption)
        try await session.open { try connect(interruption) }
        return session
    }

    private func open(_ connect: @Sendable () throws -> any BlockingConnection) throws {
        connection = try connect()
    }

    nonisolated func execute(_ sql: String) async throws {
        try await cancellable { try $0.execute(sql) }
    }

    nonisolated func query(_ sql: String, parameters: [Value]) async throws -> Table {
        try await cancellable { connection in
            var result = Table(columns: [], rowCount: 0)
            try connection.read(sql, parameters: parameters, batchRows: .max) { result = $0 }
            return result
        }
    }

    nonisolated func stream(
        _ sql: String, parameters: [Value], _ body: @escaping @Sendable (Table) throws -> Void
    ) async throws {
        try await cancellable {
            try $0.read(sql, parameters: parameters, batchRows: Self.batchRows, body)
        }
    }

    nonisolated func load(
        _ table: QualifiedName, columns: [(name: String, type: ColumnType)], batch: Table
    ) async throws {
        guard columns.count == batch.columns.count else { throw EngineError.wrongParameterCount }
        let prepared = try zip(columns, batch.columns).map { column, given in
            Table.Column(name: column.name, vector: try given.vector.stored(as: column.type))
        }
        guard batch.rowCount > 0 else { return }
        try await cancellable { try $0.load(table, columns: prepared, rowCount: batch.rowCount) }
    }

    nonisolated func interrupt() { interruption.request() }

    func end() {
        interruption.detach()
        connection?.close()
        connection = nil
    }

    /// Makes the connection as new, for another session.
    /// - Returns: false where that cannot be: then it must end.
    func recycle() -> Bool {
        guard let connection = connection as? any ReusableConnection else { return false }
        let ticket = StatementTicket()
        interruption.begin(ticket)
        defer { interruption.finish() }
        return (try? connection.reset()) != nil
    }

    func isAlive(thorough: Bool) -> Bool {
        (connection as? any ReusableConnection)?.isAlive(thorough: thorough) ?? false
    }

    /// Runs blocking work on the session's thread; cancelling the waiting task interrupts it.
    private nonisolated func cancellable<Result: Sendable>(
        _ work: @escaping @Sendable (any BlockingConnection) throws -> Result
    ) async throws -> Result {
        let ticket = StatementTicket()
        return try await withTaskCancellationHandler {
            try await run(ticket, work)
        } onCancel: {
            interruption.request(ticket)
        }
    }

    private func run<Result: Sendable>(
        _ ticket: StatementTicket, _ work: @Sendable (any BlockingConnection) throws -> Result
    ) throws -> Result {
        guard let connection else { throw EngineError.sessionEnded }
        interruption.begin(ticket)
        defer { interruption.finish() }
        // After `begin`: a cancellation is either seen here or finds the ticket running.
        if Task.isCancelled { throw EngineError.cancelled }
        return try work(connection)
    }
}

extension ColumnVector {
    /// The same values in the dense storage that belongs to `type` (`.values` for intervals and all-NULL
    /// columns).
    /// - Throws: a type mismatch if the values are not of that type.
    func stored(as type: ColumnType) throws(EngineError) -> ColumnVector {
        let fits =
            switch (type, storage) {
            case (.boolean, .boolean), (.integer, .int64), (.bigint, .int64), (.timestamp, .int64),
                (.numeric, .double), (.double, .double), (.text, .text), (.text, .packed), (.date, .date):
                (self.type == .timestamp) == (type == .timestamp)
            default: false
            }
        if fits { return self }
        let packed = ColumnVector(type: type, values: values)
        if case .values(let values) = packed.storage {
            let allowed = values.allSatisfy {
                if case .interval = $0 { type == .interval } else { $0.isNull }
            }
            guard allowed else { throw .statement(.datatypeMismatch, detail: nil) }
        }
        return packed
    }
}
