import Core

/// Applies secondary suppression to all fragments of a release.
struct ReleaseSuppression {
    typealias Carrier = NumberSystem.Carrier

    let profile: DisclosureProfile
    let structure: ReleaseStructure
    let blocks: [CellBlock]
    /// Of each fragment's aggregates in each cell.
    let rulings: [[[Ruling]]]

    /// Of each fragment's aggregates in each cell, whether it is released.
    func kept() -> [[[Bool]]] {
        var kept = rulings.map { $0.map { $0.map { $0 == .released } } }
        guard profile.withholds else { return kept }
        for family in structure.families.indices {
            let withheld = withheld(in: family)
            // Where nothing is withheld there is nothing to protect.
            guard !withheld.isEmpty else { continue }
            for carrier in completed(withheld, in: family) {
                kept[carrier.fragment][carrier.aggregate][carrier.cell] = false
            }
        }
        return kept
    }

    private func withheld(in family: Int) -> Set<Carrier> {
        var withheld: Set<Carrier> = []
        for (fragment, part) in structure.fragments.enumerated() where part.family == family {
            for (aggregate, column) in rulings[fragment].enumerated() {
                for (cell, ruling) in column.enumerated() where ruling != .released {
                    withheld.insert(Carrier(fragment: fragment, aggregate: aggregate, cell: cell))
                }
            }
            if structure.families[family].isEntangled { entangle(fragment, &withheld) }
        }
        return withheld
    }

    /// One conditional number of a cell withheld: none of its other ones is released.
    private func entangle(_ fragment: Int, _ withheld: inout Set<Carrier>) {
        let conditional = blocks[fragment].aggregates.indices.filter {
            blocks[fragment].aggregates[$0].shape.isConditional
        }
        for cell in 0..<blocks[fragment].count {
            let all = conditional.map { Carrier(fragment: fragment, aggregate: $0, cell: cell) }
            if all.contains(where: withheld.contains) { withheld.formUnion(all) }
        }
    }

    private func completed(_ withheld: Set<Carrier>, in family: Int) -> Set<Carrier> {
        let floors = floors(of: family)
        let system = NumberSystem(family: family, of: structure, blocks) { carrier, aggregate in
            let state = state(of: carrier)
            return (Double(state.rows), aggregate.sum.map { value(of: $0, state, floors) })
        }
        guard !system.equations.isEmpty else { return withheld }
        return SecondarySuppression(system: system) { number in
            demand(system.numbers[number], in: family)
        }.completed(withheld)
    }

    private func state(of carrier: Carrier) -> CellState {
        let block = blocks[carrier.fragment]
        return CellState(block.aggregates[carrier.aggregate], of: block, at: carrier.cell)
    }

    /// A sum in its quantity's own unit, above the least that a row can add where that is below zero.
    private func value(
        of measure: ReleaseStructure.Measure, _ state: CellState, _ floors: [Double]
    ) -> Double {
        let rows = Double(state.rows)
        return (state.sum - measure.shift * rows) / measure.scale - floors[measure.quantity] * rows
    }

    /// Of each quantity, the least that a row can add to it, at most zero.
    private func floors(of family: Int) -> [Double] {
        var floors = structure.families[family].quantities.map { _ in 0.0 }
        for (fragment, part) in structure.fragments.enumerated() where part.family == family {
            for (place, aggregate) in part.aggregates.enumerated() {
                guard let sum = aggregate.sum else { continue }
                let cells = blocks[fragment].aggregates[place]
                let end = sum.scale > 0 ? cells.shape.lower : cells.shape.upper
                let floor = end.map { ($0 - sum.shift) / sum.scale } ?? Self.floor(cells, sum)
                floors[sum.quantity] = min(floors[sum.quantity], floor)
            }
        }
        return floors
    }

    /// Where nothing bounds a sum: ten times as far as any cell's mean lies from zero.
    private static func floor(_ cells: AggregateCells, _ sum: ReleaseStructure.Measure) -> Double {
        let means = zip(cells.sums, cells.rows).map {
            abs(($0 - sum.shift * Double($1)) / Double(max(1, $1)))
        }
        return -10 * ((means.max() ?? 0) + 1) / abs(sum.scale)
    }

    private func demand(
        _ number: NumberSystem.Number, in family: Int
    ) -> SecondarySuppression.Demand {
        let isSum = structure.families[family].quantities[number.quantity].kind == .sum
        var (unit, protection, hasComplement) = (0.0, 0.0, false)
        let threshold = Double(max(1, profile.minimumPeople))
        for carrier in number.carriers {
            let state = state(of: carrier)
            let measures = structure.fragments[carrier.fragment].aggregates[carrier.aggregate]
            hasComplement =
                hasComplement || rulings[carrier.fragment][carrier.aggregate][carrier.cell] == .fewOthers
            guard isSum, let sum = measures.sum else {
                unit = max(unit, threshold * Double(Perturbation.unit(state.rowBound)))
                continue
            }
            unit = max(unit, threshold * (number.value ?? 0) / Double(max(1, state.contributors)))
            protection = max(protection, (profile.dominance?.pRatio ?? 0) * state.largest / abs(sum.scale))
        }
        return .init(
            isSum: isSum, value: number.value ?? 0, unit: unit, protection: protection,
            hasComplement: hasComplement)
    }
}
