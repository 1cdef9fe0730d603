package import Core

/// Applies one profile to a fragment's states: the only way from a `CellBlock` to a `ReleasedBlock`.
///
/// Pure: the same block under the same profile is always released alike, because noise comes from the cell
/// keys.
package struct DisclosureControl: Sendable {
    package let profile: DisclosureProfile
    private let perturbation: Perturbation

    package init(profile: DisclosureProfile) {
        self.profile = profile
        perturbation = Perturbation(profile)
    }

    /// Why no release of such an aggregate can be made safe; nil where it can. Known from the plan alone.
    package func refusal(of shape: AggregateShape) -> String? {
        guard profile.perturbs, shape.kind == .sum || shape.kind == .average else { return nil }
        guard let lower = shape.lower, let upper = shape.upper, lower.isFinite, upper.isFinite, lower <= upper
        else {
            return "a sum or average needs a bounded range under the disclosure profile "
                + "'\(profile.name)': the catalog states none for this expression; bound it with "
                + "least(greatest(x, low), high)"
        }
        return nil
    }

    /// Thresholds, complements and dominance first, then noise and rounding, of one fragment alone.
    ///
    /// An aggregate with a `refusal(of:)` is withheld in every cell.
    package func release(_ cells: CellBlock) -> (released: ReleasedBlock, summary: DisclosureSummary) {
        released(cells, columns(cells, rulings(cells).map { $0.map { $0 == .released } }), isTied: false)
    }

    /// All fragments of a question: the rules first, then what must be withheld so that nothing that they withhold is
    /// the difference of other numbers (`SecondarySuppression`), then noise and rounding.
    /// - Parameter structure: of the same fragments, in order.
    package func release(
        _ blocks: [CellBlock], structure: ReleaseStructure
    ) -> [(released: ReleasedBlock, summary: DisclosureSummary)] {
        let rulings = zip(blocks, structure.fragments).map {
            withoutStrangers(self.rulings($0), $0, $1.domains)
        }
        let kept = ReleaseSuppression(
            profile: profile, structure: structure, blocks: blocks, rulings: rulings
        )
        .kept()
        let columns = Moments(structure: structure).consistent(zip(blocks, kept).map { self.columns($0, $1) })
        return blocks.indices.map { released(blocks[$0], columns[$0], isTied: structure.isTied($0)) }
    }

    func released(
        _ cells: CellBlock, _ columns: [[ReleasedState?]], isTied: Bool
    ) -> (released: ReleasedBlock, summary: DisclosureSummary) {
        let kept = keptCells(cells, columns)
        let released = ReleasedBlock(
            keys: cells.keys.selecting(kept),
            aggregates: zip(cells.aggregates, columns).map { aggregate, column in
                ReleasedAggregate(
                    shape: aggregate.shape, rows: kept.map { column[$0]?.rows },
                    sums: kept.map { column[$0]?.sum })
            })
        let summary = DisclosureSummary(
            profile: profile, releasedCells: kept.count,
            errors: cells.aggregates.indices.map { statedError($0, of: cells, columns[$0]) }, isTied: isTied)
        return (released, summary)
    }

    /// Of what was released only: what is withheld says nothing of its size.
    private func statedError(_ index: Int, of cells: CellBlock, _ column: [ReleasedState?]) -> StatedError {
        let aggregate = cells.aggregates[index]
        var largest: (rows: Int64, sum: Int64) = (1, 1)
        for cell in column.indices where column[cell] != nil {
            let units = perturbation.units(CellState(aggregate, of: cells, at: cell))
            largest = (max(largest.rows, units.rows), max(largest.sum, units.sum))
        }
        return perturbation.statedError(aggregate.shape, units: largest)
    }

    /// A block without keys keeps its one row, so that "nothing to show" is not told apart by the row count.
    private func keptCells(_ cells: CellBlock, _ columns: [[ReleasedState?]]) -> [Int] {
        if cells.keys.columns.isEmpty || !profile.withholds { return Array(0..<cells.count) }
        return (0..<cells.count).filter { cell in
            columns.isEmpty ? hasEnough(cells.people[cell]) : columns.contains { $0[cell] != nil }
        }
    }

    /// What the rules say of each aggregate in each cell.
    func rulings(_ cells: CellBlock) -> [[Ruling]] {
        cells.aggregates.map { aggregate in
            // What is refused by the plan never gets here; if it did, nothing of it would leave.
            let isRefused = refusal(of: aggregate.shape) != nil
            return (0..<cells.count).map { cell in
                isRefused ? .fewPeople : ruling(CellState(aggregate, of: cells, at: cell))
            }
        }
    }

    /// A key that is outside of its public domain is data, not a label: whatever has such a key is one group "other",
    /// and that is withheld.
    private func withoutStrangers(
        _ rulings: [[Ruling]], _ cells: CellBlock, _ domains: [Set<Value>?]
    ) -> [[Ruling]] {
        guard profile.withholds else { return rulings }
        var strangers: Set<Int> = []
        for (column, domain) in zip(cells.keys.columns, domains) {
            guard let domain else { continue }
            for cell in 0..<cells.count
            where column.vector[cell] != .null && !domain.contains(column.vector[cell]) {
                strangers.insert(cell)
            }
        }
        if strangers.isEmpty { return rulings }
        return rulings.map { $0.enumerated().map { strangers.contains($0) ? .strangeKey : $1 } }
    }

    func columns(_ cells: CellBlock, _ isReleased: [[Bool]]) -> [[ReleasedState?]] {
        zip(cells.aggregates, isReleased).map { aggregate, isReleased in
            isReleased.enumerated().map { cell, isReleased in
                isReleased ? perturbation.perturb(CellState(aggregate, of: cells, at: cell)) : nil
            }
        }
    }

    /// The rules in their order: the cell's people, the aggregate's people, their complement, dominance.
    private func ruling(_ state: CellState) -> Ruling {
        guard hasEnough(state.people), hasEnough(state.contributors) else { return .fewPeople }
        if profile.complement, state.shape.isConditional,
            state.people - state.contributors < Int64(profile.minimumPeople)
        {
            return .fewOthers
        }
        if isDominated(state) { return .dominated }
        return profile.minimumShown > 0 && perturbation.perturb(state) == nil ? .fewPeople : .released
    }

    private func hasEnough(_ people: Int64) -> Bool { people >= Int64(profile.minimumPeople) }

    /// Whether one or two people make up too much of the sum, or of the rows of a count.
    ///
    /// Where values may be negative the sum of magnitudes is only known to be at least |sum|: the smaller
    /// figure is used, which withholds more.
    private func isDominated(_ state: CellState) -> Bool {
        guard let rule = profile.dominance, state.shape.kind != .distinctPeople, state.largest > 0 else {
            return false
        }
        let top = state.largest + state.secondLargest
        let total = state.shape.kind == .count ? Double(state.rows) : abs(state.sum)
        return top / total >= rule.share || (total - top) / state.largest < rule.pRatio
    }
}

