import Core

extension PlanPrinter {
    mutating func join(_ join: Join) -> SelectBlock {
        var left = rows(join.left)
        var right = rows(join.right)
        if left.source == nil { left = wrapped(left) }
        if right.source == nil { right = wrapped(right) }
        switch join.kind {
        case .semi, .anti: return half(join, left, right)
        case .inner, .cross: return inner(join, left, right)
        case .left:
            if right.hasConstants || right.hasExists { right = wrapped(right) }
            if dialect == .site(.duckdb), !join.isHashed { return lateral(join, left, right) }
            // The right side's own conditions belong to the match, not to its result.
            let conditions = right.conditions
            right.conditions = []
            return combined(join, "LEFT JOIN", left, right, extra: conditions)
        case .full:
            if left.hasConstants || !left.conditions.isEmpty { left = wrapped(left) }
            if right.hasConstants || !right.conditions.isEmpty { right = wrapped(right) }
            return combined(join, "FULL JOIN", left, right, extra: [])
        }
    }

    /// A left join as a sub-query of each left row, which DuckDB turns into a hash join of the distinct left rows.
    /// In an ON it makes a nested loop over both tables of any condition that is not a comparison of the sides.
    private mutating func lateral(_ join: Join, _ left: SelectBlock, _ right: SelectBlock) -> SelectBlock {
        var scope = printer(left)
        scope.columns.merge(right.columns) { first, _ in first }
        var matching = right
        matching.conditions += conjuncts(join.condition, scope)
        let matches = wrapped(matching)
        var block = left
        block.columns.merge(matches.columns) { first, _ in first }
        block.offered = left.offered + right.offered
        block.source = "\(left.source ?? "")\n  LEFT JOIN LATERAL \(matches.source ?? "") ON true"
        block.isJoin = true
        return block
    }

    private func inner(_ join: Join, _ left: SelectBlock, _ right: SelectBlock) -> SelectBlock {
        guard join.kind == .cross || join.condition.node == .literal(.boolean(true)) else {
            return combined(join, "JOIN", left, right, extra: [])
        }
        var block = combined(join, "CROSS JOIN", left, right, extra: [])
        block.source = "\(left.source ?? "")\n  CROSS JOIN \(operand(right))"
        return block
    }

    private func operand(_ right: SelectBlock) -> String {
        let source = SelectBlock.indented(right.source ?? "")
        return right.isJoin ? "(\(source))" : source
    }

    private func combined(
        _ join: Join, _ words: String, _ left: SelectBlock, _ right: SelectBlock, extra: [SQLText]
    ) -> SelectBlock {
        var block = left
        block.columns.merge(right.columns) { first, _ in first }
        block.offered = left.offered + right.offered
        block.hasConstants = left.hasConstants || right.hasConstants
        let matches = conjuncts(join.condition, printer(block)) + extra
        let all = matches.isEmpty ? [SQLText("true")] : matches
        let condition = all.map { $0.at(all.count > 1 ? .not : .or) }.joined(separator: " AND ")
        block.source = "\(left.source ?? "")\n  \(words) \(operand(right)) ON \(condition)"
        block.isJoin = true
        block.conditions = left.conditions + right.conditions
        block.hasExists = left.hasExists || right.hasExists
        return block
    }

    /// EXISTS and NOT EXISTS.
    private func half(_ join: Join, _ left: SelectBlock, _ right: SelectBlock) -> SelectBlock {
        var block = left
        var scope = printer(left)
        scope.columns.merge(right.columns) { first, _ in first }
        let conditions = conjuncts(join.condition, scope) + right.conditions
        let inner = SelectBlock.indented(
            "\nSELECT 1\nFROM \(right.source ?? "")"
                + (conditions.isEmpty ? "" : "\nWHERE " + SelectBlock.all(conditions)))
        let text = "EXISTS (\(inner)\n)"
        block.hasExists = true
        block.conditions.append(join.kind == .semi ? SQLText(text) : SQLText("NOT \(text)", .not))
        return block
    }

    /// The parts of a conjunction.
    func conjuncts(_ predicate: Expression, _ printer: ExpressionPrinter) -> [SQLText] {
        predicate.conjuncts.map { printer($0) }
    }
}

extension Function {
    /// Whether a hash join takes it as a condition between its sides.
    fileprivate var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isDistinctFrom,
            .isNotDistinctFrom:
            true
        default: false
        }
    }
}

extension Join {
    /// Whether every part of the condition is about the right side alone or compares one side with the other.
    fileprivate var isHashed: Bool {
        let (left, right) = (Set(left.columns.map(\.id)), Set(right.columns.map(\.id)))
        return condition.conjuncts.allSatisfy { term in
            let read = term.references
            if !read.isEmpty && read.isSubset(of: right) { return true }
            guard case .call(let function, let sides) = term.node, function.isComparison, sides.count == 2
            else { return false }
            let (first, second) = (sides[0].references, sides[1].references)
            if first.isEmpty || second.isEmpty { return false }
            return first.isSubset(of: left) && second.isSubset(of: right)
                || first.isSubset(of: right) && second.isSubset(of: left)
        }
    }
}
