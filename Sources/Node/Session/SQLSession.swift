package import Core
internal import Exchange
internal import Policy
internal import Query

/// A person's session at their own node, as PostgreSQL's clients keep one: settings, transactions that change nothing,
/// prepared statements and cursors; what is asked goes to the `Coordinator`.
///
/// Statements come one at a time. Cancelling the task of one cancels its question, at the sites as well.
package actor SQLSession {
    let context: NodeContext
    let user: NodeUser
    let local: (any LocalAnswers)?
    let database: String
    let process: Int32
    var settings: SessionSettings
    package private(set) var transaction = TransactionStatus.idle
    /// As they were when the transaction began, and what it set for itself alone.
    private var settingsBefore: SessionSettings?
    private var settingsOfTransaction: Set<String> = []
    var prepared: [String: String] = [:]
    var cursors: [String: Cursor] = [:]
    var lastReceipt: Receipt?

    struct Cursor {
        let rows: ResultRows
        var next = 0
    }

    /// - Parameters:
    ///   - database: an agreement, or `agreement@purpose`; a name that clients take by themselves stands for none.
    ///   - startup: settings that the client sent when it connected.
    ///   - local: answers what costs the federation nothing.
    /// - Throws: `3D000` for an agreement that is not known here; `22023` for a setting that is none.
    package init(
        context: NodeContext, user: NodeUser, database: String, startup: [String: String],
        process: Int32 = 0, local: (any LocalAnswers)? = nil
    ) async throws {
        self.context = context
        self.user = user
        self.local = local
        self.database = database
        self.process = process
        var settings = SessionSettings(user: user.name)
        if ![user.name, "postgres", "concordat", "template1"].contains(database) {
            let parts = database.split(separator: "@", maxSplits: 1).map(String.init)
            let known = try await context.agreement(
                parts[0], at: WireInstant(milliseconds: Clock.now))
            guard known != nil else {
                throw SQLFault(
                    SQLState(rawValue: "3D000"), "no agreement \"\(parts[0])\" is known here",
                    hint:
                        "the database's name is an agreement, or agreement@purpose; or connect to 'concordat'"
                )
            }
            try settings.set("concordat.agreement", parts[0])
            if parts.count == 2 { try settings.set("concordat.purpose", parts[1]) }
        }
        for (name, value) in StartupOptions(startup).settings { try settings.set(name, value) }
        settings.keepAsInitial()
        self.settings = settings
    }

    /// What clients are told when they connect.
    package var greeting: [SessionSetting] { settings.reported }

    /// After what time the client wants a statement cancelled; nil for none.
    package var statementTimeout: Duration? { settings.statementTimeout }

    var facts: SessionFacts {
        SessionFacts(
            user: user.name, isAnalyst: user.roles.contains(.analyst), agreement: settings.agreement,
            database: database, process: process,
            settings: settings.values)
    }

    /// Runs one statement.
    /// - Throws: `StatementFault`, always.
    package func run(_ sql: String, _ parameters: [SQLParameter] = []) async throws -> StatementOutcome {
        let before = settings
        do {
            let command = try SessionCommand(sql)
            try refuseInFailed(command)
            var outcome = try await perform(command, sql, parameters)
            outcome.settings = settings.changes(since: before)
            return outcome
        } catch {
            throw failed(error)
        }
    }

    /// Parameters and columns of a statement that may be run later.
    /// - Throws: `StatementFault`, always.
    package func shape(_ sql: String, types: [Int32]) async throws -> StatementShape {
        do {
            let command = try SessionCommand(sql)
            try refuseInFailed(command)
            return try await shape(of: command, sql, types)
        } catch {
            throw failed(error)
        }
    }

    /// Columns with values in place of parameters.
    /// - Throws: `StatementFault`, always.
    package func shape(_ sql: String, _ parameters: [SQLParameter]) async throws -> StatementShape {
        let types = parameters.map(\.oid)
        do {
            guard case .question = try SessionCommand(sql) else {
                return StatementShape(
                    parameters: types,
                    columns: try await shape(of: try SessionCommand(sql), sql, types).columns)
            }
            if let shape = try await local?.shape(sql, types: types, facts) { return shape }
            let text = try StatementText.bound(sql, parameters)
            return StatementShape(parameters: types, columns: try columns(of: text))
        } catch {
            throw failed(error)
        }
    }

    /// Columns of a cursor that the session declared.
    /// - Throws: `StatementFault`, always.
    package func shape(ofCursor name: String) throws -> StatementShape {
        do {
            return StatementShape(parameters: [], columns: try cursor(name).rows.columns)
        } catch {
            throw failed(error)
        }
    }

    /// Whoever broke a statement off is not given what it gave.
    package func abandon() { if transaction == .open { transaction = .failed } }

    private func refuseInFailed(_ command: SessionCommand) throws(SQLFault) {
        guard transaction == .failed else { return }
        switch command {
        case .transaction(.rollback), .transaction(.commit), .transaction(.rollbackTo): return
        default:
            throw SQLFault(
                SQLState(rawValue: "25P02"),
                "current transaction is aborted, commands ignored until end of transaction block")
        }
    }

    private func failed(_ error: any Error) -> StatementFault {
        if transaction == .open { transaction = .failed }
        return FaultWords.fault(error, log: context.log)
    }

    private func perform(
        _ command: SessionCommand, _ sql: String, _ parameters: [SQLParameter]
    ) async throws -> StatementOutcome {
        switch command {
        case .set(let name, let value, let isLocal): return try set(name, value, isLocal)
        case .show(let name): return try show(name)
        case .showAll:
            let rows = settings.values.sorted { $0.key < $1.key }.map {
                [Value.text($0.key), .text($0.value), .text("")]
            }
            let columns = ["name", "setting", "description"].map { ResultColumn(name: $0, oid: 25) }
            return StatementOutcome(.rows(ResultRows(columns: columns, rows: rows), tag: "SHOW"))
        case .reset(let name):
            try settings.reset(name)
            return done("RESET")
        case .resetAll:
            settings.resetAll()
            return done("RESET")
        case .transaction(let what): return change(what)
        case .nothing(let tag): return done(tag)
        case .discardAll:
            settings.resetAll()
            (prepared, cursors) = ([:], [:])
            return done("DISCARD ALL")
        case .explain: return try await explain(sql, parameters)
        case .copy(let query, let format):
            let outcome = try await ask(query, parameters)
            guard case .rows(let rows, _) = outcome.body else { return outcome }
            return StatementOutcome(.copy(rows, format), notices: outcome.notices)
        case .question: return try await ask(sql, parameters)
        case .prepare, .execute, .deallocate, .declare, .fetch, .closeCursor:
            return try await keep(command)
        }
    }

    func done(_ tag: String) -> StatementOutcome { StatementOutcome(.done(tag: tag)) }

    // MARK: Settings

    private func set(_ name: String, _ value: String?, _ isLocal: Bool) throws(SQLFault) -> StatementOutcome {
        var outcome = done("SET")
        guard !isLocal || transaction == .open else {
            outcome.notices = [SQLNotice("SET LOCAL can only be used in transaction blocks", isWarning: true)]
            return outcome
        }
        if let value { try settings.set(name, value) } else { try settings.reset(name) }
        if isLocal { settingsOfTransaction.insert(name) } else { settingsOfTransaction.remove(name) }
        return outcome
    }

    private func show(_ name: String) throws(SQLFault) -> StatementOutcome {
        let title = name == "timezone" ? "TimeZone" : name == "datestyle" ? "DateStyle" : name
        guard name == "concordat.receipt" else {
            return StatementOutcome(.rows(ResultRows(title, [try settings.show(name)]), tag: "SHOW"))
        }
        guard let lastReceipt else {
            throw SQLFault(
                .objectNotInPrerequisiteState, "nothing was asked in this session yet",
                hint: "past receipts are in concordat.receipts")
        }
        let lines = ReceiptText.whole(lastReceipt).split(separator: "\n").map(String.init)
        return StatementOutcome(.rows(ResultRows(title, lines), tag: "SHOW"))
    }

    // MARK: Transactions

    private func change(_ what: SessionCommand.Transaction) -> StatementOutcome {
        switch what {
        case .begin:
            guard transaction == .idle else {
                return StatementOutcome(
                    .done(tag: "BEGIN"),
                    notices: [SQLNotice("there is already a transaction in progress", isWarning: true)])
            }
            transaction = .open
            settingsBefore = settings
            return done("BEGIN")
        case .commit where transaction != .failed, .rollback, .commit:
            let isCommit = what == .commit && transaction != .failed
            var outcome = done(isCommit ? "COMMIT" : "ROLLBACK")
            if transaction == .idle {
                outcome.notices = [SQLNotice("there is no transaction in progress", isWarning: true)]
            }
            end(isCommit: isCommit)
            return outcome
        case .savepoint: return done("SAVEPOINT")
        case .release: return done("RELEASE")
        case .rollbackTo:
            if transaction == .failed { transaction = .open }
            return done("ROLLBACK")
        }
    }

    private func end(isCommit: Bool) {
        if let before = settingsBefore {
            if isCommit {
                for name in settingsOfTransaction {
                    if let value = before.values[name] { try? settings.set(name, value) }
                }
            } else {
                settings = before
            }
        }
        (settingsBefore, settingsOfTransaction, transaction) = (nil, [], .idle)
        cursors = [:]
    }
}