/// Whether an aggregate of a cell may leave, and if not, by which rule.
enum Ruling: Hashable {
    case released
    case fewPeople
    /// Fewer people than the threshold are not in it.
    case fewOthers
    case dominated
    /// Its group key is none that is known to all.
    case strangeKey
}

/// One aggregate of one cell, before control.
struct CellState {
    let shape: AggregateShape
    let rows: Int64
    let sum: Double
    let people: Int64
    let peopleKey: Int
    let contributors: Int64
    let contributorKey: Int
    let largest: Double
    let secondLargest: Double
    let rowBound: Double
    let sumBound: Double

    init(_ aggregate: AggregateCells, of cells: CellBlock, at cell: Int) {
        shape = aggregate.shape
        rows = aggregate.rows[cell]
        sum = aggregate.sums[cell]
        people = cells.people[cell]
        peopleKey = cells.cellKey[cell]
        largest = aggregate.largest[cell]
        secondLargest = aggregate.secondLargest[cell]
        rowBound = aggregate.rowBound[cell]
        sumBound = aggregate.sumBound[cell]
        // The sum of a constant, e.g. sum(1): no row differs from the range's lower end, so that the
        // people behind it are those of the cell.
        let isConstant =
            shape.lower == shape.upper && shape.lower != nil && !shape.isConditional
            && aggregate.contributors[cell] == 0
        contributors = isConstant && rows > 0 ? people : aggregate.contributors[cell]
        contributorKey = isConstant ? peopleKey : aggregate.contributorKey[cell]
    }
}

extension Table {
    /// The rows at these indices, in that order.
    func selecting(_ rows: [Int]) -> Table {
        if rows.count == rowCount { return self }
        return Table(
            columns: columns.map { column in
                Column(
                    name: column.name,
                    vector: ColumnVector(type: column.type, values: rows.map { column.vector[$0] }))
            }, rowCount: rows.count)
    }
}
