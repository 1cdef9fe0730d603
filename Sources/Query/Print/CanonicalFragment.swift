package import Core

/// A fragment as a site runs it: one bounded row per (person, cell) first, then an aggregate over people
/// (planner.md, "The canonical fragment").
///
/// Its result has a row per cell: `k0…`, `people`, `ckey`, and of aggregate i `a{i}_n` rows, `a{i}_s` sum,
/// `a{i}_c` contributors, `a{i}_k` their key, `a{i}_m1` and `a{i}_m2` the two largest contributions of one
/// person. Where the reduction relies on the rows' stored order, `misplaced` counts what contradicts it.
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

    /// - Parameter clamp: whether each row's argument is brought into its range first.
    /// - Throws: if the fragment's rows belong to no person.
    package init(
        _ fragment: Fragment, physical: SitePhysical, obligations: EnforcedObligations, clamp: Bool,
        detail: Detail
    ) throws(SQLFault) {
        let rows = try PersonRows(
            fragment, physical: physical, obligations: obligations, clamp: clamp,
            withRecordKey: detail == .full)
        isOrdered = rows.isOrdered
        keys = fragment.aggregate.keys
        shapes = fragment.shapes
        self.detail = detail
        var items = rows.keyNames + ["count(*) AS people"]
        if rows.isOrdered { items.append("count(*) FILTER (WHERE NOT in_order) AS misplaced") }
        if detail == .full { items.append("\(Self.key("")) AS ckey") }
        for index in shapes.indices {
            items += Self.states(index, rows)
            if detail == .full { items += Self.evidence(index, rows) }
        }
        var text = "SELECT \(items.joined(separator: ",\n  "))\n"
        text += "FROM (\(SelectBlock.indented("\n" + rows.reduced()))\n) AS p"
        if detail == .full && !rows.hasRecordKey {
            text += "\nJOIN \(SQLName.quoted(physical.schema)).person AS q ON q.person_id = p.person_id"
        }
        if !rows.keyNames.isEmpty { text += "\nGROUP BY \(rows.keyNames.joined(separator: ", "))" }
        sql = text
    }

    private static func key(_ filter: String) -> String {
        "CAST(coalesce(sum(record_key)\(filter), 0) % 256 AS integer)"
    }

    private static func states(_ index: Int, _ rows: PersonRows) -> [String] {
        var items = ["CAST(coalesce(sum(n\(index)), 0) AS bigint) AS a\(index)_n"]
        if hasSum(rows.shapes[index]) {
            items.append("CAST(coalesce(sum(s\(index)), 0) AS \(double(rows))) AS a\(index)_s")
        }
        return items
    }

    private static func double(_ rows: PersonRows) -> String {
        rows.dialect == .duckdb ? "double" : "double precision"
    }

    private static func hasSum(_ shape: AggregateShape) -> Bool {
        shape.kind == .sum || shape.kind == .average
    }

    private static func evidence(_ index: Int, _ rows: PersonRows) -> [String] {
        let filter = rows.contributes(index).map { " FILTER (WHERE \($0))" } ?? ""
        let contributors = "count(*)\(filter)"
        let value = hasSum(rows.shapes[index]) ? "abs(s\(index))" : "n\(index)"
        let size = "CAST(\(value) AS \(double(rows)))"
        let largest = { (place: Int) in
            if rows.isIndicator(index) {
                return "CASE WHEN \(contributors) >= \(place) THEN 1e0 ELSE 0e0 END"
            }
            return rows.dialect == .duckdb
                ? "coalesce(max(\(size), 2)[\(place)], 0)"
                : "coalesce((array_agg(\(size) ORDER BY \(size) DESC NULLS LAST))[\(place)], 0)"
        }
        return [
            "\(contributors) AS a\(index)_c", "\(key(filter)) AS a\(index)_k",
            "\(largest(1)) AS a\(index)_m1", "\(largest(2)) AS a\(index)_m2",
        ]
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
        for (index, shape) in shapes.enumerated() {
            let name = "a\(index)"
            let isFull = detail == .full
            aggregates.append(
                AggregateCells(
                    shape: shape, rows: try reader.integers("\(name)_n"),
                    sums: Self.hasSum(shape) ? try reader.doubles("\(name)_s") : zeros,
                    contributors: isFull ? try reader.integers("\(name)_c") : people,
                    contributorKey: isFull ? try reader.integers("\(name)_k").map(Int.init) : none,
                    largest: isFull ? try reader.doubles("\(name)_m1") : zeros,
                    secondLargest: isFull ? try reader.doubles("\(name)_m2") : zeros))
        }
        return CellBlock(
            keys: try reader.keys(keys), people: people,
            cellKey: detail == .full ? try reader.integers("ckey").map(Int.init) : none,
            aggregates: aggregates)
    }
}
