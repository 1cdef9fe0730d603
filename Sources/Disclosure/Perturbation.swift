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
    let published: PerturbationTable?
    let minimumShown: Int64

    init(_ profile: DisclosureProfile) {
        threshold = Int64(profile.minimumPeople)
        base = Int64(max(1, profile.roundingBase))
        minimumShown = Int64(profile.minimumShown)
        switch profile.noise {
        case .none: (table, published) = (nil, nil)
        case .cellKey(let deviation):
            (table, published) = (NoiseTable.shared(standardDeviation: deviation), nil)
        case .table(let given): (table, published) = (nil, given)
        }
    }

    var perturbs: Bool { base > 1 || table != nil || published != nil }

    /// nil where what would be shown is below the smallest count that is.
    func perturb(_ state: CellState) -> ReleasedState? {
        let released = unlimited(state)
        return released.rows < minimumShown ? nil : released
    }

    private func unlimited(_ state: CellState) -> ReleasedState {
        guard perturbs else { return ReleasedState(rows: state.rows, sum: state.sum) }
        switch state.shape.kind {
        case .count, .distinctPeople:
            let rows = count(
                state.rows, of: state.contributors, key: state.contributorKey, unit: units(state).rows)
            return ReleasedState(rows: rows, sum: 0)
        case .sum, .average:
            return sum(state)
        }
    }

    /// What one person may add, in rows and in widths of the range: the units of noise and rounding.
    ///
    /// Without noise a profile follows a published rule, which knows no units.
    func units(_ state: CellState) -> (rows: Int64, sum: Int64) {
        guard table != nil else { return (1, 1) }
        let rows = Self.unit(state.rowBound)
        guard let lower = state.shape.lower, let upper = state.shape.upper, upper > lower else {
            return (rows, rows)
        }
        // Nobody has more above the lower end than a width a row.
        return (rows, min(rows, Self.unit(state.sumBound / (upper - lower))))
    }

    /// At least `bound`, and coarse, so that it tells little of the person that it comes from: 1, 2, 5, 10, 20 ….
    static func unit(_ bound: Double) -> Int64 {
        var power: Int64 = 1
        while power < 1_000_000_000_000 {
            for step in [power, 2 * power, 5 * power] where bound <= Double(step) * (1 + 1e-9) { return step }
            power *= 10
        }
        return power
    }

    /// A count of the rows of so many people as it is released, if nobody adds more than `unit` to it.
    ///
    /// The count takes part in the choice of the noise: two aggregates over the same rows of a cell get the
    /// same noise, and averaging over many of them gives nothing.
    private func count(_ count: Int64, of people: Int64, key: Int, unit: Int64) -> Int64 {
        if let published {
            return rounded(Double(count + published.value(of: count, key: key)), to: base, atLeast: 0)
        }
        // Of so many people, and of so many units: no noise takes a number below the threshold.
        let room = min(people, threshold + (count - threshold) / unit)
        let noise = noise(room, key + Int(truncatingIfNeeded: count) &* 167)
        return rounded(
            Double(count) + Double(unit) * Double(noise), to: base * unit,
            atLeast: people >= threshold ? threshold : 0)
    }

    private func noise(_ people: Int64, _ key: Int) -> Int64 {
        guard let table else { return 0 }
        let room = Int(min(people - threshold, Int64(table.spread)))
        return room < 0 ? 0 : Int64(table.noise(above: room, key: key))
    }

    /// The nearest multiple, ties upwards, never below the floor.
    private func rounded(_ value: Double, to step: Int64, atLeast floor: Int64) -> Int64 {
        let multiple = Int64(max(0, min(value, 4e18)) / Double(step) + 0.5) * step
        return multiple >= floor ? multiple : (floor + step - 1) / step * step
    }

    private func sum(_ state: CellState) -> ReleasedState {
        guard let lower = state.shape.lower, let upper = state.shape.upper else {
            preconditionFailure("a sum without a range is refused before it runs")
        }
        // The n of all sums over a cell's rows is one number: it goes by the key of the cell, not by that
        // of whoever contributes to this sum.
        let key = upper > lower ? state.peopleKey : state.contributorKey
        let unit = units(state)
        let rows = count(state.rows, of: min(state.people, state.rows), key: key, unit: unit.rows)
        let width = upper - lower
        guard width > 0, state.rows > 0 else { return ReleasedState(rows: rows, sum: lower * Double(rows)) }
        let z = max(0, (state.sum - lower * Double(state.rows)) / width)
        let steps = steps(z, state, rows, unit: unit.sum)
        return ReleasedState(rows: rows, sum: lower * Double(rows) + width * Double(steps))
    }

    /// z on the grid of the counts.
    ///
    /// A whole number of widths is a count, whatever it is called: it is released as the count of its
    /// contributors. Anything else is scaled by the released over the true n, so that ratios stay right,
    /// and gets that share of the noise which the scaling has not brought in already.
    private func steps(_ z: Double, _ state: CellState, _ rows: Int64, unit: Int64) -> Int64 {
        let whole = z.rounded()
        if abs(z - whole) <= 1e-9 * max(1, z), whole >= Double(threshold), whole < 9e15 {
            return count(Int64(whole), of: state.contributors, key: state.contributorKey, unit: unit)
        }
        let share = min(1, z / Double(state.rows))
        let key = state.contributorKey + Int(truncatingIfNeeded: state.contributors) &* 167
        let noise = (1 - share) * Double(unit) * Double(noise(state.contributors, key))
        let scaled = z * Double(rows) / Double(state.rows) + noise
        return min(rows, rounded(max(0, scaled), to: base * unit, atLeast: 0))
    }

    /// The largest errors that the steps above can make where these are the largest units.
    func statedError(_ shape: AggregateShape, units: (rows: Int64, sum: Int64)) -> StatedError {
        guard perturbs else { return StatedError(count: 0, sum: 0, meanTimesCount: 0) }
        let spread = Double(table?.spread ?? published?.spread(from: Int(threshold)) ?? 0)
        // Rounding up to the threshold costs less than a step; elsewhere it is half a step.
        let step = base * units.rows
        let rounding = Double(threshold % base == 0 ? step / 2 : step - 1)
        let count = Double(units.rows) * spread + rounding
        guard shape.kind == .sum || shape.kind == .average, let lower = shape.lower, let upper = shape.upper
        else { return StatedError(count: count, sum: 0, meanTimesCount: 0) }
        let unit = Double(max(units.rows, units.sum)) * (spread + Double(base))
        return StatedError(
            count: count, sum: abs(lower) * count + (upper - lower) * unit,
            meanTimesCount: (upper - lower) * (count + unit))
    }
}
