internal import Core
internal import Foundation
internal import Logging

/// Asks for the last period of each of the node's measures once it has ended, while the node serves, and for earlier ones that
/// not every controller has answered.
///
/// Where a controller does not answer, or waits for a person, it is asked again some hours later; what was released stands.
package struct ScheduledMeasures: Sendable {
    static let patience: Int64 = 6 * 3_600_000
    static let mostAtOnce = 12
    /// Who asks: no person does.
    static let user = "scheduled measures"

    let context: NodeContext

    package init(context: NodeContext) { self.context = context }

    /// - Parameter tried: when each was asked for last, in milliseconds; kept by who calls.
    /// - Returns: names of those that were asked for.
    func step(at now: Int64, tried: inout [String: Int64]) async -> [String] {
        guard let measures = try? context.measures.all() else { return [] }
        let today = CivilDate(days: Int(Clock.days(now)))
        var asked: [String] = []
        for measure in measures {
            let periods = due(measure, today)
            guard !periods.isEmpty, now - (tried[measure.name] ?? .min / 2) >= Self.patience else { continue }
            tried[measure.name] = now
            asked.append(measure.name)
            for period in periods.suffix(Self.mostAtOnce) {
                do {
                    _ = try await MeasureRun(context: context).ask(measure, period, as: Self.user)
                    context.log.notice("a measure was asked for", metadata: ["measure": "\(measure.name)"])
                } catch {
                    context.log.notice("a measure was not released", metadata: ["measure": "\(measure.name)"])
                    break
                }
            }
        }
        return asked
    }

    private func due(_ measure: Measure, _ today: CivilDate) -> [CivilDate] {
        let periods = measure.periods(before: today)
        return periods.filter { period in
            measure.held[period].map { !$0.isWhole } ?? (period == periods.last)
        }
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
