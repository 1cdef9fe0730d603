import Core
import Synchronization

/// Connections to one server that are used again and again, and never more than so many at once.
///
/// - A connection that comes back is reset: its transaction is rolled back; temporary tables, prepared statements,
///   cursors, locks and settings are gone. One that cannot be reset is closed.
/// - A connection is looked at before it is lent: one that the server has closed, as at its restart, is replaced.
/// - Who finds all of them lent waits, in order, and after a while is told so.
///
/// INVARIANT: `State.open` counts the connections that are idle, lent, or being opened; it never exceeds `width`.
final class PostgreSQLPool: Sendable {
    private typealias Idle = (session: BlockingSession, since: ContinuousClock.Instant)

    private struct State {
        var idle: [Idle] = []
        var open = 0
        var waiting: [(id: UInt64, continuation: CheckedContinuation<Void, Never>)] = []
        var lastID: UInt64 = 0
        var isClosed = false
    }

    private enum Found {
        case idle(Idle)
        case room
        case full
    }

    /// A connection that was idle for longer is asked whether it lives; of one used just now the socket is looked at.
    private static let trust = Duration.seconds(5)

    private let width: Int
    private let patience: Duration
    private let connect: @Sendable () async throws -> BlockingSession
    private let state = Mutex(State())

    init(
        width: Int, patience: Duration, connect: @escaping @Sendable () async throws -> BlockingSession
    ) {
        self.width = max(1, width)
        self.patience = patience
        self.connect = connect
    }

    /// A connection that lives, and is nobody else's until `PooledSession.end`.
    func take() async throws -> PooledSession {
        let deadline = ContinuousClock.now + patience
        while true {
            switch try find() {
            case .idle(let idle):
                if await idle.session.isAlive(thorough: ContinuousClock.now - idle.since > Self.trust) {
                    return PooledSession(idle.session, of: self)
                }
                await idle.session.end()
                // Its place is ours: the next is opened in it.
                return try await opened()
            case .room: return try await opened()
            case .full:
                guard !Task.isCancelled else { throw EngineError.cancelled }
                guard ContinuousClock.now < deadline else { throw EngineError.poolExhausted(width) }
                await waitForRoom(until: deadline)
            }
        }
    }

    /// Opens a connection in a place that is counted already.
    private func opened() async throws -> PooledSession {
        do {
            return PooledSession(try await connect(), of: self)
        } catch {
            lose()
            throw error
        }
    }

    private func find() throws -> Found {
        try state.withLock { state in
            guard !state.isClosed else { throw EngineError.engineClosed }
            // The one used last: the others may rest until they are closed.
            if let idle = state.idle.popLast() { return .idle(idle) }
            guard state.open < width else { return .full }
            state.open += 1
            return .room
        }
    }

    func giveBack(_ session: BlockingSession) async {
        let isFine = await session.recycle()
        let isKept = state.withLock { state in
            guard isFine, !state.isClosed else { return false }
            state.idle.append((session, .now))
            return true
        }
        if isKept { return wakeNext() }
        await session.end()
        lose()
    }

    /// A connection is gone: its place is free.
    func lose() {
        state.withLock { $0.open -= 1 }
        wakeNext()
    }

    /// Closes what is idle; what is lent closes when it comes back.
    func close() async {
        let (idle, waiting) = state.withLock { state in
            defer { (state.idle, state.waiting, state.isClosed) = ([], [], true) }
            state.open -= state.idle.count
            return (state.idle, state.waiting)
        }
        for waiter in waiting { waiter.continuation.resume() }
        for connection in idle { await connection.session.end() }
    }

    // MARK: - Waiting

    /// Returns when there may be room, at the deadline, or when the task is cancelled.
    private func waitForRoom(until deadline: ContinuousClock.Instant) async {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let alarm = Task {
            try await Task.sleep(until: deadline)
            wake(id)
        }
        defer { alarm.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    let isPointless = state.isClosed || Task.isCancelled || ContinuousClock.now >= deadline
                    if isPointless || !state.idle.isEmpty || state.open < width { return true }
                    state.waiting.append((id, continuation))
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        } onCancel: {
            wake(id)
        }
        // Who was woken and does not take the place wakes the next.
        if Task.isCancelled || ContinuousClock.now >= deadline { wakeNext() }
    }

    private func wake(_ id: UInt64) {
        let waiter = state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        waiter?.continuation.resume()
    }

    private func wakeNext() {
        let waiter = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
        waiter?.continuation.resume()
    }
}

extension EngineError {
    static func poolExhausted(_ width: Int) -> EngineError {
        EngineError(
            .connection, SQLState(rawValue: "53300"),
            "all \(width) connections to the warehouse stayed in use: ask fewer questions at once")
    }
}
