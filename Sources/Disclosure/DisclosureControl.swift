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

    /// Thresholds, complements and dominance first, then noise and rounding.
    ///
    /// An aggregate with a `refusal(of:)` is withheld in every cell.
    package func release(_ cells: CellBlock) -> (released: ReleasedBlock, summary: DisclosureSummary) {
        let columns = cells.aggregates.map { release($0, of: cells) }
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
            errors: cells.aggregates.indices.map { statedError($0, of: cells, columns[$0]) })
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

    private func release(_ aggregate: AggregateCells, of cells: CellBlock) -> [ReleasedState?] {
        // What is refused by the plan never gets here; if it did, nothing of it would leave.
        if refusal(of: aggregate.shape) != nil { return Array(repeating: nil, count: cells.count) }
        return (0..<cells.count).map { cell in
            let state = CellState(aggregate, of: cells, at: cell)
            return mayRelease(state) ? perturbation.perturb(state) : nil
        }
    }

    /// The rules in their order: the cell's people, the aggregate's people, their complement, dominance.
    private func mayRelease(_ state: CellState) -> Bool {
        guard hasEnough(state.people), hasEnough(state.contributors) else { return false }
        if profile.complement, state.shape.isConditional,
            state.people - state.contributors < Int64(profile.minimumPeople)
        {
            return false
        }
        return !isDominated(state)
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
        return top >= rule.share * total || total - top < rule.pRatio * state.largest
    }
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
