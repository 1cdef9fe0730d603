package import Core

/// One fragment's answer over all sites: finished aggregates, with what is missing in each.
package struct MergedBlock: Hashable, Sendable {
    /// Group keys, one row a cell that any site released.
    package let keys: Table
    /// One an aggregate of the fragment, in order.
    package let columns: [MergedColumn]

    package init(keys: Table, columns: [MergedColumn]) {
        self.keys = keys
        self.columns = columns
    }
}

/// One aggregate over all cells.
package struct MergedColumn: Hashable, Sendable {
    /// NULL where withheld, and where SQL says so (a sum over no rows).
    package let values: ColumnVector
    /// Whether nobody released the value, so that it is unknown (never zero).
    package let withheld: [Bool]
    /// Whether some site that may hold part of the value did not release it.
    package let incomplete: [Bool]
    /// What the true value is at least and at most as far as withholding goes; nil where not known.
    /// (Noise and rounding come on top: see the receipt's stated errors.)
    package let lower: [Double?]
    package let upper: [Double?]

    package init(
        values: ColumnVector, withheld: [Bool], incomplete: [Bool], lower: [Double?], upper: [Double?]
    ) {
        self.values = values
        self.withheld = withheld
        self.incomplete = incomplete
        self.lower = lower
        self.upper = upper
    }
}

/// What one site released for a fragment, and how to read what it left out.
package struct SiteRelease: Hashable, Sendable {
    package let site: String
    package let block: ReleasedBlock
    /// The site's threshold: a count that is absent by itself stands for fewer people than this. 0 where nothing is withheld,
    /// so that an absent cell is empty.
    package let minimumPeople: Int

    package init(site: String, block: ReleasedBlock, minimumPeople: Int) {
        self.site = site
        self.block = block
        self.minimumPeople = minimumPeople
    }
}
