import Core

/// Bounds what one person adds to aggregate `index` of a cell (planner.md, "The canonical fragment": one
/// bounded row per person).
///
/// A join can repeat one person's rows as often as it likes, only if that person has some diagnosis, so that
/// neither noise nor rounding would hide it. So what anyone has beyond the `people`-th largest contribution
/// of the cell is cut off (winsorised): no single person moves a number, or the dominance rule, further than
/// to that contribution, which `people` of them reach. Where so many are level at the top nothing is cut. A
/// cell of fewer people is withheld.
struct BoundedContribution {
    let index: Int
    let rows: PersonRows
    let people: Int

    /// Something of a person of which nobody counts more than the `people`-th largest.
    private struct Quantity {
        let name: String
        let text: String
        /// Whether it is 0 or 1.
        var isIndicator = false
        /// Whether only its limit is of use.
        var isLimitOnly = false
    }

    private var double: String { rows.dialect.double }
    private var hasSum: Bool { rows.shapes[index].hasSum }
    private var sum: String { "CAST(coalesce(s\(index), 0) AS \(double))" }

    /// The end that the rows of a sum are at or above; nil where they are not clamped.
    private var lower: Double? { rows.clampedRange(index)?.lower }

    private func literal(_ value: Double) -> String {
        PersonRows.bound(value, false, ExpressionPrinter(dialect: .site(rows.dialect), columns: [:]))
    }

    private var count: Quantity {
        Quantity(name: "n", text: "n\(index)", isIndicator: rows.isSingle)
    }

    /// What the sum has above its rows' lower end: never negative.
    private func above(_ lower: Double) -> Quantity {
        let floor = lower == 0 ? "" : " - \(literal(lower)) * n\(index)"
        return Quantity(name: "d", text: "greatest(\(sum)\(floor), 0e0)")
    }

    private var positive: Quantity { Quantity(name: "p", text: "greatest(\(sum), 0e0)") }
    private var negative: Quantity { Quantity(name: "m", text: "greatest(-\(sum), 0e0)") }
    private var size: Quantity { Quantity(name: "z", text: "abs(\(sum))", isLimitOnly: true) }

    private var quantities: [Quantity] {
        guard hasSum else { return [count] }
        guard let lower else { return [count, positive, negative, size] }
        return [count, above(lower)] + (lower < 0 ? [size] : [])
    }

    /// Of a cell, each quantity's sum and its largest.
    var items: [String] {
        quantities.flatMap { quantity in
            let sum = "coalesce(sum(\(quantity.text)), 0) AS \(total(quantity))"
            if quantity.isIndicator { return [sum] }
            let largest =
                rows.dialect == .duckdb
                ? "max(\(quantity.text), \(people))"
                : "(array_agg(\(quantity.text) ORDER BY \(quantity.text) DESC NULLS LAST))[1:\(people)]"
            return (quantity.isLimitOnly ? [] : [sum]) + ["\(largest) AS \(top(quantity))"]
        }
    }

    private func total(_ quantity: Quantity) -> String { "total\(index)_\(quantity.name)" }
    private func top(_ quantity: Quantity) -> String { "top\(index)_\(quantity.name)" }

    /// The contribution that nobody exceeds.
    private func limit(_ quantity: Quantity) -> String {
        if quantity.isIndicator { return "1" }
        let top = top(quantity)
        return rows.dialect == .duckdb ? "\(top)[-1]" : "\(top)[cardinality(\(top))]"
    }

    private func bounded(_ quantity: Quantity) -> String {
        if quantity.isIndicator { return total(quantity) }
        let top = top(quantity)
        let (sum, length) =
            rows.dialect == .duckdb
            ? ("list_sum(\(top))", "len(\(top))")
            : ("(SELECT sum(v) FROM unnest(\(top)) AS v)", "cardinality(\(top))")
        return "\(total(quantity)) - coalesce(\(sum) - \(length) * \(limit(quantity)), 0)"
    }

    private var boundedSum: String {
        guard let lower else { return "\(bounded(positive)) - (\(bounded(negative)))" }
        return (lower == 0 ? "" : "\(literal(lower)) * (\(bounded(count))) + ") + bounded(above(lower))
    }

    /// At least what any one person counts: the two largest are level.
    private var largest: String {
        guard hasSum else { return limit(count) }
        guard let lower, lower >= 0 else { return limit(size) }
        return (lower == 0 ? "" : "\(literal(lower)) * \(limit(count)) + ") + limit(above(lower))
    }

    /// Over `items`: `a{i}_n`, `a{i}_s`, `a{i}_m1` and `a{i}_m2`, and where a person may have several rows
    /// `a{i}_r` and `a{i}_d`, what nobody has more of in rows and above the range's lower end.
    var results: [String] {
        let number = { (limit: String) in "CAST(coalesce(\(limit), 0) AS \(double))" }
        var results = ["CAST(\(bounded(count)) AS bigint) AS a\(index)_n"]
        if hasSum { results.append("CAST(\(boundedSum) AS \(double)) AS a\(index)_s") }
        results += ["\(number(largest)) AS a\(index)_m1", "\(number(largest)) AS a\(index)_m2"]
        if !rows.isSingle {
            results.append("\(number(limit(count))) AS a\(index)_r")
            if hasSum, let lower { results.append("\(number(limit(above(lower)))) AS a\(index)_d") }
        }
        return results
    }
}

extension AggregateShape {
    var hasSum: Bool { kind == .sum || kind == .average }
}

extension EngineDialectKind {
    /// The engine's name of the type.
    var double: String { self == .duckdb ? "double" : "double precision" }
}
