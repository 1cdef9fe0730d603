internal import Core
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Runs work on one thread that has a stack of 64 MB and lives as long as the process.
///
/// libpg_query recurses as deeply as a statement is nested and crashes on an ordinary stack: 64 KB of SQL,
/// the most that is accepted, fits in this one. It also takes one of the process's 1,024 thread-specific keys
/// for every thread that ever parses, and never gives it back: so there is one thread, not one a statement.
/// The caller waits: the work is a matter of microseconds.
enum BigStack {
    static let bytes = 64 << 20

    private static let worker = Worker(stack: bytes)

    /// - Throws: what `body` throws; `54001` if no thread can be started.
    static func run<Success>(
        _ body: @escaping () throws(SQLFault) -> Success
    ) throws(SQLFault) -> Success {
        guard let worker else {
            throw SQLFault(.statementTooComplex, "no thread could be started to parse the statement")
        }
        var outcome: Result<Success, SQLFault>?
        worker.perform {
            do throws(SQLFault) {
                outcome = .success(try body())
            } catch {
                outcome = .failure(error)
            }
        }
        guard let outcome else { throw SQLFault(.internalError, "the parser's thread gave no outcome") }
        return try outcome.get()
    }
}

/// A thread that does jobs one after the other.
private final class Worker: Sendable {
    /// INVARIANT: handed over through the lock to the one thread that runs it, while its caller waits.
    private struct Job: @unchecked Sendable {
        let work: () -> Void
        let done: DispatchSemaphore
    }

    private let jobs = Mutex<[Job]>([])
    private let arrived = DispatchSemaphore(value: 0)

    /// - Returns: nil if no thread can be started.
    init?(stack: Int) {
        let pointer = Unmanaged.passRetained(self)
        var thread: pthread_t = 0
        let failure = withUnsafeTemporaryAllocation(of: pthread_attr_t.self, capacity: 1) { buffer in
            guard let attributes = buffer.baseAddress else { return ENOMEM }
            pthread_attr_init(attributes)
            pthread_attr_setstacksize(attributes, stack)
            defer { pthread_attr_destroy(attributes) }
            return pthread_create(
                &thread, attributes,
                { argument in
                    if let argument { Unmanaged<Worker>.fromOpaque(argument).takeUnretainedValue().loop() }
                    return nil
                }, pointer.toOpaque())
        }
        guard failure == 0 else {
            pointer.release()
            return nil
        }
        pthread_detach(thread)
    }

    /// Returns when `work` has been done.
    func perform(_ work: @escaping () -> Void) {
        let job = Job(work: work, done: DispatchSemaphore(value: 0))
        jobs.withLock { $0.append(job) }
        arrived.signal()
        job.done.wait()
    }

    private func loop() {
        while true {
            arrived.wait()
            guard let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { continue }
            job.work()
            job.done.signal()
        }
    }
}
