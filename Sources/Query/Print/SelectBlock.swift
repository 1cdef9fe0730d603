import Core

/// One SELECT under construction: plan nodes are folded into it as long as SQL's own order of clauses allows.
struct SelectBlock {
    /// FROM; nil for a SELECT without one.
    var source: String?
    /// Whether `source` is more than one table, so that it needs parentheses as the right side of a join.
    var isJoin = false
    var conditions: [SQLText] = []
    /// What each column is called in the scope of the clauses that are still open.
    var columns: [ColumnID: SQLText] = [:]
    /// What the block offers, in order.
    var offered: [PlanColumn] = []
    var groups: [String] = []
    var isGrouped = false
    var having: [SQLText] = []
    var hasWindow = false
    /// Set once the select list is final.
    var select: [SQLText]?
    var isDistinct = false
    var order: [String] = []
    /// The keys of `order`, so that a block around this one can say them again.
    var orderKeys: [SortKey] = []
    var limit: Int?
    var offset = 0
    /// A set operation in place of the clauses above.
    var body: String?
    /// Whether a condition is an EXISTS, which our SQL has no place for in ON.
    var hasExists = false
    /// Whether a column is a constant, which an outer join could not make NULL.
    var hasConstants = false

    /// FROM and WHERE only.
    var isRows: Bool {
        !isGrouped && !hasWindow && select == nil && !isDistinct && order.isEmpty && !isLimited && body == nil
    }

    var isLimited: Bool { limit != nil || offset > 0 }

    /// Windows, ORDER BY and the select list may still be added.
    var isOpen: Bool { select == nil && !hasWindow && order.isEmpty && !isLimited && body == nil }

    /// The text of each offered column.
    var selected: [SQLText] {
        select ?? offered.map { columns[$0.id] ?? SQLText(EngineName.column($0.id)) }
    }

    /// - Parameter names: one an offered column.
    func render(names: [String]) -> String {
        var lines: [String] = []
        if let body {
            lines.append(body)
        } else {
            let items = zip(selected, names).map { text, name in
                text.text == name || text.text.hasSuffix("." + name) ? text.text : "\(text.text) AS \(name)"
            }
            lines.append(
                "SELECT \(isDistinct ? "DISTINCT " : "")" + Self.list(items.isEmpty ? ["1 AS one"] : items))
            if let source { lines.append("FROM \(source)") }
            if !conditions.isEmpty { lines.append("WHERE " + Self.all(conditions)) }
            if !groups.isEmpty { lines.append("GROUP BY " + groups.joined(separator: ", ")) }
            if !having.isEmpty { lines.append("HAVING " + Self.all(having)) }
        }
        if !order.isEmpty { lines.append("ORDER BY " + order.joined(separator: ", ")) }
        if let limit { lines.append("LIMIT \(limit)") }
        if offset > 0 { lines.append("OFFSET \(offset)") }
        return lines.joined(separator: "\n")
    }

    static func all(_ conditions: [SQLText]) -> String {
        if conditions.count == 1 { return conditions[0].text }
        return conditions.map { $0.at(.not) }.joined(separator: "\n  AND ")
    }

    private static func list(_ items: [String]) -> String {
        let line = items.joined(separator: ", ")
        return line.utf8.count <= 90 && !line.contains("\n") ? line : items.joined(separator: ",\n  ")
    }

    static func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n  ")
    }
}
