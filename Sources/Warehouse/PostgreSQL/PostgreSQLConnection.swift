import CPostgreSQL
import Core
import Glibc

/// PostgreSQL's side of a session: used only on the session's thread.
///
/// While the server works, the thread waits for its socket and for a wake-up together; a request to interrupt
/// is the wake-up. The cancel request is repeated until the statement has ended, for one that overtakes the
/// statement is ignored by the server.
final class PostgreSQLConnection: ReusableConnection {
    /// How long to wait between cancel requests for the same statement, in milliseconds.
    private static let cancelIntervalMilliseconds: Int32 = 50
    /// Bytes gathered for one message of COPY: less than the socket holds, so that the server has some to read while the
    /// next are gathered.
    private static let copyBlockBytes = 64 << 10

    let connection: OpaquePointer
    let settings: PostgreSQLSettings
    private let interruption: Interruption
    private let wakeUp: WakeUp
    /// The COPY that is open, and whether it may stay so between calls.
    private var copying: (sql: String, mayWait: Bool)?

    init(_ connectionString: String, settings: PostgreSQLSettings, interruption: Interruption) throws {
        self.wakeUp = try WakeUp()
        self.connection = try Self.connect(connectionString)
        self.interruption = interruption
        self.settings = settings
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        // As much of it as the machine allows.
        var room = Int32(1 << 20)
        setsockopt(
            PQsocket(connection), SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout.size(ofValue: room)))
        try execute(settings.statements)
        interruption.attach { [wakeUp] in wakeUp.signal() }
    }

    deinit { PQfinish(connection) }

    func execute(_ sql: String) throws {
        try Self.check(sql)
        // A transaction that is given up needs none of the rows that are on their way.
        if sql == "ROLLBACK" { abandonCopy() } else { try finishCopy() }
        guard PQsendQuery(connection, sql) == 1 else { throw broken() }
        try drain()
    }

    func read(_ sql: String, parameters: [Value], batchRows: Int, _ body: (Table) throws -> Void) throws {
        try Self.check(sql)
        try finishCopy()
        guard PostgreSQLParameters(parameters).send(sql, on: connection) else { throw broken() }
        if batchRows != .max { PQsetSingleRowMode(connection) }
        do {
            try gather(batchRows: batchRows) { batch in
                do { try body(batch) } catch {
                    sendCancel()
                    throw error
                }
            }
        } catch {
            // What is still to come must be out of the way before the next statement.
            try? drain()
            throw error
        }
    }

    private func gather(batchRows: Int, _ body: (Table) throws -> Void) throws {
        var readers: [PostgreSQLColumnReader]?
        var (gathered, batches) = (0, 0)
        while let result = try nextResult() {
            if let error = result.error(wasInterrupted: interruption.isRequested) { throw error }
            let current = try readers ?? result.readers()
            readers = current
            result.read(into: current)
            gathered += result.rowCount
            if gathered >= batchRows {
                try body(current.map(\.builder).takeTable())
                (gathered, batches) = (0, batches + 1)
            }
        }
        if gathered > 0 || batches == 0 { try body((readers ?? []).map(\.builder).takeTable()) }
    }

    /// In a transaction the COPY stays open for the next rows of the same columns: whatever else is asked of the
    /// connection, COMMIT among it, ends it first and throws what the server has against the rows.
    func load(_ table: QualifiedName, columns: [Table.Column], rowCount: Int) throws {
        let names = columns.map { SQLQuoting.identifier($0.name) }.joined(separator: ", ")
        let sql = "COPY \(table.sql) (\(names)) FROM STDIN (FORMAT binary)"
        let copy = try PostgreSQLCopy(columns: columns, rowCount: rowCount)
        if copying?.sql != sql {
            try finishCopy()
            let isInTransaction = PQtransactionStatus(connection) == PQTRANS_INTRANS
            try beginCopy(sql)
            copying = (sql, isInTransaction)
        }
        do {
            try send(copy, rowCount: rowCount)
        } catch {
            abandonCopy()
            throw error
        }
        if copying?.mayWait == false { try finishCopy() }
    }

    private func beginCopy(_ sql: String) throws {
        guard PQsendQuery(connection, sql) == 1 else { throw broken() }
        guard let result = try nextResult() else { throw broken() }
        guard result.status == PGRES_COPY_IN else {
            let error = result.error(wasInterrupted: interruption.isRequested)
            try drain()
            throw error ?? broken()
        }
        try PostgreSQLCopy.header.withUnsafeBufferPointer(put)
    }

    /// Ends the COPY that is open, if any; what it brought is there.
    func finishCopy() throws {
        guard copying != nil else { return }
        copying = nil
        try PostgreSQLCopy.trailer.withUnsafeBufferPointer(put)
        guard PQputCopyEnd(connection, nil) == 1 else { throw broken() }
        try drain()
    }

    /// Ends it without its rows; the transaction it is in has failed by that.
    func abandonCopy() {
        guard copying != nil else { return }
        copying = nil
        PQputCopyEnd(connection, "abandoned")
        try? drain()
    }

    private func send(_ copy: PostgreSQLCopy, rowCount: Int) throws {
        let block = CopyBlock(capacity: Self.copyBlockBytes)
        for row in 0..<rowCount {
            copy.append(row: row, to: block)
            if block.used >= Self.copyBlockBytes {
                if interruption.isRequested { throw EngineError.cancelled }
                try put(block.contents)
                block.removeAll()
            }
        }
        try put(block.contents)
    }

    private func put(_ bytes: UnsafeBufferPointer<UInt8>) throws {
        let sent = bytes.withMemoryRebound(to: CChar.self) {
            PQputCopyData(connection, $0.baseAddress, Int32($0.count))
        }
        guard sent == 1 else { throw broken() }
    }

    func close() { interruption.detach() }
}

