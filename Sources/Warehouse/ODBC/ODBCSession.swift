import CODBC
package import Core
import Foundation
import Synchronization

/// A statement over somebody else's database, read by ODBC on a thread of its own.
///
/// Read only: the driver is asked for it, a PostgreSQL server too, and whatever was done is rolled back at the
/// end. All functions throw `ODBCError`.
package actor ODBCSession {
    /// What is read.
    package enum Statement: Sendable, Hashable {
        /// All of a table or view, its name in parts.
        case table([String])
        case query(String)
    }

    private let thread = SessionThread(name: "odbc")
    private let cancellation = ODBCCancellation()
    private var connection: ODBCConnection?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private init() {}

    /// Connects and has the statement described.
    /// - Parameter timeout: seconds to wait for the server.
    package static func open(
        _ text: ODBCConnectionText, _ statement: Statement, timeout: Int = 15
    ) async throws -> ODBCSession {
        let session = ODBCSession()
        try await session.begin(text, statement, timeout)
        return session
    }

    private func begin(_ text: ODBCConnectionText, _ statement: Statement, _ timeout: Int) throws {
        let connection = try ODBCConnection(text, timeout: timeout)
        let sql =
            switch statement {
            case .table(let parts): "SELECT * FROM \(connection.quoted(parts))"
            case .query(let text): text
            }
        cancellation.attach(try connection.prepare(sql))
        self.connection = connection
    }

    /// Names of the statement's columns.
    package func columns() throws -> [String] {
        guard let connection else { throw ODBCError.closed }
        return connection.columns.map(\.name)
    }

    /// Hands all rows over as text, in batches, at least once: dates as `YYYY-MM-DD`, moments with a blank before
    /// the time and in UTC where the server says an offset, truth as 1 and 0, bytes in hexadecimal digits.
    ///
    /// `body` runs on the session's thread. Cancelling the waiting task ends the statement.
    package nonisolated func read(_ body: @escaping @Sendable (Table) throws -> Void) async throws {
        try await withTaskCancellationHandler {
            try await run(body)
        } onCancel: {
            cancellation.request()
        }
    }

    private func run(_ body: @Sendable (Table) throws -> Void) throws {
        guard let connection else { throw ODBCError.closed }
        try connection.read({ cancellation.isRequested }, body)
    }

    package func close() {
        cancellation.detach()
        connection?.close()
        connection = nil
    }
}

/// Asks a driver, from another thread, to end the statement that runs.
///
/// INVARIANT: the handle is used with the lock held, and `detach` comes before it is freed.
final class ODBCCancellation: Sendable {
    private struct State: ~Copyable {
        var statement: UInt?
        var isRequested = false
    }

    private let state = Mutex(State())

    var isRequested: Bool { state.withLock { $0.isRequested } }

    func attach(_ statement: UnsafeMutableRawPointer) {
        state.withLock { $0.statement = UInt(bitPattern: statement) }
    }

    func detach() { state.withLock { $0.statement = nil } }

    /// Does not wait: a driver may hold back until its call has ended.
    func request() {
        state.withLock { $0.isRequested = true }
        Thread.detachNewThread { [self] in
            state.withLock { state in
                guard let statement = state.statement else { return }
                _ = codbc_Cancel(UnsafeMutableRawPointer(bitPattern: statement))
            }
        }
    }
}
