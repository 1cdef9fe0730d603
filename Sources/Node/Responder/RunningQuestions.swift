package import Core
internal import Synchronization

/// The questions that are being answered, so that whoever asked one can cancel it.
package final class RunningQuestions: Sendable {
    private struct Key: Hashable {
        let sender: OrganisationCode
        let query: String
    }

    private struct Running {
        let agreement: String
        let cancel: @Sendable () -> Void
    }

    private let tasks = Mutex<[Key: Running]>([:])

    /// Runs `body` as a task that `cancel` ends; the engine's statement is interrupted with it.
    func run<Result: Sendable>(
        _ query: String, of sender: OrganisationCode, under agreement: String,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let key = Key(sender: sender, query: query)
        let task = Task { try await body() }
        tasks.withLock { $0[key] = Running(agreement: agreement) { task.cancel() } }
        defer { tasks.withLock { _ = $0.removeValue(forKey: key) } }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// - Returns: whether there was such a question; only its own asker can name it.
    package func cancel(_ query: String, of sender: OrganisationCode) -> Bool {
        let running = tasks.withLock { $0[Key(sender: sender, query: query)] }
        running?.cancel()
        return running != nil
    }

    /// Ends every question that is being answered under an agreement.
    func cancel(under agreement: String) {
        let found = tasks.withLock { $0.values.filter { $0.agreement == agreement } }
        for running in found { running.cancel() }
    }
}
