/// How many values lie in each of some public bins, as several sites released it: some counts, and the total of all bins.
///
/// What a site's total has beyond the bins that it shows lies in those that it does not show, nobody says in which. So the
/// numbers of bins are known between bounds; nothing that is withheld is ever read as 0.
package struct BinnedCounts: Sendable {
    /// What a percentile is estimated to be, and the ends of the bins that it lies in whatever is withheld, but for noise of
    /// the counts.
    package struct Estimate: Hashable, Sendable {
        package let value: Double
        package let lower: Double
        package let upper: Double

        package init(value: Double, lower: Double, upper: Double) {
            self.value = value
            self.lower = lower
            self.upper = upper
        }
    }

    package enum Reading: Hashable, Sendable {
        case value(Estimate)
        /// There is no value to take it of.
        case empty
        /// The total of a site is not known.
        case withheld
    }

    /// By bin, the sum of what sites show, and how many show it.
    private var shown: [Double]
    private var showing: [Int]
    /// Of each site that does not show all: how many values lie in which bins.
    private var rests: [(count: Double, bins: [Int])] = []
    private var isWhole = true

    package init(bins: Int) {
        shown = Array(repeating: 0, count: max(1, bins))
        showing = Array(repeating: 0, count: max(1, bins))
    }

    private var bins: Int { shown.count }

    /// Adds one site's counts.
    /// - Parameters:
    ///   - total: of all bins; nil where it is not known.
    ///   - counts: by bin; of those that are missing nothing is said, unless they are known to be empty.
    package mutating func add(total: Double?, counts: [Int: Double], isAbsentEmpty: Bool) {
        guard let total else {
            isWhole = false
            return
        }
        var rest = Self.count(total)
        var hidden: [Int] = []
        for bin in shown.indices {
            guard let count = counts[bin].map(Self.count) else {
                if isAbsentEmpty { showing[bin] += 1 } else { hidden.append(bin) }
                continue
            }
            shown[bin] += count
            showing[bin] += 1
            rest -= count
        }
        if rest > 0, !hidden.isEmpty { rests.append((rest, hidden)) }
    }

    /// Noise may leave less than nothing, and what a site sends may be anything.
    private static func count(_ number: Double) -> Double { number.isFinite ? max(0, number) : 0 }

    /// The numbers of values, as far as they can be told: what a site withholds is spread over its bins that are not shown,
    /// in proportion to what other sites show there, and else to the nearest bin that any site shows, halved with each bin
    /// in between.
    package var expected: [Double] {
        let weights = weights
        var expected = shown
        for rest in rests {
            let total = rest.bins.reduce(0) { $0 + weights[$1] }
            for bin in rest.bins { expected[bin] += rest.count * weights[bin] / total }
        }
        return expected
    }

    /// Above zero, all of them.
    private var weights: [Double] {
        let means = zip(shown, showing).map { $1 > 0 ? $0 / Double($1) : nil }
        let floor = 1e-6
        guard means.contains(where: { $0 != nil }) else { return shown.map { _ in 1 } }
        var weights = means.map { $0.map { max($0, floor) } ?? 0 }
        for range in [Array(shown.indices), shown.indices.reversed()] {
            var last = 0.0
            for bin in range {
                last = means[bin].map { max($0, floor) } ?? last / 2
                if means[bin] == nil { weights[bin] = max(weights[bin], last, floor) }
            }
        }
        return weights
    }

    /// The numbers if all that is withheld lies as far down, or up, as it can.
    private func extreme(isLow: Bool) -> [Double] {
        var counts = shown
        for rest in rests {
            guard let bin = isLow ? rest.bins.first : rest.bins.last else { continue }
            counts[bin] += rest.count
        }
        return counts
    }

    /// The percentile by linear interpolation, as PostgreSQL's `percentile_cont` between the two values next to it, with
    /// the values of a bin spread evenly over it.
    ///
    /// - Parameters:
    ///   - fraction: from 0 to 1.
    ///   - edges: where bins begin, and the last one ends: one more than there are bins. Of whole numbers the first of
    ///   each bin, and one more than the last.
    ///   - isWholeNumber: whether the values are whole numbers: then they are spread over those of the bin.
    package func percentile(_ fraction: Double, edges: [Double], isWholeNumber: Bool) -> Reading {
        guard isWhole, edges.count == bins + 1 else { return .withheld }
        let expected = expected
        let total = expected.reduce(0, +)
        guard total > 0 else { return .empty }
        let rank = min(max(fraction, 0), 1) * max(0, total - 1)
        let (first, second) = (rank.rounded(.down), rank.rounded(.up))
        func value(_ rank: Double) -> Double? {
            Self.place(of: rank, in: expected).map { bin, place in
                let (lower, end) = (edges[bin], edges[bin + 1])
                let spread = place * (end - lower)
                return isWholeNumber ? min(lower + spread.rounded(.down), end - 1) : lower + spread
            }
        }
        guard let low = value(first), let high = value(second),
            let least = Self.place(of: first, in: extreme(isLow: true)),
            let most = Self.place(of: second, in: extreme(isLow: false))
        else { return .withheld }
        return .value(
            Estimate(
                value: low + (high - low) * (rank - first), lower: edges[least.bin],
                upper: edges[most.bin + 1] - (isWholeNumber ? 1 : 0)))
    }

    /// The bin of the value with so many before it, and where in the bin it is: in the middle of its share.
    private static func place(of rank: Double, in counts: [Double]) -> (bin: Int, place: Double)? {
        var before = 0.0
        var last: Int?
        for (bin, count) in counts.enumerated() where count > 0 {
            if rank < before + count { return (bin, min(1, (rank - before + 0.5) / count)) }
            before += count
            last = bin
        }
        return last.map { ($0, 1) }
    }
}
