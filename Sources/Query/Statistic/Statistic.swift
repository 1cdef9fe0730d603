/// Numbers that are computed of released counts, above the cut: sites are asked for nothing but counts.
package struct Statistic: Hashable, Sendable {
    /// Where a column of its table comes from.
    package enum Source: Hashable, Sendable {
        /// A group key or an aggregate of the main fragment, by its place there.
        case key(Int)
        case aggregate(Int)
        case percentile(Percentile)
    }

    /// The fragment with one row a group.
    package let fragment: Int
    /// What it offers, group keys first.
    package let columns: [PlanColumn]
    /// One a column.
    package let sources: [Source]

    package init(fragment: Int, columns: [PlanColumn], sources: [Source]) {
        self.fragment = fragment
        self.columns = columns
        self.sources = sources
    }

    /// Fragments besides the main one.
    var inner: Set<Int> {
        Set(percentiles.map(\.percentile.bins))
    }

    package var percentiles: [(column: PlanColumn, percentile: Percentile)] {
        zip(columns, sources).compactMap { column, source in
            if case .percentile(let percentile) = source { (column, percentile) } else { nil }
        }
    }
}

/// A percentile of the values of a group.
package struct Percentile: Hashable, Sendable {
    /// From 0 to 1, of the values in ascending order.
    package let fraction: Double
    package let grid: PublicGrid
    /// The aggregate of the statistic's main fragment that counts the values of a group.
    package let total: Int
    /// The fragment that counts them by bin: its keys are the group's, then the bin; its one aggregate counts.
    package let bins: Int

    package init(fraction: Double, grid: PublicGrid, total: Int, bins: Int) {
        self.fraction = fraction
        self.grid = grid
        self.total = total
        self.bins = bins
    }
}
