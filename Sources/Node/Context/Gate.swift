/// Lets so many in at once; the rest wait in order, up to a limit.
actor Gate {
    private struct Waiting {
        let ticket: Int
        let place: CheckedContinuation<Void, any Error>
    }

    private let width: Int
    private let longestQueue: Int
    private var inside = 0
    private var tickets = 0
    private var waiting: [Waiting] = []

    init(width: Int, longestQueue: Int = 64) {
        self.width = width
        self.longestQueue = longestQueue
    }

    /// How many are inside, may be, and wait.
    var state: (inside: Int, width: Int, waiting: Int) { (inside, width, waiting.count) }

    /// - Throws: `NodeError.busy` when too many wait already; `CancellationError` when the task is cancelled
    ///   while it waits, at once.
    func pass<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        if inside >= width {
            guard waiting.count < longestQueue else {
                throw NodeError(.busy, "the node has too many questions waiting; ask again later")
            }
            try await wait()
        } else {
            inside += 1
        }
        defer { leave() }
        return try await body()
    }

    private func wait() async throws {
        tickets += 1
        let ticket = tickets
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (place: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled {
                    place.resume(throwing: CancellationError())
                } else {
                    waiting.append(Waiting(ticket: ticket, place: place))
                }
            }
        } onCancel: {
            Task { await giveUp(ticket) }
        }
    }

    /// Without effect where the place was given already.
    private func giveUp(_ ticket: Int) {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        waiting.remove(at: index).place.resume(throwing: CancellationError())
    }

    /// The place goes to whoever waits longest.
    private func leave() {
        if waiting.isEmpty {
            inside -= 1
        } else {
            waiting.removeFirst().place.resume()
        }
    }
}
