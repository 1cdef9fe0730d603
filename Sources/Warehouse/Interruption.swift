import Synchronization

/// Marks one call of a session, so that a late request to cancel it cannot hit another's statement.
final class StatementTicket: Sendable {}

/// Decides which statement a request to interrupt belongs to, and passes the request on to the engine.
///
/// INVARIANT: `signal` is called only while a statement runs, at most with the lock held: so it must not
/// wait.
final class Interruption: Sendable {
    private struct State {
        var running: StatementTicket?
        var isRequested = false
        var signal: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Called by the connection once it is open: how to make the engine stop from another thread.
    func attach(_ signal: @escaping @Sendable () -> Void) {
        state.withLock { $0.signal = signal }
    }

    func detach() {
        state.withLock { $0.signal = nil }
    }

    func begin(_ ticket: StatementTicket) {
        state.withLock {
            $0.running = ticket
            $0.isRequested = false
        }
    }

    func finish() {
        state.withLock {
            $0.running = nil
            $0.isRequested = false
        }
    }

    /// Asks the statement of `ticket` to end, or the running one whichever it is.
    func request(_ ticket: StatementTicket? = nil) {
        state.withLock { state in
            guard let running = state.running, ticket == nil || ticket === running else { return }
            state.isRequested = true
            state.signal?()
        }
    }

    /// Whether the running statement has been asked to end.
    var isRequested: Bool { state.withLock { $0.isRequested } }
}
