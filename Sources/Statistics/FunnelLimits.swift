internal import Foundation

/// Control limits of a funnel plot for proportions: where the share of an organisation with so many people lies by chance
/// alone, if all had the same one.
///
/// Exact binomial limits with interpolation, so that they are smooth in n: D. J. Spiegelhalter, Funnel plots for
/// comparing institutional performance, Statistics in Medicine 24 (2005) 1185-1202, appendix A.1.1. No allowance is made
/// for overdispersion, nor for the rounding and noise of released numbers.
package struct FunnelLimits: Sendable {
    /// What all are compared with, from 0 to 1.
    package let target: Double

    /// 95 % of organisations lie within, by chance alone: two standard deviations.
    package static let warning = 0.025
    /// 99.8 %: three standard deviations.
    package static let alarm = 0.001

    /// - Parameter target: from 0 to 1.
    package init(target: Double) { self.target = min(1, max(0, target)) }

    /// The share below which a proportion of `n` people lies with the probability `p`.
    ///
    /// With R binomial and r the least number for which P(R ≤ r) > p: (r − a) / n, where a = (P(R ≤ r) − p) / P(R = r).
    /// - Returns: from 0 to 1; the target itself where it is 0 or 1, or nobody is counted.
    package func limit(_ p: Double, of n: Int) -> Double {
        guard n > 0, target > 0, target < 1 else { return target }
        let (first, masses) = masses(n)
        var below = 0.0
        for (place, mass) in masses.enumerated() {
            let upTo: Double = below + mass
            if upTo > p {
                let events: Double = Double(first + place) - (upTo - p) / mass
                return min(1, max(0, events / Double(n)))
            }
            below = upTo
        }
        return 1
    }

    /// Where a proportion lies: 0 within both limits, ±1 outside those of 95 %, ±2 outside those of 99.8 %.
    package func place(of events: Int, among n: Int) -> Int {
        guard n > 0 else { return 0 }
        let share = Double(events) / Double(n)
        if share > limit(1 - Self.alarm, of: n) { return 2 }
        if share < limit(Self.alarm, of: n) { return -2 }
        if share > limit(1 - Self.warning, of: n) { return 1 }
        if share < limit(Self.warning, of: n) { return -1 }
        return 0
    }

    /// P(R = r) for all r that are not negligible, from the first on: outwards from the most probable one, where
    /// neither large factorials nor small powers are lost.
    private func masses(_ n: Int) -> (first: Int, [Double]) {
        let mode = min(n, Int(Double(n + 1) * target))
        let odds: Double = target / (1 - target)
        let (all, likely) = (Double(n), Double(mode))
        let ways: Double =
            Self.logFactorial(all) - Self.logFactorial(likely) - Self.logFactorial(all - likely)
        let peak: Double = exp(ways + likely * log(target) + (all - likely) * log1p(-target))
        let negligible = peak * 1e-16
        var lower: [Double] = []
        var mass = peak
        var r = mode
        while r > 0, mass > negligible {
            mass = mass * Double(r) / (odds * Double(n - r + 1))
            r -= 1
            lower.append(mass)
        }
        var upper = [peak]
        mass = peak
        r = mode
        while r < n, mass > negligible {
            mass = mass * odds * Double(n - r) / Double(r + 1)
            r += 1
            upper.append(mass)
        }
        return (mode - lower.count, lower.reversed() + upper)
    }

    private static func logFactorial(_ number: Double) -> Double { lgamma(number + 1) }
}
