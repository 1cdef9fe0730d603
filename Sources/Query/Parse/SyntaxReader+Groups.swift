internal import Core

extension SyntaxReader {
    /// The most sets that a GROUP BY may come to: each is a question of its own.
    static let maximumSets = 16

    /// GROUP BY: its expressions in order of writing, and the sets that they make, where it names any.
    ///
    /// Several items multiply: `a, ROLLUP (b)` is `GROUPING SETS ((a, b), (a))` (PostgreSQL 15, 7.2.4).
    func groups(_ items: [JSONNode]) throws(SQLFault) -> (expressions: [ExpressionSyntax], sets: [[Int]]?) {
        var expressions: [ExpressionSyntax] = []
        guard items.contains(where: { $0["GroupingSet"] != nil }) else {
            return (try list(items, expression), nil)
        }
        var product: [[Int]] = [[]]
        for item in items {
            let sets = try sets(item, &expressions)
            guard product.count * sets.count <= Self.maximumSets else { throw tooManySets(item) }
            product = product.flatMap { left in sets.map { left + $0 } }
        }
        return (expressions, product)
    }

    private func sets(_ item: JSONNode, _ expressions: inout [ExpressionSyntax]) throws(SQLFault) -> [[Int]] {
        guard let set = item["GroupingSet"] else { return [try places(item, &expressions)] }
        return try nested(at: set) { () throws(SQLFault) in
            let content = set.list("content")
            switch set.string("kind") {
            case "GROUPING_SET_EMPTY": return [[]]
            case "GROUPING_SET_SETS":
                var all: [[Int]] = []
                for item in content { all += try sets(item, &expressions) }
                guard all.count <= Self.maximumSets else { throw tooManySets(item) }
                return all
            case "GROUPING_SET_ROLLUP", "GROUPING_SET_CUBE":
                let isCube = set.string("kind") == "GROUPING_SET_CUBE"
                guard content.count < (isCube ? 5 : Self.maximumSets) else { throw tooManySets(item) }
                var parts: [[Int]] = []
                for item in content { parts.append(try places(item, &expressions)) }
                return isCube
                    ? (0..<(1 << parts.count)).reversed().map { mask in
                        parts.indices.filter { mask >> (parts.count - 1 - $0) & 1 == 1 }.flatMap { parts[$0] }
                    }
                    : (0...parts.count).reversed().map { parts.prefix($0).flatMap(\.self) }
            default: throw nodeRefusal("GroupingSet", at: position(set))
            }
        }
    }

    /// One expression, or several in parentheses.
    private func places(_ item: JSONNode, _ expressions: inout [ExpressionSyntax]) throws(SQLFault) -> [Int] {
        let items = item["RowExpr"].map { $0.list("args") } ?? [item]
        let first = expressions.count
        expressions += try list(items, expression)
        return Array(first..<expressions.count)
    }

    private func tooManySets(_ item: JSONNode) -> SQLFault {
        SQLFault(
            .statementTooComplex, "GROUP BY comes to more than \(Self.maximumSets) sets",
            hint: "Name the sets that you need: GROUPING SETS ((a, b), (a), ()).",
            position: item["GroupingSet"].flatMap(position))
    }

    /// A window's frame; nil for the default.
    func frame(_ node: JSONNode) throws(SQLFault) -> WindowFrame? {
        let options = node.integer("frameOptions")
        // Bits of parsenodes.h (PostgreSQL 15): FRAMEOPTION_NONDEFAULT, and those below.
        guard options & 0x1 != 0 else { return nil }
        guard options & 0x38000 == 0 else {
            throw .unsupported("EXCLUDE in a window frame", "Leave EXCLUDE out.", at: position(node))
        }
        let mode: WindowFrame.Mode = options & 0x4 != 0 ? .rows : options & 0x8 != 0 ? .groups : .range
        func bound(_ flags: [(Int, WindowFrame.Bound)], _ offset: JSONNode?, _ preceding: Int) throws(SQLFault)
            -> WindowFrame.Bound
        {
            if let plain = flags.first(where: { options & $0.0 != 0 }) { return plain.1 }
            guard mode != .range, let offset, case .integer(let rows) = try expression(offset).node, rows >= 0,
                rows <= 1_000_000
            else {
                throw .unsupported(
                    "that window frame", "Write ROWS or GROUPS with whole numbers: ROWS 6 PRECEDING.",
                    at: position(node))
            }
            return options & preceding != 0 ? .preceding(Int(rows)) : .following(Int(rows))
        }
        return WindowFrame(
            mode: mode,
            start: try bound([(0x20, .unboundedPreceding), (0x200, .currentRow)], node["startOffset"], 0x800),
            end: try bound([(0x100, .unboundedFollowing), (0x400, .currentRow)], node["endOffset"], 0x1000))
    }
}
