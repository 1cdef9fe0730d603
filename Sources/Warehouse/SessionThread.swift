import Dispatch
import Foundation
import Synchronization

/// A thread of its own that runs an actor's jobs, so that blocking C calls never hold a thread of the
/// cooperative pool. It ends when its executor is let go.
final class SessionThread: SerialExecutor {
    /// Enough for the recursive planners of both engines.
    static let stackBytes = 16 << 20

    private let queue = JobQueue()

    init(name: String) {
        let thread = Thread { [queue] in queue.runUntilClosed() }
        thread.name = name
        thread.stackSize = Self.stackBytes
        thread.start()
    }

    deinit { queue.close() }

    func enqueue(_ job: consuming ExecutorJob) {
        queue.append((UnownedJob(job), self))
    }

    /// Runs one blocking piece of work on a thread made for it.
    static func run<Result: Sendable>(
        name: String, _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Swift.Result { try work() }) }
            thread.name = name
            thread.stackSize = stackBytes
            thread.start()
        }
    }
}

/// Jobs on their way to a thread. An entry holds the executor, which must live while its job runs.
private final class JobQueue: Sendable {
    typealias Entry = (job: UnownedJob, executor: SessionThread)

    private struct State {
        var entries: [Entry] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let available = DispatchSemaphore(value: 0)

    func append(_ entry: Entry) {
        state.withLock { $0.entries.append(entry) }
        available.signal()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        available.signal()
    }

    func runUntilClosed() {
        while true {
            available.wait()
            let (entries, isClosed) = state.withLock { state in
                defer { state.entries = [] }
                return (state.entries, state.isClosed)
            }
            for entry in entries {
                entry.job.runSynchronously(on: entry.executor.asUnownedSerialExecutor())
            }
            if isClosed { return }
        }
    }
}
