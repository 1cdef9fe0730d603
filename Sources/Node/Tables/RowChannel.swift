internal import Core
internal import Dispatch
internal import Synchronization

/// Hands batches from a reader's thread to a task, a few at a time, so that memory does not grow with the input.
final class RowChannel: Sendable {
    let batches: AsyncStream<Table>
    private let continuation: AsyncStream<Table>.Continuation
    private let room: DispatchSemaphore
    private let isClosed = Mutex(false)

    /// The reader is told to stop.
    struct Closed: Error {}

    init(depth: Int) {
        // Counted up from nothing: a semaphore may not end below the number that it began with.
        room = DispatchSemaphore(value: 0)
        for _ in 0..<depth { room.signal() }
        (batches, continuation) = AsyncStream.makeStream()
    }

    /// Waits for room: only on a thread of the reader's own, never on the cooperative pool.
    func send(_ batch: Table) throws {
        room.wait()
        guard !isClosed.withLock({ $0 }) else { throw Closed() }
        continuation.yield(batch)
    }

    /// A batch has been dealt with.
    func release() { room.signal() }

    func finish() { continuation.finish() }

    /// Nobody reads any more.
    func close() {
        isClosed.withLock { $0 = true }
        room.signal()
        continuation.finish()
    }
}
