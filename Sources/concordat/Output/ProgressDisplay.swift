internal import Synchronization

/// A progress bar that follows a command's progress from whichever thread it comes.
final class ProgressDisplay: Sendable {
    private struct State {
        var label = ""
        var bar: ProgressBar?
    }

    private let state = Mutex(State())

    func update(_ label: String, _ done: Int, _ total: Int, _ unit: String) {
        state.withLock { state in
            if state.bar == nil || state.label != label {
                state.bar?.finish()
                state.bar = ProgressBar(label)
                state.label = label
            }
            state.bar?.update(done, of: total, unit: unit)
        }
    }

    func finish() { state.withLock { $0.bar?.finish() } }
}
