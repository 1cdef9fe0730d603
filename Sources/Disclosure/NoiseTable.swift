import Foundation
import Synchronization

/// Zero-mean noise by cell key: for every count a distribution of whole numbers over the 256 keys.
///
/// Construction (ours, after the ABS/ONS cell-key method and Gießing's maximum-entropy tables): for a count
/// `n` and a threshold `t` the noise lies in `[max(-D, t - n), D]`, `D = ceil(2.5 sd)`, and is the
/// distribution of largest entropy there with mean zero and variance at most `sd²`, that is
/// `p(i) ∝ exp(a i + b i²)` with `b ≤ 0`. It is then cut into 256 equal parts so that its mean stays exactly
/// zero. Hence no noise takes a count below the threshold, and at `n = t` there is none.
///
/// INVARIANT: every row sums to exactly zero, and row `r` never goes below `-r`.
package struct NoiseTable: Sendable, Hashable {
    /// The largest noise, `D`.
    package let spread: Int
    /// Row `r` is for a count that lies `r` above the threshold; the last row for all that lie further.
    package let rows: [[Int8]]

    package init(standardDeviation: Double) {
        let spread = Int((2.5 * standardDeviation).rounded(.up))
        self.spread = spread
        rows = (0...spread).map { room in
            let support = Array(-room...spread)
            let shares = Self.largestEntropy(support, variance: standardDeviation * standardDeviation)
            return Self.quantise(shares, support)
        }
    }

    private static let made = Mutex<[Double: NoiseTable]>([:])

    /// The table of that standard deviation, made once in a process.
    package static func shared(standardDeviation: Double) -> NoiseTable {
        made.withLock { made in
            if let table = made[standardDeviation] { return table }
            let table = NoiseTable(standardDeviation: standardDeviation)
            made[standardDeviation] = table
            return table
        }
    }

    /// The noise for a count so far above its threshold.
    /// - Parameter key: 0-255.
    package func noise(above room: Int, key: Int) -> Int {
        Int(rows[min(max(room, 0), spread)][key & 255])
    }

    /// Shares over the support with mean zero and variance at most the given one.
    private static func largestEntropy(_ support: [Int], variance: Double) -> [Double] {
        if support.first == 0 { return support.map { $0 == 0 ? 1 : 0 } }
        let flat = centred(support, curvature: 0)
        if spreadOf(flat, support) <= variance { return flat }
        var (low, high) = (-50.0, 0.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if spreadOf(centred(support, curvature: middle), support) > variance {
                high = middle
            } else {
                low = middle
            }
        }
        return centred(support, curvature: low)
    }

    /// The member of the family with this `b` whose mean is zero, by bisection on `a`.
    private static func centred(_ support: [Int], curvature: Double) -> [Double] {
        var (low, high) = (-50.0, 50.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            let shares = family(support, slope: middle, curvature: curvature)
            let mean = zip(shares, support).reduce(0) { $0 + $1.0 * Double($1.1) }
            if mean > 0 { high = middle } else { low = middle }
        }
        return family(support, slope: (low + high) / 2, curvature: curvature)
    }

    private static func family(_ support: [Int], slope: Double, curvature: Double) -> [Double] {
        let exponents = support.map { slope * Double($0) + curvature * Double($0 * $0) }
        let top = exponents.max() ?? 0
        let weights = exponents.map { exp($0 - top) }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }

    private static func spreadOf(_ shares: [Double], _ support: [Int]) -> Double {
        zip(shares, support).reduce(0) { $0 + $1.0 * Double($1.1 * $1.1) }
    }

    /// 256 keys in the given shares; single keys are then moved by one step until the sum is zero.
    private static func quantise(_ shares: [Double], _ support: [Int]) -> [Int8] {
        var keys = shares.map { Int(($0 * 256).rounded()) }
        if let centre = support.firstIndex(of: 0) { keys[centre] += 256 - keys.reduce(0, +) }
        var sum = zip(keys, support).reduce(0) { $0 + $1.0 * $1.1 }
        while sum != 0 {
            let step = sum > 0 ? -1 : 1
            let candidates = keys.indices.filter { keys[$0] > 0 && keys.indices.contains($0 + step) }
            let excess = { (index: Int) in Double(keys[index]) - shares[index] * 256 }
            guard let from = candidates.max(by: { excess($0) < excess($1) }) else { break }
            keys[from] -= 1
            keys[from + step] += 1
            sum += step
        }
        return zip(keys, support).flatMap { [Int8](repeating: Int8($1), count: $0) }
    }
}
