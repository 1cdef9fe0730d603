import Core

/// Proves that the rows of one person in one cell come one after another, as the publication stores them.
///
/// INVARIANT: any operator that could lose the order in DuckDB (a join, also the one that a list or a
/// codelist in a condition becomes) has none; and the result is counted only if the engine itself found every person
/// after the one before (`in_order`), so that nobody can count twice in a cell.
struct StoredOrder {
    private let physical: SitePhysical
    /// Filters alone over one dataset, or nil.
    private let scan: Scan?

    init(_ physical: SitePhysical, _ plan: Plan) {
        self.physical = physical
        scan = Self.scan(plan)
    }

    private static func scan(_ plan: Plan) -> Scan? {
        switch plan {
        case .scan(let scan):
            if case .dataset = scan.source { scan } else { nil }
        case .filter(let filter): isPlain(filter.predicate) ? scan(filter.input) : nil
        case .project(let project):
            // As it stands where columns are dropped only.
            project.columns.allSatisfy { $0.expression.node == .column($0.id) } ? scan(project.input) : nil
        default: nil
        }
    }

    private static func isPlain(_ expression: Expression) -> Bool {
        switch expression.node {
        case .column, .literal: true
        case .call(_, let arguments): arguments.allSatisfy(isPlain)
        case .cast(let inner): isPlain(inner)
        case .caseWhen(let branches, let otherwise):
            branches.allSatisfy { isPlain($0.condition) && isPlain($0.value) }
                && otherwise.map(isPlain) ?? true
        case .inList, .inCodelist: false
        }
    }

    /// The place of the code among the keys, if they are the code and at most one that never falls while time
    /// rises, over rows ordered by code, person and time, and the aggregates count.
    func placeOfCode(_ fragment: Fragment) -> Int? {
        guard physical.dialect == .duckdb, let scan, case .dataset(let name) = scan.source,
            let order = physical.order[name], order.count >= 2, order[1] == "person"
        else { return nil }
        let columns = Dictionary(scan.columns.map { ($0.id, $0.name) }) { first, _ in first }
        let keys = fragment.aggregate.keys.map(\.expression)
        let place = keys.firstIndex { key in
            if case .column(let id) = key.node { columns[id] == order[0] && key.type == .text } else { false }
        }
        guard let place, keys.count <= 2 else { return nil }
        if keys.count == 2 {
            guard order.count >= 3, rises(keys[1 - place], with: order[2], columns) else { return nil }
        }
        let calls = fragment.aggregate.aggregates.map(\.call)
        let reads = calls.flatMap { [$0.argument, $0.filter].compactMap(\.self) }
        let isCounting = fragment.shapes.allSatisfy { $0.kind == .count || $0.kind == .distinctPeople }
        return isCounting && reads.allSatisfy(Self.isPlain) ? place : nil
    }

    /// Whether `expression` never falls while column `name` rises.
    private func rises(_ expression: Expression, with name: String, _ columns: [ColumnID: String]) -> Bool {
        switch expression.node {
        case .column(let id): columns[id] == name
        case .cast(let inner):
            [.integer, .bigint, .date, .timestamp].contains(expression.type) && inner.type != .text
                && rises(inner, with: name, columns)
        case .call(.extract, let arguments), .call(.datePart, let arguments):
            arguments.count == 2 && arguments[0].node == .literal(.text("year"))
                && rises(arguments[1], with: name, columns)
        case .call(.dateTrunc, let arguments):
            arguments.count == 2 && rises(arguments[1], with: name, columns)
        default: false
        }
    }
}

extension PersonRows {
    /// One row per run of rows of the same person and cell: its last, with what was counted since the run
    /// before.
    ///
    /// Windows over everything, without an order of their own, are computed by DuckDB while it reads.
    func runs(placeOfCode: Int) -> String {
        let all = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
        let same = ["person_id"] + keyNames
        var inner = ["person_id"] + (hasRecordKey ? ["record_key"] : []) + keyNames
        var outer = inner
        for index in aggregate.aggregates.indices {
            let conditions = conditions(index)
            let isPeople = shapes[index].kind == .distinctPeople
            if isPeople && conditions.isEmpty {
                outer.append("1 AS n\(index)")
                continue
            }
            let counted =
                conditions.isEmpty
                ? "row_number() OVER ()"
                : "count(CASE WHEN \(conditions.joined(separator: " AND ")) THEN 1 END) OVER (\(all))"
            inner.append("\(counted) AS n\(index)")
            let own = "n\(index) - lag(n\(index), 1, 0) OVER ()"
            outer.append((isPeople ? "CASE WHEN \(own) > 0 THEN 1 ELSE 0 END" : own) + " AS n\(index)")
        }
        let last = same.map { "\($0) IS DISTINCT FROM lead(\($0)) OVER ()" }.joined(separator: " OR ")
        inner.append("\(last) AS is_last")
        outer.append("\(inOrder(placeOfCode)) AS in_order")
        let source = "\nFROM (\(SelectBlock.indented("\n" + rows))\n) AS r"
        let ends = "SELECT \(inner.joined(separator: ",\n  "))" + source
        return
            "SELECT \(outer.joined(separator: ",\n  "))\nFROM (\(SelectBlock.indented("\n" + ends))\n) AS e\n"
            + "WHERE is_last"
    }

    /// Whether this run's code, person and time come after those of the run before, NULLs last: then no two
    /// runs are of the same person and cell.
    private func inOrder(_ placeOfCode: Int) -> String {
        let code = "k\(placeOfCode)"
        let prior = { (name: String) in "lag(\(name)) OVER ()" }
        var after = "person_id > \(prior("person_id"))"
        if keyNames.count == 2 {
            let time = "k\(1 - placeOfCode)"
            after +=
                " OR person_id = \(prior("person_id")) AND coalesce(\(time) > \(prior(time)), "
                + "\(time) IS NULL AND \(prior(time)) IS NOT NULL)"
        }
        return "coalesce(CASE WHEN \(prior("person_id")) IS NULL THEN true "
            + "WHEN \(code) IS NOT DISTINCT FROM \(prior(code)) THEN \(after) "
            + "ELSE coalesce(\(code) > \(prior(code)), \(code) IS NULL) END, false)"
    }
}
