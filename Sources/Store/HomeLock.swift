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
    /// - Parameter command: what this process does, as the others hear it: the command's name, such as `ingest`.
    /// - Throws: ``StoreError`` with ``StoreError/Code/homeInUse`` at once when another process holds it.
    package static func acquire(_ layout: HomeLayout, command: String = "") throws -> HomeLock {
        let descriptor = open(layout.lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw PrivateFile.failure("open", layout.lockPath) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            defer { close(descriptor) }
            guard errno == EWOULDBLOCK else { throw PrivateFile.failure("lock", layout.lockPath) }
            throw StoreError(.homeInUse, busyMessage(layout))
        }
        let owner = "\(getpid())\n\(command)\n"
        let isRecorded = ftruncate(descriptor, 0) == 0 && write(descriptor, owner, owner.utf8.count) > 0
        guard isRecorded else {
            defer { close(descriptor) }
            throw PrivateFile.failure("write", layout.lockPath)
        }
        return HomeLock(descriptor: descriptor)
    }

    /// How long another command on the home is given to end.
    package struct Patience: Sendable {
        package var longest: Duration
        /// Hears whom this process waits for, once for each; not before a moment has passed.
        package var onWait: @Sendable (HomeHolder) -> Void

        package init(
            longest: Duration = .seconds(5), onWait: @escaping @Sendable (HomeHolder) -> Void = { _ in }
        ) {
            (self.longest, self.onWait) = (longest, onWait)
        }
    }

    /// How long somebody waits before it is said for whom.
    private static let moment = Duration.seconds(1)

    /// The same, but another command on the home is given some time to end.
    package static func acquire(
        _ layout: HomeLayout, command: String = "", patience: Patience
    ) async throws -> HomeLock {
        let began = ContinuousClock.now
        var told: HomeHolder?
        while true {
            do {
                return try acquire(layout, command: command)
            } catch let error as StoreError
                where error.code == .homeInUse && ContinuousClock.now < began + patience.longest
            {
                let holder = HomeHolder(layout)
                if let holder, holder != told, ContinuousClock.now >= began + moment {
                    patience.onWait(holder)
                    told = holder
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private static func busyMessage(_ layout: HomeLayout) -> String {
        let holder = HomeHolder(layout)
        let remedy =
            switch holder?.command {
            case "serve":
                "Commands with the same --home go through it once it has begun to serve: try again in a moment, or stop "
                    + "it to work on the home directly."
            default: "Try again when it has ended."
            }
        return "the home \(layout.root) is in use by \(holder?.words ?? "another process"). \(remedy)"
    }
}

/// The process that has a home, as it wrote itself down.
package struct HomeHolder: Hashable, Sendable {
    package let process: Int32
    /// Its command's name; empty where it did not say.
    package let command: String

    /// - Returns: nil where nobody has written anything down.
    init?(_ layout: HomeLayout) {
        guard let content = (try? PrivateFile.read(layout.lockPath)) ?? nil else { return nil }
        let lines = String(decoding: content, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        guard let process = lines.first.flatMap({ Int32($0) }) else { return nil }
        self.process = process
        command = lines.count > 1 ? String(lines[1]) : ""
    }

    /// `'concordat ingest' (process 12)`.
    package var words: String {
        command.isEmpty ? "another process (\(process))" : "'concordat \(command)' (process \(process))"
    }
}
