import Glibc

/// Wakes a thread that waits in `poll`, from any other thread.
///
/// INVARIANT: both ends of the pipe are open as long as the object lives, and never make their user wait: a
/// full pipe already is the wake-up.
final class WakeUp: Sendable {
    /// Readable once `signal` was called.
    let descriptor: Int32
    private let end: Int32

    init() throws(EngineError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .connection("pipe: errno \(errno)") }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (descriptor, end) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(end)
    }

    func signal() {
        var byte: UInt8 = 1
        _ = write(end, &byte, 1)
    }

    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) > 0 {}
    }
}
