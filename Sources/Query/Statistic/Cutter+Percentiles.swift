import Catalog
import Core

extension Cutter {
    /// An aggregate with percentiles among others: the others as one fragment, with a count of the values of each
    /// percentile, and a fragment of counts by public bins for each value.
    ///
    /// Sites are asked for counts by group keys, under the rules for such counts and no others; the percentile is read of
    /// what they release.
    mutating func percentiles(_ aggregate: Aggregate) throws(SQLFault) -> Plan {
        let facts = RowFacts(aggregate.input, catalog: catalog)
        let derivation = RangeDerivation(facts: facts, catalog: catalog)
        var fresh = FreshColumns(after: .aggregate(aggregate))
        var plain = aggregate.aggregates.filter { $0.call.function != .percentileCont }
        var asked: [(id: ColumnID, call: AggregateCall, value: Expression, grid: PublicGrid, total: Int)] = []
        for column in aggregate.aggregates where column.call.function == .percentileCont {
            guard let value = column.call.argument else { continue }
            let range = derivation.range(of: value, given: column.call.filter?.conjuncts ?? [])
            guard let grid = PublicGrid(range, isWhole: aggregate.input.isWhole(value)) else {
                throw Self.unbounded(column.call)
            }
            let count = AggregateCall(
                .count, argument: value, filter: column.call.filter, type: .bigint, at: column.call.position)
            let known = plain.firstIndex { $0.call == count }
            if known == nil { plain.append(AggregateColumn(id: fresh.id(), name: "n", call: count)) }
            asked.append((column.id, column.call, value, grid, known ?? plain.count - 1))
        }
        let main = try index(
            of: Aggregate(input: aggregate.input, keys: aggregate.keys, aggregates: plain))
        var sources: [ColumnID: Statistic.Source] = [:]
        for (place, column) in plain.enumerated() { sources[column.id] = .aggregate(place) }
        for (id, call, value, grid, total) in asked {
            let bins = try bins(of: call, value, grid, over: aggregate, &fresh)
            sources[id] = .percentile(
                Percentile(fraction: call.fraction ?? 0.5, grid: grid, total: total, bins: bins))
        }
        try checkFragments(aggregate)
        let columns = Plan.aggregate(aggregate).columns
        return take(
            Statistic(
                fragment: main, columns: columns,
                sources: columns.enumerated().map { sources[$1.id] ?? .key($0) }))
    }

    /// The fragment that counts the values by bin.
    private mutating func bins(
        of call: AggregateCall, _ value: Expression, _ grid: PublicGrid, over aggregate: Aggregate,
        _ fresh: inout FreshColumns
    ) throws(SQLFault) -> Int {
        let isThere = Expression(.call(.isNotNull, [value]), .boolean)
        let input = Plan.filter(
            Filter(
                input: aggregate.input, predicate: .all((call.filter?.conjuncts ?? []) + [isThere])))
        let bin = ComputedColumn(
            id: fresh.id(), name: "bin", expression: BinKey(grid: grid, value: value).expression)
        let count = AggregateColumn(
            id: fresh.id(), name: "n", call: AggregateCall(.count, argument: nil, type: .bigint))
        return try index(
            of: Aggregate(input: input, keys: aggregate.keys + [bin], aggregates: [count]))
    }

    private static func unbounded(_ call: AggregateCall) -> SQLFault {
        SQLFault(
            .featureNotSupported, "percentile_cont needs a value in a public range",
            hint:
                "It is read of counts in public bins: bound the value with least(greatest(x, low), high), or pin "
                + "its code with code = '…'.", position: call.argument?.position ?? call.position)
    }

    private func checkFragments(_ aggregate: Aggregate) throws(SQLFault) {
        guard fragments.count > FederatedPlan.mostFragments else { return }
        throw SQLFault(
            .programLimitExceeded,
            "the statement needs \(fragments.count) fragments, and sites answer \(FederatedPlan.mostFragments) at most",
            hint:
                "Percentiles of a value take one for its bins: ask for those of other values in statements "
                + "of their own.", position: aggregate.aggregates.first?.call.position)
    }
}
