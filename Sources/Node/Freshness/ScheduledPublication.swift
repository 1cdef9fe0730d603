internal import Foundation
internal import Logging
internal import Store

/// Publishes when it is time, by `publishEvery`, while the node serves.
///
/// After a load that failed or was broken off it waits: the publication before goes on serving, marked stale, until a load
/// comes to its end or somebody publishes by hand.
package struct ScheduledPublication: Sendable {
    /// What was done.
    package enum Step: Hashable, Sendable {
        /// No cadence, nothing published yet, or not yet time.
        case notDue
        /// A load is under way, or the last one is incomplete.
        case waiting
        case published(Int)
        case failed
    }

    let context: NodeContext

    package init(context: NodeContext) { self.context = context }

    /// - Parameter now: milliseconds since 1970, UTC.
    package func step(at now: Int64) async -> Step {
        guard let cadence = PublicationCadence(context.configuration.publishEvery), context.warehouse != nil,
            let last = try? context.publications.current(), now >= cadence.next(after: last.publishedAt)
        else { return .notDue }
        guard let staleness = try? Staleness(context: context), !staleness.isLoading,
            staleness.incomplete.isEmpty
        else { return .waiting }
        let runner = CommandRunner(context: context, isServing: true)
        switch await runner.run(.publish, progress: { _, _, _, _ in }) {
        case .published(let note):
            context.log.notice("published by cadence", metadata: ["snapshot": "\(note.id)"])
            return .published(note.id)
        case .failed(let words):
            context.log.error("publishing by cadence failed", metadata: ["reason": "\(words)"])
            return .failed
        default: return .failed
        }
    }

    /// Until the task is cancelled; after a failure the next attempt is ten minutes later.
    package func run() async {
        while !Task.isCancelled {
            let step = await step(at: Clock.now)
            try? await Task.sleep(for: .seconds(step == .failed ? 600 : 20))
        }
    }
}
