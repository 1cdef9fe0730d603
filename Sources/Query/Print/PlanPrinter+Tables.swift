import Core

extension PlanPrinter {
    mutating func scan(_ scan: Scan) -> SelectBlock {
        let table: String
        var alias: String
        switch (scan.source, target) {
        case (.dataset(let name), .site(let physical)):
            table = "\(SQLName.quoted(physical.schema)).\(SQLName.quoted(name))"
        case (.dataset(let name), _): table = SQLName.quoted(name)
        case (.reference(let name), _): table = "reference.\(SQLName.quoted(name))"
        case (.codelist(let name), _): table = "codelist.\(SQLName.quoted(name))"
        }
        alias = uniqueAlias(scan.alias)
        var block = SelectBlock(source: alias == table ? table : "\(table) AS \(alias)")
        block.offered = scan.columns
        for column in scan.columns {
            block.columns[column.id] = SQLText("\(alias).\(SQLName.quoted(column.name))")
            guard case .site(let physical) = target, case .dataset = scan.source else { continue }
            if column.name == "person" { block.columns[column.id] = SQLText("\(alias).person_id") }
            if column.name == "site" {
                let type = physical.dialect == .duckdb ? "varchar" : "text"
                block.columns[column.id] = SQLText(
                    "CAST(\(SQLQuoting.literal(physical.site.text)) AS \(type))")
                block.hasConstants = true
            }
        }
        return block
    }

    mutating func fragment(_ fragment: FragmentScan) -> SelectBlock {
        let alias = uniqueAlias("f\(fragment.index)")
        var name = "f\(fragment.index)"
        if case .merge(let tables) = target { name = tables(fragment.index) }
        var block = SelectBlock(source: alias == name ? name : "\(name) AS \(alias)")
        block.offered = fragment.columns
        for column in fragment.columns {
            block.columns[column.id] = SQLText("\(alias).\(EngineName.column(column.id))")
        }
        return block
    }

    mutating func values(_ values: Values) -> SelectBlock {
        let printer = ExpressionPrinter(dialect: dialect, columns: [:])
        if values.columns.isEmpty && values.rows.count == 1 { return SelectBlock(source: nil) }
        let alias = nextAlias()
        let names = self.names(values.columns)
        let rows = values.rows.map { "(\($0.map { printer($0).text }.joined(separator: ", ")))" }
        var block = SelectBlock(
            source: "(VALUES \(rows.joined(separator: ", "))) AS \(alias)(\(names.joined(separator: ", ")))")
        block.offered = values.columns
        for (column, name) in zip(values.columns, names) {
            block.columns[column.id] = SQLText("\(alias).\(name)")
        }
        return block
    }

    mutating func join(_ join: Join) -> SelectBlock {
        var left = rows(join.left)
        var right = rows(join.right)
        if left.source == nil { left = wrapped(left) }
        if right.source == nil { right = wrapped(right) }
        switch join.kind {
        case .semi, .anti: return half(join, left, right)
        case .inner, .cross: return inner(join, left, right)
        case .left:
            if right.hasConstants { right = wrapped(right) }
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
        block.conditions.append(join.kind == .semi ? SQLText(text) : SQLText("NOT \(text)", .not))
        return block
    }

    /// The parts of a conjunction.
    func conjuncts(_ predicate: Expression, _ printer: ExpressionPrinter) -> [SQLText] {
        predicate.conjuncts.map { printer($0) }
    }
}
