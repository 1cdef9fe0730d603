internal import Core
internal import Query
internal import Statistics

/// A statistic's table: what `Plan.statistic` reads.
struct StatisticTable: Sendable {
    let statistic: Statistic
    /// One a column of the statistic.
    let columns: [MergedColumn]
    let rowCount: Int
}

/// Computes the statistics of a plan from its fragments: from each site's own release, so that what one site withholds
/// takes nothing from what others show.
struct StatisticTables {
    let plan: FederatedPlan
    let blocks: [MergedBlock]
    /// What each site released, a block a fragment; nil for one that was asked and did not answer.
    let sites: [[ReleasedBlock]?]
    /// Whether what nobody released is known to be empty.
    let isAbsentEmpty: Bool

    func tables() -> [StatisticTable] { plan.statistics.map(table) }

    private func table(_ statistic: Statistic) -> StatisticTable {
        let main = blocks[statistic.fragment]
        let columns = zip(statistic.columns, statistic.sources).map { column, source in
            switch source {
            case .key(let place): MergedColumn(known: main.keys.columns[place].vector)
            case .aggregate(let place): main.columns[place]
            case .percentile(let percentile):
                MergedColumn(readings(percentile, statistic).map(\.reading), type: column.type)
            }
        }
        return StatisticTable(statistic: statistic, columns: columns, rowCount: main.keys.rowCount)
    }

    /// Of each group, in the order of the main fragment.
    private func readings(
        _ percentile: Percentile, _ statistic: Statistic
    ) -> [(key: [Value], reading: BinnedCounts.Reading)] {
        let keys = blocks[statistic.fragment].keys.rows
        var counts = keys.map { _ in BinnedCounts(bins: percentile.grid.bins) }
        let rows = Dictionary(keys.enumerated().map { ($1, $0) }) { first, _ in first }
        for site in sites {
            let own = site.map { BinnedRelease($0, percentile, statistic.fragment, rows) }
            for row in keys.indices {
                let total = own.flatMap { $0.totals[row] } ?? (isAbsentEmpty && own != nil ? 0 : nil)
                counts[row].add(
                    total: total, counts: own?.bins[row] ?? [:], isAbsentEmpty: isAbsentEmpty)
            }
        }
        let edges = percentile.grid.edges
        return zip(keys, counts).map { key, counts in
            let reading = counts.percentile(
                percentile.fraction, edges: edges, isWholeNumber: percentile.grid.isWhole)
            return (key, reading)
        }
    }

    /// What the receipt says of each percentile.
    func notes() -> [BoundNote] {
        plan.statistics.flatMap { statistic in
            statistic.percentiles.map { column, percentile in
                note(column, readings(percentile, statistic))
            }
        }
    }

    private func note(
        _ column: PlanColumn, _ readings: [(key: [Value], reading: BinnedCounts.Reading)]
    ) -> BoundNote {
        let withheld = readings.count { $0.reading == .withheld }
        let values = readings.compactMap { key, reading -> BoundedValue? in
            guard case .value(let estimate) = reading else { return nil }
            return BoundedValue(
                keys: key.map { $0 == .null ? nil : $0.text }, lower: estimate.lower, upper: estimate.upper)
        }
        let widest = values.compactMap { value in value.upper.map { $0 - value.lower } }.max()
        var words = "read of counts in public bins"
        if let widest {
            words +=
                ": the true value lies within the bins named, \(Merging.number(widest)) wide at most, but for noise "
                + "and rounding of the counts"
        }
        if withheld > 0 { words += "; \(withheld) of \(readings.count) values are withheld" }
        var note = BoundNote(column: column.name, partial: withheld, atMost: widest, words: words)
        note.values = values.isEmpty ? nil : values
        return note
    }
}

extension MergedColumn {
    /// A column of which nothing is withheld.
    fileprivate init(known values: ColumnVector) {
        let (no, none) = (
            Array(repeating: false, count: values.count), Array(repeating: Double?.none, count: values.count)
        )
        self.init(values: values, withheld: no, incomplete: no, lower: none, upper: none)
    }

    fileprivate init(_ readings: [BinnedCounts.Reading], type: ColumnType) {
        var values: [Value] = []
        for reading in readings {
            if case .value(let estimate) = reading {
                values.append(.double(estimate.value))
            } else {
                values.append(.null)
            }
        }
        let withheld = readings.map { $0 == .withheld }
        let none = Array(repeating: Double?.none, count: values.count)
        self.init(
            values: ColumnVector(type: type, values: values), withheld: withheld, incomplete: withheld,
            lower: none, upper: none)
    }
}

/// One site's totals and bins of each group.
private struct BinnedRelease {
    private(set) var totals: [Int: Double] = [:]
    private(set) var bins: [Int: [Int: Double]] = [:]

    /// - Parameter rows: the number of each group.
    init(_ site: [ReleasedBlock], _ percentile: Percentile, _ main: Int, _ rows: [[Value]: Int]) {
        for (key, count) in Self.counts(site[main], percentile.total) {
            if let row = rows[key] { totals[row] = count }
        }
        for (key, count) in Self.counts(site[percentile.bins], 0) {
            guard let row = rows[Array(key.dropLast())], case .integer(let bin)? = key.last else { continue }
            bins[row, default: [:]][Int(clamping: bin)] = count
        }
    }

    private static func counts(_ block: ReleasedBlock, _ place: Int) -> [(key: [Value], count: Double)] {
        zip(block.keys.rows, block.aggregates[place].rows).compactMap { key, count in
            count.map { (key, Double($0)) }
        }
    }
}
