package import Core

/// A fragment as a site runs it: one bounded row per (person, cell) first, then an aggregate over people
/// (planner.md, "The canonical fragment").
///
/// Its result has a row per cell: `k0…`, `people`, `ckey`, and of aggregate i `a{i}_n` rows, `a{i}_s` sum,
/// `a{i}_c` contributors, `a{i}_k` their key, `a{i}_m1` and `a{i}_m2` the two largest contributions of one
/// person, and where a person may have several rows `a{i}_r` and `a{i}_d`, the most rows of one person and the most
/// that one person's sum has above its range's lower end. Under disclosure control nobody counts more than the `people`-th largest contribution of the cell
/// (`BoundedContribution`); the contributors and keys are as they are. Where the reduction relies on the rows'
/// stored order, `misplaced` counts what contradicts it.
package struct CanonicalFragment: Sendable {
    package enum Detail: Hashable, Sendable {
        /// For the profile `none`: numbers only; keys and largest contributions are decoded as 0,
        /// contributors as the people of the cell.
        case plain
        case full
    }

    package let sql: String
    private let keys: [ComputedColumn]
    private let shapes: [AggregateShape]
    private let detail: Detail
    private let isOrdered: Bool

    /// - Parameters:
    ///   - clamp: whether each row's argument is brought into its range first.
    ///   - people: how many people must reach a contribution so that it counts in full, the fewest that a
    ///     released number stands for. 1 bounds nothing; without `.full` detail nothing is bounded.
    /// - Throws: if the fragment's rows belong to no person.
    package init(
        _ fragment: Fragment, physical: SitePhysical, obligations: EnforcedObligations, clamp: Bool,
        detail: Detail, people: Int = 10
    ) throws(SQLFault) {
        let rows = try PersonRows(
            fragment, physical: physical, obligations: obligations, clamp: clamp,
            withRecordKey: detail == .full)
        isOrdered = rows.isOrdered
        keys = fragment.aggregate.keys
        shapes = fragment.shapes
        self.detail = detail
        let columns = Self.columns(rows, detail, people: people)
        var text = "SELECT \(columns.items.joined(separator: ",\n  "))\n"
        text += "FROM (\(SelectBlock.indented("\n" + rows.reduced()))\n) AS p"
        if detail == .full && !rows.hasRecordKey {
            text += "\nJOIN \(SQLName.quoted(physical.schema)).person AS q ON q.person_id = p.person_id"
        }
        if !rows.keyNames.isEmpty { text += "\nGROUP BY \(rows.keyNames.joined(separator: ", "))" }
        if let results = columns.results {
            let cells = SelectBlock.indented("\n" + text)
            text = "SELECT \(results.joined(separator: ",\n  "))\nFROM (\(cells)\n) AS c"
        }
        sql = text
    }

    /// What is aggregated over the people of a cell, and what is computed from that, if anything.
    private static func columns(
        _ rows: PersonRows, _ detail: Detail, people: Int
    ) -> (items: [String], results: [String]?) {
        var items = rows.keyNames + ["count(*) AS people"]
        var results = rows.keyNames + ["people"]
        if rows.isOrdered {
            items.append("count(*) FILTER (WHERE NOT in_order) AS misplaced")
            results.append("misplaced")
        }
        if detail == .full {
            items.append("\(key("")) AS ckey")
            results.append("ckey")
        }
        var isBounded = false
        for index in rows.shapes.indices {
            let who = detail == .full ? contributors(index, rows) : []
            if detail == .full, people > 1, !rows.isIndicator(index) {
                let bounded = BoundedContribution(index: index, rows: rows, people: people)
                items += bounded.items + who
                results += bounded.results + ["a\(index)_c", "a\(index)_k"]
                isBounded = true
                continue
            }
            items += states(index, rows) + who + (detail == .full ? largest(index, rows) : [])
            results +=
                (["n"] + (rows.shapes[index].hasSum ? ["s"] : [])
                + (detail == .full ? ["c", "k", "m1", "m2"] : [])).map { "a\(index)_\($0)" }
        }
        return (items, isBounded ? results : nil)
    }

    private static func key(_ filter: String) -> String {
        "CAST(coalesce(sum(record_key)\(filter), 0) % 256 AS integer)"
    }

    private static func states(_ index: Int, _ rows: PersonRows) -> [String] {
        var items = ["CAST(coalesce(sum(n\(index)), 0) AS bigint) AS a\(index)_n"]
        if rows.shapes[index].hasSum {
            items.append("CAST(coalesce(sum(s\(index)), 0) AS \(rows.dialect.double)) AS a\(index)_s")
        }
        return items
    }

    private static func filter(_ index: Int, _ rows: PersonRows) -> String {
        rows.contributes(index).map { " FILTER (WHERE \($0))" } ?? ""
    }

    private static func contributors(_ index: Int, _ rows: PersonRows) -> [String] {
        let filter = filter(index, rows)
        return ["count(*)\(filter) AS a\(index)_c", "\(key(filter)) AS a\(index)_k"]
    }

    private static func largest(_ index: Int, _ rows: PersonRows) -> [String] {
        let value = rows.shapes[index].hasSum ? "abs(s\(index))" : "n\(index)"
        let size = "CAST(\(value) AS \(rows.dialect.double))"
        return [1, 2].map { place in
            let largest =
                rows.isIndicator(index)
                ? "CASE WHEN count(*)\(filter(index, rows)) >= \(place) THEN 1e0 ELSE 0e0 END"
                : rows.dialect == .duckdb
                    ? "coalesce(max(\(size), 2)[\(place)], 0)"
                    : "coalesce((array_agg(\(size) ORDER BY \(size) DESC NULLS LAST))[\(place)], 0)"
            return "\(largest) AS a\(index)_m\(place)"
        }
    }

    /// The engine's result as states.
    /// - Throws: if `table` is not a result of `sql`, or the rows were not in the order that `sql` relies on.
    package func decode(_ table: Table) throws(SQLFault) -> CellBlock {
        let reader = ResultReader(table)
        if isOrdered, try reader.integers("misplaced").contains(where: { $0 != 0 }) {
            throw SQLFault(.internalError, "the publication's rows are not stored in the order it states")
        }
        let people = try reader.integers("people")
        var aggregates: [AggregateCells] = []
        let none = [Int](repeating: 0, count: table.rowCount)
        let zeros = [Double](repeating: 0, count: table.rowCount)
        let ones = [Double](repeating: 1, count: table.rowCount)
        for (index, shape) in shapes.enumerated() {
            let name = "a\(index)"
            let isFull = detail == .full
            let largest = isFull ? try reader.doubles("\(name)_m1") : zeros
            let rowBound = isFull ? try reader.doubles(ifPresent: "\(name)_r") ?? ones : ones
            aggregates.append(
                AggregateCells(
                    shape: shape, rows: try reader.integers("\(name)_n"),
                    sums: shape.hasSum ? try reader.doubles("\(name)_s") : zeros,
                    contributors: isFull ? try reader.integers("\(name)_c") : people,
                    contributorKey: isFull ? try reader.integers("\(name)_k").map(Int.init) : none,
                    largest: largest,
                    secondLargest: isFull ? try reader.doubles("\(name)_m2") : zeros,
                    rowBound: rowBound,
                    sumBound: isFull ? try reader.doubles(ifPresent: "\(name)_d") ?? largest : zeros))
        }
        return CellBlock(
            keys: try reader.keys(keys), people: people,
            cellKey: detail == .full ? try reader.integers("ckey").map(Int.init) : none,
            aggregates: aggregates)
    }
}
