import Core

/// One aggregate's running totals over all cells of a merge.
struct MergeState: Sendable {
    private var rows: [Int64] = []
    private var sums: [Double] = []
    /// Sites that released the value.
    private var releases: [Int32] = []
    /// The people that an absent value would have stood for at those sites: known, so not missing.
    private var knownPeople: [Int64] = []

    mutating func grow(to count: Int) {
        let more = count - rows.count
        guard more > 0 else { return }
        rows.append(contentsOf: repeatElement(0, count: more))
        sums.append(contentsOf: repeatElement(0, count: more))
        releases.append(contentsOf: repeatElement(0, count: more))
        knownPeople.append(contentsOf: repeatElement(0, count: more))
    }

    /// Adds one site's values; a nil one adds nothing, and stays missing.
    mutating func add(_ aggregate: ReleasedAggregate, at cells: [Int], people: Int64) {
        for (row, cell) in cells.enumerated() {
            guard let count = aggregate.rows[row], let sum = aggregate.sums[row] else { continue }
            rows[cell] = Self.sum(rows[cell], count)
            sums[cell] += sum
            releases[cell] += 1
            knownPeople[cell] += people
        }
    }

    mutating func add(_ other: MergeState, at cells: [Int]) {
        for (row, cell) in cells.enumerated() where row < other.rows.count {
            rows[cell] = Self.sum(rows[cell], other.rows[row])
            sums[cell] += other.sums[row]
            releases[cell] += other.releases[row]
            knownPeople[cell] += other.knownPeople[row]
        }
    }

    /// What a site sends may be anything: a sum that is no number of rows is the largest that there is.
    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? (right > 0 ? .max : .min) : sum
    }

    /// - Parameters:
    ///   - withheldPeople: what absent values may stand for over all sites; nil where unknown.
    ///   - isTied: an absent value may stand for more.
    func finished(_ shape: AggregateShape, withheldPeople: Int64?, isTied: Bool) -> MergedColumn {
        let missing = knownPeople.map { known in withheldPeople.map { $0 - known } }
        let incomplete = missing.map { $0 != 0 }
        let withheld = zip(releases, incomplete).map { $0 == 0 && $1 }
        let values = rows.indices.map { withheld[$0] ? Value.null : value(shape, $0) }
        return MergedColumn(
            values: ColumnVector(type: shape.type, values: values), withheld: withheld,
            incomplete: incomplete,
            lower: rows.indices.map { lower(shape, $0, incomplete: incomplete[$0], values[$0]) },
            upper: rows.indices.map { cell in
                upper(
                    shape, cell, missing: missing[cell].flatMap { isTied && $0 != 0 ? nil : $0 }, values[cell]
                )
            })
    }

    private func value(_ shape: AggregateShape, _ cell: Int) -> Value {
        switch shape.kind {
        case .count, .distinctPeople: .integer(rows[cell])
        case .sum where rows[cell] == 0, .average where rows[cell] == 0: .null
        case .sum: shape.type.isInteger ? Self.whole(sums[cell]) : .double(sums[cell])
        case .average: .double(sums[cell] / Double(rows[cell]))
        }
    }

    /// The sum of whole numbers, which a `Double` carries exactly up to 2^53.
    private static func whole(_ sum: Double) -> Value {
        Int64(exactly: sum.rounded()).map(Value.integer) ?? .double(sum)
    }

    /// What absent sites hold can only add to a count, and to a sum of what is never negative.
    private func lower(_ shape: AggregateShape, _ cell: Int, incomplete: Bool, _ value: Value) -> Double? {
        guard incomplete else { return value.number }
        switch shape.kind {
        case .count, .distinctPeople: return Double(rows[cell])
        case .sum: return (shape.lower ?? -1) >= 0 ? sums[cell] : nil
        case .average: return nil
        }
    }

    /// Only an unconditional count of people is bounded above: a person may have any number of rows, and a
    /// conditional value is also withheld where nearly everyone has it.
    private func upper(_ shape: AggregateShape, _ cell: Int, missing: Int64?, _ value: Value) -> Double? {
        guard missing != 0 else { return value.number }
        guard let missing, shape.kind == .distinctPeople, !shape.isConditional else { return nil }
        return Double(rows[cell] + missing)
    }
}
