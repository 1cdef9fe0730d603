internal import Synchronization

/// How many are inside.
final class OpenCount: Sendable {
    private let count = Mutex(0)

    /// - Returns: false where there is no room.
    func enter(_ most: Int) -> Bool {
        count.withLock { count in
            guard count < most else { return false }
            count += 1
            return true
        }
    }

    func leave() { count.withLock { $0 -= 1 } }
}
