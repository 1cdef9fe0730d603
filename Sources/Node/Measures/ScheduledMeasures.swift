internal import Core
internal import Foundation
internal import Logging

/// Asks for the last period of each of the node's measures once it has ended, while the node serves.
///
/// Where a controller does not answer, or waits for a person, it is asked again some hours later; what was released stands.
package struct ScheduledMeasures: Sendable {
    static let patience: Int64 = 6 * 3_600_000

    let context: NodeContext

    package init(context: NodeContext) { self.context = context }

    /// - Parameter tried: when each was asked for last, in milliseconds; kept by who calls.
    /// - Returns: names of those that were asked for.
    func step(at now: Int64, tried: inout [String: Int64]) async -> [String] {
        guard let measures = try? context.measures.all() else { return [] }
        let today = CivilDate(days: Int(Clock.days(now)))
        var asked: [String] = []
        for measure in measures {
            guard let period = measure.periods(before: today).last,
                measure.result(period)?.isWhole != true,
                now - (tried[measure.name] ?? .min / 2) >= Self.patience
            else { continue }
            tried[measure.name] = now
            asked.append(measure.name)
            do {
                _ = try await MeasureRun(context: context).ask(measure, period)
                context.log.notice("a measure was asked for", metadata: ["measure": "\(measure.name)"])
            } catch {
                context.log.notice("a measure was not released", metadata: ["measure": "\(measure.name)"])
            }
        }
        return asked
    }

    /// Until the task is cancelled.
    package func run() async {
        var tried: [String: Int64] = [:]
        while true {
            // First after a while: a federation's nodes are often started together.
            try? await Task.sleep(for: .seconds(300))
            if Task.isCancelled { return }
            _ = await step(at: Clock.now, tried: &tried)
        }
    }
}
