/// Runs work that must end in time.
enum Deadline {
    struct Passed: Error {}

    /// - Throws: `Passed` when time ran out first; the work is then cancelled, and waited for.
    static func run<Result: Sendable>(
        _ limit: Duration, _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let result = first else { throw Passed() }
            return result
        }
    }
}
