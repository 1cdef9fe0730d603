/// Lets so many in at once; the rest wait in order, up to a limit.
actor Gate {
    private let width: Int
    private let longestQueue: Int
    private var inside = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(width: Int, longestQueue: Int = 64) {
        self.width = width
        self.longestQueue = longestQueue
    }

    /// - Throws: `NodeError.busy` when too many wait already.
    func pass<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        if inside >= width {
            guard waiting.count < longestQueue else {
                throw NodeError(.busy, "the node has too many questions waiting; ask again later")
            }
            await withCheckedContinuation { waiting.append($0) }
        } else {
            inside += 1
        }
        defer { leave() }
        return try await body()
    }

    /// The place goes to whoever waits longest.
    private func leave() {
        if waiting.isEmpty {
            inside -= 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}
