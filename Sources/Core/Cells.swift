/// The states of one fragment at one site before disclosure control: one entry a cell (combination of keys).
///
/// It exists only inside a controller's boundary, or at a linker: never on the way to a requester.
package struct CellBlock: Hashable, Sendable {
    /// Group keys, one row a cell; no columns where there is no GROUP BY (then one cell).
    package let keys: Table
    /// Distinct people behind each cell.
    package let people: [Int64]
    /// Sum of the record keys (0-255 each) of those people, modulo 256.
    package let cellKey: [Int]
    /// One a aggregate of the fragment, in order.
    package let aggregates: [AggregateCells]

    package init(keys: Table, people: [Int64], cellKey: [Int], aggregates: [AggregateCells]) {
        self.keys = keys
        self.people = people
        self.cellKey = cellKey
        self.aggregates = aggregates
    }

    package var count: Int { people.count }
}

/// One aggregate's states over all cells, with what disclosure control must know of each.
package struct AggregateCells: Hashable, Sendable {
    package let shape: AggregateShape
    /// Rows with a non-null argument; rows for `count(*)`; distinct people for `distinctPeople`.
    package let rows: [Int64]
    /// Sum of the argument over those rows, 0 for counts. Not clamped unless `shape.range` says so.
    package let sums: [Double]
    /// Distinct people whose contribution, less the range's lower end, is neither NULL nor zero.
    package let contributors: [Int64]
    /// Sum of the record keys of the contributors, modulo 256.
    package let contributorKey: [Int]
    /// Largest and second largest sum of one person's contribution, by magnitude.
    package let largest: [Double]
    package let secondLargest: [Double]
    /// At least the rows that any one person counts with.
    package let rowBound: [Double]
    /// At least what any one person's sum has above the range's lower end, in the argument's unit; 0 for counts.
    package let sumBound: [Double]

    package init(
        shape: AggregateShape, rows: [Int64], sums: [Double], contributors: [Int64], contributorKey: [Int],
        largest: [Double], secondLargest: [Double], rowBound: [Double], sumBound: [Double]
    ) {
        self.shape = shape
        self.rows = rows
        self.sums = sums
        self.contributors = contributors
        self.contributorKey = contributorKey
        self.largest = largest
        self.secondLargest = secondLargest
        self.rowBound = rowBound
        self.sumBound = sumBound
    }
}

/// What kind of state an aggregate has, known from the plan alone.
package struct AggregateShape: Hashable, Codable, Sendable {
    package enum Kind: String, Codable, Sendable {
        /// `count(*)`, `count(x)`: state n.
        case count
        /// `sum(x)`: state n, sum x.
        case sum
        /// `avg(x)`: state n, sum x.
        case average
        /// `count(DISTINCT person)`: state n people (within a site), or a set of pseudonyms (for a linker).
        case distinctPeople
    }

    package let kind: Kind
    /// The type of the finished aggregate.
    package let type: ColumnType
    /// Range of one row's argument, derived from the plan and the catalog's bounds; nil if nothing bounds it.
    package let lower: Double?
    package let upper: Double?
    /// Has a complement within the cell: FILTER, CASE, a boolean, the nullable side of a left join.
    package let isConditional: Bool

    package init(kind: Kind, type: ColumnType, lower: Double?, upper: Double?, isConditional: Bool) {
        self.kind = kind
        self.type = type
        self.lower = lower
        self.upper = upper
        self.isConditional = isConditional
    }
}

/// What one site (or the linker) released for one fragment: only cells and numbers that may be known.
///
/// A cell that is absent, and a state that is nil, may be zero or withheld: the two are not told apart.
package struct ReleasedBlock: Hashable, Sendable {
    /// Group keys of the cells of which anything was released.
    package let keys: Table
    package let aggregates: [ReleasedAggregate]

    package init(keys: Table, aggregates: [ReleasedAggregate]) {
        self.keys = keys
        self.aggregates = aggregates
    }
}

/// Released states of one aggregate, aligned with the keys of its block.
package struct ReleasedAggregate: Hashable, Sendable {
    package let shape: AggregateShape
    /// nil where withheld.
    package let rows: [Int64?]
    /// nil where withheld; 0 for counts.
    package let sums: [Double?]

    package init(shape: AggregateShape, rows: [Int64?], sums: [Double?]) {
        self.shape = shape
        self.rows = rows
        self.sums = sums
    }
}
