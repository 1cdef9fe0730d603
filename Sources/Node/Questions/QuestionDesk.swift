internal import Core
internal import Foundation
internal import Logging

/// Questions that run while whoever asked does something else: begun, followed, broken off, and their answers fetched.
///
/// They are in memory alone: with the node's process they are gone, their receipts not.
package actor QuestionDesk {
    private struct Entry {
        var run: QuestionRun
        var events: [QuestionRun.Event] = []
        var followers: [Int: AsyncStream<(Int, QuestionRun.Event)>.Continuation] = [:]
        var task: Task<Void, Never>?
    }

    private let context: NodeContext
    private var entries: [String: Entry] = [:]
    private var followers = 0
    private var isClosed = false

    /// Of one user, at once.
    static let mostRunning = 4
    /// Of one user, kept; the oldest that has ended goes first.
    static let mostKept = 20
    /// How long an answer is kept, in milliseconds.
    static let keptFor: Int64 = 3_600_000

    package init(context: NodeContext) { self.context = context }

    /// Begins a question.
    /// - Throws: `QuestionFault` for a statement that cannot be planned; `SQLFault` for who may ask nothing;
    ///   `NodeError.busy`.
    package func begin(_ question: Question) async throws -> QuestionRun {
        let user = try await context.standing(question.user)
        try context.requireAnalyst(user)
        try Coordinator(context: context).check(question.sql)
        forget(at: Clock.now)
        let own = entries.values.filter { $0.run.question.user == question.user }
        guard !isClosed, own.count(where: { $0.run.state == .running }) < Self.mostRunning else {
            throw NodeError(
                .busy, "\(Self.mostRunning) of your questions are running: wait for one, or cancel it")
        }
        if own.count >= Self.mostKept,
            let oldest = own.filter({ $0.run.state != .running }).min(by: { $0.run.beganAt < $1.run.beganAt })
        {
            entries[oldest.run.id] = nil
        }
        let run = QuestionRun(id: UUID().uuidString.lowercased(), question: question, beganAt: Clock.now)
        entries[run.id] = Entry(run: run)
        entries[run.id]?.task = Task { await self.perform(run.id, question) }
        return run
    }

    private func perform(_ id: String, _ question: Question) async {
        let (progress, sink) = AsyncStream.makeStream(of: QuestionProgress.self)
        let follower = Task { for await step in progress { self.take(step, of: id) } }
        do {
            let answer = try await context.answer(question) { sink.yield($0) }
            sink.finish()
            await follower.value
            end(id, .done, answer: answer)
        } catch {
            sink.finish()
            await follower.value
            let isCancelled = Task.isCancelled
            end(id, isCancelled ? .cancelled : .failed, fault: FaultWords.question(error, log: context.log))
        }
    }

    private func take(_ step: QuestionProgress, of id: String) {
        switch step {
        case .asked(let sites):
            entries[id]?.run.asked = sites
            tell(.asked(sites), of: id)
        case .heard(let site):
            entries[id]?.run.sites.append(site)
            tell(.site(site), of: id)
        }
    }

    private func end(
        _ id: String, _ state: QuestionRun.State, answer: Answer? = nil, fault: QuestionFault? = nil
    ) {
        guard let entry = entries[id], entry.run.state == .running else { return }
        entries[id]?.run.state = state
        entries[id]?.run.answer = answer
        entries[id]?.run.fault = fault
        // Sites that were not waited for are in none of the steps.
        let sites = answer?.receipt.sites ?? fault?.sites ?? []
        if !sites.isEmpty { entries[id]?.run.sites = sites }
        entries[id]?.run.endedAt = Clock.now
        tell(.ended(state), of: id)
        for follower in entries[id]?.followers.values.map(\.self) ?? [] { follower.finish() }
        entries[id]?.followers = [:]
        entries[id]?.task = nil
    }

    private func tell(_ event: QuestionRun.Event, of id: String) {
        guard let entry = entries[id] else { return }
        for follower in entry.followers.values { follower.yield((entry.events.count, event)) }
        entries[id]?.events.append(event)
    }

    // MARK: Asking after them

    /// A user's own; nil where there is none of that name.
    package func run(_ id: String, of user: String) -> QuestionRun? {
        forget(at: Clock.now)
        guard let run = entries[id]?.run, run.question.user == user else { return nil }
        return run
    }

    /// A user's own, newest first.
    package func runs(of user: String) -> [QuestionRun] {
        forget(at: Clock.now)
        return entries.values.map(\.run).filter { $0.question.user == user }
            .sorted { ($0.beganAt, $0.id) > ($1.beganAt, $1.id) }
    }

    /// What has happened since an event, and then what happens, to the end; nil where there is no such question.
    package func follow(
        _ id: String, of user: String, after last: Int?
    ) -> AsyncStream<(Int, QuestionRun.Event)>? {
        guard let entry = entries[id], entry.run.question.user == user else { return nil }
        let (stream, sink) = AsyncStream.makeStream(of: (Int, QuestionRun.Event).self)
        for (number, event) in entry.events.enumerated() where number > last ?? -1 {
            sink.yield((number, event))
        }
        guard entry.run.state == .running else {
            sink.finish()
            return stream
        }
        followers += 1
        let number = followers
        entries[id]?.followers[number] = sink
        sink.onTermination = { _ in Task { await self.leave(number, id) } }
        return stream
    }

    private func leave(_ number: Int, _ id: String) { entries[id]?.followers[number] = nil }

    /// Breaks it off, at the sites as well; one that has ended is forgotten.
    /// - Returns: whether there was one.
    package func cancel(_ id: String, of user: String) async -> Bool {
        guard let entry = entries[id], entry.run.question.user == user else { return false }
        guard let task = entry.task else {
            entries[id] = nil
            return true
        }
        task.cancel()
        await task.value
        return true
    }

    /// Breaks off what is running, and takes nothing more.
    package func close() async {
        isClosed = true
        let tasks = entries.values.compactMap(\.task)
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func forget(at now: Int64) {
        for (id, entry) in entries where (entry.run.endedAt ?? now) + Self.keptFor < now { entries[id] = nil }
    }
}
