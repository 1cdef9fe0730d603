package import Core

/// Counts of people that are parts of one whole, as whoever holds the people themselves sees it.
package struct PeopleRelation: Hashable, Sendable {
    /// A count of people in a block.
    package struct Place: Hashable, Sendable {
        package let fragment: Int
        package let aggregate: Int
        package let cell: Int

        package init(fragment: Int, aggregate: Int, cell: Int) {
            self.fragment = fragment
            self.aggregate = aggregate
            self.cell = cell
        }
    }

    package let parts: [Place]
    /// nil for a whole that nobody asked for.
    package let total: Place?
    /// Whether nobody is in two of the parts.
    package let isDisjoint: Bool

    package init(parts: [Place], total: Place?, isDisjoint: Bool) {
        self.parts = parts
        self.total = total
        self.isDisjoint = isDisjoint
    }
}

extension DisclosureControl {
    /// Counts of people of several fragments, of which is known only who is in them.
    ///
    /// Without a total, all relations are of one and the same whole.
    package func release(_ blocks: [CellBlock], relations: [PeopleRelation]) -> [ReleasedBlock] {
        let rulings = blocks.map { self.rulings($0) }
        var withheld: Set<NumberSystem.Carrier> = []
        for (fragment, ruling) in rulings.enumerated() {
            for (aggregate, column) in ruling.enumerated() {
                for (cell, ruling) in column.enumerated() where ruling != .released {
                    withheld.insert(.init(fragment: fragment, aggregate: aggregate, cell: cell))
                }
            }
        }
        if profile.withholds, !withheld.isEmpty, !relations.isEmpty {
            let system = NumberSystem(blocks, relations)
            withheld = SecondarySuppression(system: system) { number in
                let carrier = system.numbers[number].carriers.first
                return SecondarySuppression.Demand(
                    isSum: false, value: system.numbers[number].value ?? 0,
                    unit: Double(max(1, profile.minimumPeople)), protection: 0,
                    hasComplement: carrier.map { rulings[$0.fragment][$0.aggregate][$0.cell] == .fewOthers }
                        ?? false)
            }.completed(withheld)
        }
        return blocks.enumerated().map { fragment, block in
            let kept = block.aggregates.indices.map { aggregate in
                (0..<block.count).map {
                    !withheld.contains(.init(fragment: fragment, aggregate: aggregate, cell: $0))
                }
            }
            return released(block, columns(block, kept), isTied: true).released
        }
    }
}
