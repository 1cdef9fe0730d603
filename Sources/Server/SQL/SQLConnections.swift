internal import Synchronization

/// The sessions that are open, so that they can be counted, cancelled from elsewhere, and ended.
final class SQLConnections: Sendable {
    /// What one session can be told from outside of it.
    struct Controls: Sendable {
        let cancel: @Sendable () -> Void
        let end: @Sendable () -> Void
    }

    private struct Entry {
        let secret: [UInt8]
        let controls: Controls
    }

    private struct State {
        var entries: [Int32: Entry] = [:]
        var isEnding = false
    }

    private let state = Mutex(State())

    /// - Returns: how many there are with this one; nil where no more are taken.
    func add(_ process: Int32, secret: [UInt8], _ controls: Controls) -> Int? {
        state.withLock { state in
            guard !state.isEnding, state.entries[process] == nil else { return nil }
            state.entries[process] = Entry(secret: secret, controls: controls)
            return state.entries.count
        }
    }

    func remove(_ process: Int32) { state.withLock { _ = $0.entries.removeValue(forKey: process) } }

    /// Cancels the statement of a session; without effect where the secret is another's. Nobody is told whether.
    func cancel(_ process: Int32, secret: [UInt8]) {
        let entry = state.withLock { $0.entries[process] }
        guard let entry, !secret.isEmpty else { return }
        // Those who speak protocol 3.0 know the first four bytes.
        let known = secret.count == 4 ? Array(entry.secret.prefix(4)) : entry.secret
        guard known.count == secret.count, zip(known, secret).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0 else {
            return
        }
        entry.controls.cancel()
    }

    /// Ends every session, and takes no more.
    func endAll() {
        let entries = state.withLock { state in
            state.isEnding = true
            return state.entries.values.map(\.self)
        }
        for entry in entries { entry.controls.end() }
    }
}

/// The statement that a session runs, which others may break off.
final class RunningStatement: Sendable {
    enum Reason: Sendable {
        case user
        case timeout
        case gone
        case shutdown
    }

    private struct State {
        var cancel: (@Sendable () -> Void)?
        var reason: Reason?
    }

    private let state = Mutex(State())

    func begin(_ cancel: @escaping @Sendable () -> Void) {
        let isGone = state.withLock { state in
            state.cancel = cancel
            // Whoever has gone stays gone; a cancellation that came too late is for nothing.
            if state.reason == .user || state.reason == .timeout { state.reason = nil }
            return state.reason != nil
        }
        if isGone { cancel() }
    }

    /// - Returns: why it was broken off, if it was.
    func end() -> Reason? {
        state.withLock { state in
            state.cancel = nil
            return state.reason
        }
    }

    func cancel(_ reason: Reason) {
        let cancel = state.withLock { state in
            let isLasting = reason == .gone || reason == .shutdown
            if state.cancel != nil || isLasting, state.reason != .shutdown { state.reason = reason }
            return state.cancel
        }
        cancel?()
    }
}
