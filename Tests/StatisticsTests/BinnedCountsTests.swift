import Testing

@testable import Statistics

@Suite struct BinnedCountsTests {
    private struct SeededGenerator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    /// As `percentile_cont`: linear between the two values next to the place.
    private static func exact(_ values: [Double], _ fraction: Double) -> Double {
        let sorted = values.sorted()
        let place = fraction * Double(sorted.count - 1)
        let (low, high) = (sorted[Int(place.rounded(.down))], sorted[Int(place.rounded(.up))])
        return low + (high - low) * (place - place.rounded(.down))
    }

    @Test("whatever is withheld, the true percentile lies within the bins named, and so does the estimate")
    func within() {
        for seed in UInt64(1)...300 {
            var generator = SeededGenerator(state: seed)
            let bins = Int.random(in: 1...64, using: &generator)
            let edges = (0...bins).map { Double($0) * 2.5 - 7 }
            var counts = BinnedCounts(bins: bins)
            var all: [Double] = []
            for _ in 0..<3 {
                let values = (0..<Int.random(in: 10...300, using: &generator)).map { _ in
                    let share = Double.random(in: 0..<1, using: &generator)
                    return -7 + share * share * Double(bins) * 2.5
                }
                var own: [Int: Double] = [:]
                for value in values { own[min(bins - 1, Int((value + 7) / 2.5)), default: 0] += 1 }
                // A bin is withheld where it is small, and now and then for the sake of others.
                own = own.filter { $1 >= 10 && Int.random(in: 0..<8, using: &generator) > 0 }
                counts.add(total: Double(values.count), counts: own, isAbsentEmpty: false)
                all += values
            }
            for fraction in [0, 0.1, 0.5, 0.77, 1] {
                let reading = counts.percentile(fraction, edges: edges, isWholeNumber: false)
                guard case .value(let estimate) = reading else {
                    Issue.record("seed \(seed): \(reading)")
                    continue
                }
                let truth = Self.exact(all, fraction)
                #expect(estimate.lower <= truth + 1e-9 && truth <= estimate.upper + 1e-9, "seed \(seed)")
                #expect((estimate.lower...estimate.upper).contains(estimate.value), "seed \(seed)")
            }
            #expect(abs(counts.expected.reduce(0, +) - Double(all.count)) < 1e-6, "seed \(seed)")
        }
    }

    @Test("values that lie evenly in their bins, and whole numbers in bins of one, are exact to 1e-8")
    func exactOnTheGrid() {
        let numbers: [Double] = [3, 0, 7, 1, 12, 2, 5, 9]
        var even: [Double] = []
        for (bin, count) in numbers.enumerated() {
            for place in 0..<Int(count) {
                even.append(10 + (Double(bin) + (Double(place) + 0.5) / count) * 4)
            }
        }
        let whole = numbers.enumerated().flatMap { Array(repeating: Double($0) - 3, count: Int($1)) }
        var counts = BinnedCounts(bins: 8)
        let shown = Dictionary(uniqueKeysWithValues: numbers.enumerated().filter { $1 > 0 }.map { ($0, $1) })
        counts.add(total: numbers.reduce(0, +), counts: shown, isAbsentEmpty: true)
        for fraction in stride(from: 0.0, through: 1, by: 0.01) {
            guard
                case .value(let one) = counts.percentile(
                    fraction, edges: (0...8).map { 10 + Double($0) * 4 }, isWholeNumber: false),
                case .value(let other) = counts.percentile(
                    fraction, edges: (0...8).map { Double($0) - 3 }, isWholeNumber: true)
            else {
                Issue.record("no value at \(fraction)")
                continue
            }
            #expect(abs(one.value - Self.exact(even, fraction)) < 1e-8)
            #expect(abs(other.value - Self.exact(whole, fraction)) < 1e-8)
        }
    }

    @Test("the rest lies in bins that are not shown: near those that are, and where other sites have some")
    func rest() {
        var counts = BinnedCounts(bins: 5)
        counts.add(total: 130, counts: [2: 100], isAbsentEmpty: false)
        let expected = counts.expected
        #expect(expected[2] == 100 && abs(expected.reduce(0, +) - 130) < 1e-9)
        #expect(expected[1] == expected[3] && expected[0] == expected[1] / 2)
        counts.add(total: 90, counts: [0: 40, 1: 0, 2: 50], isAbsentEmpty: true)
        #expect(counts.expected[0] > 60 && abs(counts.expected.reduce(0, +) - 220) < 1e-9)
        // Of the lowest value nobody knows in which of its bins it lies.
        let edges = [0.0, 1, 2, 3, 4, 5]
        var one = BinnedCounts(bins: 5)
        one.add(total: 130, counts: [2: 100], isAbsentEmpty: false)
        guard case .value(let middle) = one.percentile(0.5, edges: edges, isWholeNumber: false),
            case .value(let least) = one.percentile(0, edges: edges, isWholeNumber: false)
        else {
            Issue.record("no value")
            return
        }
        #expect(middle.lower == 2 && middle.upper == 3)
        #expect(least.lower == 0 && least.upper == 3)
    }

    @Test("what is not known is withheld, what is empty is empty, and strange counts change neither")
    func strange() {
        let edges = [0.0, 1, 2]
        var unknown = BinnedCounts(bins: 2)
        unknown.add(total: 40, counts: [0: 20, 1: 20], isAbsentEmpty: false)
        unknown.add(total: nil, counts: [0: 20], isAbsentEmpty: false)
        #expect(unknown.percentile(0.5, edges: edges, isWholeNumber: false) == .withheld)
        var empty = BinnedCounts(bins: 2)
        empty.add(total: 0, counts: [:], isAbsentEmpty: true)
        #expect(empty.percentile(0.5, edges: edges, isWholeNumber: false) == .empty)
        var strange = BinnedCounts(bins: 2)
        strange.add(total: .infinity, counts: [0: -5, 1: 9e18, 7: 3, -1: 3], isAbsentEmpty: false)
        strange.add(total: 1e300, counts: [1: .nan], isAbsentEmpty: false)
        guard case .value(let estimate) = strange.percentile(2, edges: edges, isWholeNumber: true) else {
            Issue.record("no value")
            return
        }
        #expect(estimate.lower <= estimate.value && estimate.value <= estimate.upper)
        #expect(strange.percentile(0.5, edges: [0], isWholeNumber: false) == .withheld)
    }
}
