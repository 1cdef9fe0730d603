package import Core

/// Merges what sites released for one fragment: counts and sums add up, an average is sum over n.
///
/// Commutative and associative, also in parts (`merge(_:)` of two merges), and equal to pooling the rows of
/// all sites where nothing is withheld. Keys are equal by value; NULL equals NULL, as in GROUP BY.
package struct FragmentMerge: Sendable {
    private let keyColumns: [(name: String, type: ColumnType)]
    private let shapes: [AggregateShape]
    private var index: KeyIndex
    private var states: [MergeState]
    /// Of all sites together: the most people that an absent value may stand for; nil where unknown.
    private var withheldPeople: Int64? = 0
    private let isTied: Bool

    /// - Parameters:
    ///   - keys: names and types of the group keys, from the plan.
    ///   - shapes: the aggregates, from the plan.
    ///   - isTied: whether a number may be withheld for the sake of others (`ReleaseStructure`): then what is absent may be
    ///     large.
    package init(
        keys: [(name: String, type: ColumnType)], shapes: [AggregateShape], isTied: Bool = false
    ) {
        self.isTied = isTied
        keyColumns = keys
        self.shapes = shapes
        index = KeyIndex(columns: keys.count)
        states = shapes.map { _ in MergeState() }
    }

    /// Merges all releases of a fragment.
    /// - Parameter unanswered: sites that were asked and did not answer: their part is unknown.
    package static func merge(
        _ releases: [SiteRelease], keys: [(name: String, type: ColumnType)], shapes: [AggregateShape],
        isTied: Bool = false, unanswered: Int = 0
    ) throws(MergeFault) -> MergedBlock {
        var merge = FragmentMerge(keys: keys, shapes: shapes, isTied: isTied)
        for release in releases.sorted(by: { $0.site < $1.site }) { try merge.add(release) }
        if unanswered > 0 { merge.addUnanswered() }
        return merge.finished()
    }

    /// Adds one site's release.
    /// - Throws: `MergeFault` where the block is not of this fragment's shape.
    package mutating func add(_ release: SiteRelease) throws(MergeFault) {
        let block = release.block
        let rows = block.keys.rowCount
        guard block.keys.columns.map(\.type) == keyColumns.map(\.type),
            block.aggregates.count == shapes.count,
            block.aggregates.allSatisfy({ $0.rows.count == rows && $0.sums.count == rows }),
            !keyColumns.isEmpty || rows == 1
        else { throw MergeFault(site: release.site) }
        let cells = index.cells(of: block.keys)
        let people = Int64(max(0, release.minimumPeople - 1))
        for (number, aggregate) in block.aggregates.enumerated() {
            states[number].grow(to: index.count)
            states[number].add(aggregate, at: cells, people: people)
        }
        withheldPeople = withheldPeople.map { $0 + people }
    }

    /// A site whose part is unknown altogether.
    package mutating func addUnanswered() { withheldPeople = nil }

    /// Adds all that another merge of the same fragment has taken in.
    package mutating func merge(_ other: FragmentMerge) {
        let cells = index.cells(of: other.index.table(keyColumns))
        for number in states.indices {
            states[number].grow(to: index.count)
            states[number].add(other.states[number], at: cells)
        }
        if let left = withheldPeople, let right = other.withheldPeople {
            withheldPeople = left + right
        } else {
            withheldPeople = nil
        }
    }

    /// The finished aggregates; cells stand in the order of their first appearance.
    package func finished() -> MergedBlock {
        MergedBlock(
            keys: index.table(keyColumns),
            columns: zip(shapes, states).map { shape, state in
                var state = state
                state.grow(to: index.count)
                return state.finished(shape, withheldPeople: withheldPeople, isTied: isTied)
            })
    }
}

/// A release that does not fit the fragment it answers.
package struct MergeFault: Error, Hashable, CustomStringConvertible {
    package let site: String

    package var description: String { "the release of \(site) does not have the shape of its fragment" }
}
