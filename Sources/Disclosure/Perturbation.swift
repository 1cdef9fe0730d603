import Core

/// What is released of one aggregate of one cell.
struct ReleasedState {
    let rows: Int64
    let sum: Double
}

/// Noise, rounding and honest sums (planner.md, "Rounding that keeps arithmetic honest").
///
/// A sum of x in [lo, hi] is taken as `lo · n + (hi - lo) · z`, where z is what the rows have above the lower
/// end in units of the range. n is released as a count is; z is released on the same grid. So a shift of x
/// tells nothing new, the sum of an indicator is the count of those who have it, and a constant is n.
struct Perturbation: Sendable {
    let threshold: Int64
    let base: Int64
    let table: NoiseTable?

    init(_ profile: DisclosureProfile) {
        threshold = Int64(profile.minimumPeople)
        base = Int64(max(1, profile.roundingBase))
        table =
            switch profile.noise {
            case .none: nil
            case .cellKey(let deviation): NoiseTable.shared(standardDeviation: deviation)
            }
    }

    var perturbs: Bool { base > 1 || table != nil }

    func perturb(_ state: CellState) -> ReleasedState {
        guard perturbs else { return ReleasedState(rows: state.rows, sum: state.sum) }
        switch state.shape.kind {
        case .count, .distinctPeople:
            return ReleasedState(rows: count(state.rows, key: state.contributorKey), sum: 0)
        case .sum, .average:
            return sum(state)
        }
    }

    /// A count as it is released.
    ///
    /// The count takes part in the choice of the noise: two aggregates over the same rows of a cell get the
    /// same noise, and averaging over many of them gives nothing.
    func count(_ count: Int64, key: Int) -> Int64 {
        rounded(Double(count + noise(count, key)), atLeast: count >= threshold ? threshold : 0)
    }

    private func noise(_ count: Int64, _ key: Int) -> Int64 {
        guard let table else { return 0 }
        let room = Int(min(count - threshold, Int64(table.spread)))
        return room < 0
            ? 0 : Int64(table.noise(above: room, key: key + Int(truncatingIfNeeded: count) &* 167))
    }

    /// The nearest multiple of the base, ties upwards, never below the floor.
    private func rounded(_ value: Double, atLeast floor: Int64) -> Int64 {
        let multiple = (Int64((value / Double(base) + 0.5).rounded(.down))) * base
        return multiple >= floor ? multiple : (floor + base - 1) / base * base
    }

    private func sum(_ state: CellState) -> ReleasedState {
        guard let lower = state.shape.lower, let upper = state.shape.upper else {
            preconditionFailure("a sum without a range is refused before it runs")
        }
        // The n of all sums over a cell's rows is one number: it goes by the key of the cell, not by that
        // of whoever contributes to this sum.
        let key = upper > lower ? state.peopleKey : state.contributorKey
        let rows = count(state.rows, key: key)
        let width = upper - lower
        guard width > 0, state.rows > 0 else { return ReleasedState(rows: rows, sum: lower * Double(rows)) }
        let z = max(0, (state.sum - lower * Double(state.rows)) / width)
        return ReleasedState(rows: rows, sum: lower * Double(rows) + width * Double(units(z, state, rows)))
    }

    /// z on the grid of the counts.
    ///
    /// A whole number of units is a count, whatever it is called: it is released as the count of its
    /// contributors. Anything else is scaled by the released over the true n, so that ratios stay right,
    /// and gets that share of the noise which the scaling has not brought in already.
    private func units(_ z: Double, _ state: CellState, _ rows: Int64) -> Int64 {
        let whole = z.rounded()
        if abs(z - whole) <= 1e-9 * max(1, z), whole >= Double(threshold), whole < 9e15 {
            return count(Int64(whole), key: state.contributorKey)
        }
        let share = min(1, z / Double(state.rows))
        let noise = (1 - share) * Double(noise(state.contributors, state.contributorKey))
        let scaled = z * Double(rows) / Double(state.rows) + noise
        return min(rows, rounded(max(0, scaled), atLeast: 0))
    }

    /// The largest errors that the steps above can make.
    func statedError(_ shape: AggregateShape) -> StatedError {
        guard perturbs else { return StatedError(count: 0, sum: 0, meanTimesCount: 0) }
        let spread = Double(table?.spread ?? 0)
        // Rounding up to the threshold costs less than a base; elsewhere it is half a base.
        let rounding = threshold % base == 0 ? Double(base / 2) : Double(base - 1)
        let count = spread + rounding
        guard shape.kind == .sum || shape.kind == .average, let lower = shape.lower, let upper = shape.upper
        else { return StatedError(count: count, sum: 0, meanTimesCount: 0) }
        let unit = spread + max(Double(base), rounding)
        return StatedError(
            count: count, sum: abs(lower) * count + (upper - lower) * unit,
            meanTimesCount: (upper - lower) * (count + unit))
    }
}
