internal import Synchronization

/// Tells the last progress again every other second, so that a command whose terminal is gone is noticed while
/// nothing happens: by then there is nobody to be told.
final class ProgressPulse: Sendable {
    private typealias Event = (label: String, done: Int, total: Int, unit: String)

    private let last = Mutex<Event?>(nil)
    private let progress: ProgressSink
    private let beat = Mutex<Task<Void, Never>?>(nil)

    init(_ progress: @escaping ProgressSink) {
        self.progress = progress
        let task = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(2))
                guard let event = self?.last.withLock({ $0 }) else { continue }
                progress(event.label, event.done, event.total, event.unit)
            }
        }
        beat.withLock { $0 = task }
    }

    func show(_ label: String, _ done: Int, _ total: Int, _ unit: String) {
        last.withLock { $0 = (label, done, total, unit) }
        progress(label, done, total, unit)
    }

    func stop() { beat.withLock { $0?.cancel() } }
}
