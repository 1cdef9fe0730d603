/// Equal bins over a public range: where they end is known before anything is asked, and depends on no data.
package struct PublicGrid: Hashable, Sendable {
    package let lower: Double
    package let upper: Double
    /// Whether only whole numbers are counted: then a bin is a run of them.
    package let isWhole: Bool
    package let bins: Int
    /// Of one bin: how many whole numbers, or the difference of its ends.
    package let width: Double

    /// The most bins that a range is cut into.
    package static let most = 64

    /// nil for a range that is not bounded, or too wide to be cut.
    init?(_ range: ValueRange, isWhole: Bool) {
        guard range.isBounded, abs(range.lower) < 1e100, abs(range.upper) < 1e100 else { return nil }
        let largest = Double(Int32.max / 4)
        if isWhole, abs(range.lower) <= largest, abs(range.upper) <= largest {
            self.isWhole = true
            lower = range.lower.rounded(.up)
            upper = max(lower, range.upper.rounded(.down))
            let numbers = upper - lower + 1
            width = (numbers / Double(Self.most)).rounded(.up)
            bins = Int((numbers / width).rounded(.up))
            return
        }
        (lower, upper) = (range.lower, range.upper)
        self.isWhole = false
        bins = lower < upper ? Self.most : 1
        width = (upper - lower) / Double(bins)
    }

    /// Where bins begin, and the last one ends. Of whole numbers the first one of each bin, and one more than the last.
    package var edges: [Double] {
        let end = isWhole ? upper + 1 : upper
        return (0..<bins).map { lower + Double($0) * width } + [end]
    }
}