extension PostgreSQLConnection {
    private static func check(_ sql: String) throws(EngineError) {
        guard !sql.utf8.contains(0) else { throw .statement(.syntaxError, detail: "NUL in SQL") }
    }

    func broken() -> EngineError {
        .connection(String(cString: PQerrorMessage(connection)))
    }

    /// Reads results to the end of the command; throws the first error among them.
    private func drain() throws {
        var failure: EngineError?
        while let result = try nextResult() {
            failure = failure ?? result.error(wasInterrupted: interruption.isRequested)
            switch result.status {
            case PGRES_COPY_IN: PQputCopyEnd(connection, "COPY is not for SQL here")
            case PGRES_COPY_OUT, PGRES_COPY_BOTH: discardCopy()
            default: break
            }
        }
        if let failure { throw failure }
    }

    private func discardCopy() {
        var buffer: UnsafeMutablePointer<CChar>?
        while PQgetCopyData(connection, &buffer, 0) > 0 { PQfreemem(buffer) }
    }

    /// Waits for the next result, or the end of the command (nil).
    private func nextResult() throws(EngineError) -> PostgreSQLResult? {
        while PQisBusy(connection) == 1 {
            let isRequested = interruption.isRequested
            if isRequested { sendCancel() }
            var waits = [
                pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            poll(&waits, nfds_t(waits.count), isRequested ? Self.cancelIntervalMilliseconds : -1)
            if waits[1].revents != 0 { wakeUp.clear() }
            if waits[0].revents != 0, PQconsumeInput(connection) == 0 { throw broken() }
        }
        guard let result = PQgetResult(connection) else { return nil }
        return PostgreSQLResult(result)
    }

    private func sendCancel() {
        guard let cancel = PQgetCancel(connection) else { return }
        defer { PQfreeCancel(cancel) }
        var message = [CChar](repeating: 0, count: 256)
        PQcancel(cancel, &message, Int32(message.count))
    }
}
