import Glibc

/// The proof that this process owns the home: held as long as the value lives.
///
/// INVARIANT: one process owns a home. Whoever opens ``ControlStore`` for writing, the warehouse or the log
/// holds the lock first. The kernel drops it when the process ends, however it ends.
package final class HomeLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Takes the lock, or says who has it and what to do instead.
    ///
    /// - Throws: ``StoreError`` with ``StoreError/Code/homeInUse`` at once when another process holds it.
    package static func acquire(_ layout: HomeLayout) throws -> HomeLock {
        let descriptor = open(layout.lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw PrivateFile.failure("open", layout.lockPath) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            defer { close(descriptor) }
            guard errno == EWOULDBLOCK else { throw PrivateFile.failure("lock", layout.lockPath) }
            throw StoreError(.homeInUse, busyMessage(layout))
        }
        let owner = "\(getpid())\n"
        let isRecorded = ftruncate(descriptor, 0) == 0 && write(descriptor, owner, owner.utf8.count) > 0
        guard isRecorded else {
            defer { close(descriptor) }
            throw PrivateFile.failure("write", layout.lockPath)
        }
        return HomeLock(descriptor: descriptor)
    }

    /// The same, but another command on the home is given some time to end.
    package static func acquire(_ layout: HomeLayout, patience: Duration) async throws -> HomeLock {
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                return try acquire(layout)
            } catch let error as StoreError where error.code == .homeInUse && ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private static func busyMessage(_ layout: HomeLayout) -> String {
        let content = (try? PrivateFile.read(layout.lockPath)) ?? nil
        let owner = content.flatMap { Int32(String(decoding: $0, as: UTF8.self).dropLast()) }
        let process = owner.map { " (process \($0))" } ?? ""
        return """
            the home \(layout.root) is in use by another process\(process). While a node runs, \
            'query', 'explain', 'ingest', 'publish', 'status' and 'audit verify' with the same --home go \
            through it; to work on the home directly, stop 'concordat serve' first.
            """
    }
}
