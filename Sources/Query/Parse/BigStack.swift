internal import Core
internal import Glibc

/// Runs work on a thread of its own with a stack of 64 MB.
///
/// libpg_query recurses as deeply as a statement is nested and crashes on an ordinary stack: 64 KB of SQL,
/// the most that is accepted, fits in this one. The caller waits: the work is a matter of microseconds.
enum BigStack {
    static let bytes = 64 << 20

    private final class Job {
        let work: () -> Void
        init(_ work: @escaping () -> Void) { self.work = work }
    }

    /// - Throws: what `body` throws; `54001` if no thread can be started.
    static func run<Success>(
        _ body: @escaping () throws(SQLFault) -> Success
    ) throws(SQLFault) -> Success {
        var outcome: Result<Success, SQLFault>?
        try start(
            Job {
                do throws(SQLFault) {
                    outcome = .success(try body())
                } catch {
                    outcome = .failure(error)
                }
            })
        guard let outcome else { throw SQLFault(.internalError, "the parser's thread gave no outcome") }
        return try outcome.get()
    }

    private static func start(_ job: Job) throws(SQLFault) {
        let pointer = Unmanaged.passRetained(job)
        var thread: pthread_t = 0
        let failure = withUnsafeTemporaryAllocation(of: pthread_attr_t.self, capacity: 1) { buffer in
            guard let attributes = buffer.baseAddress else { return ENOMEM }
            pthread_attr_init(attributes)
            pthread_attr_setstacksize(attributes, bytes)
            defer { pthread_attr_destroy(attributes) }
            return pthread_create(
                &thread, attributes,
                { argument in
                    if let argument { Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().work() }
                    return nil
                }, pointer.toOpaque())
        }
        guard failure == 0 else {
            pointer.release()
            throw SQLFault(.statementTooComplex, "no thread could be started to parse the statement")
        }
        pthread_join(thread, nil)
    }
}
