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

    mutating func statistic(_ scan: StatisticScan) -> SelectBlock {
        let name = EngineName.statistic(scan.index)
        let alias = uniqueAlias("s\(scan.index)")
        var block = SelectBlock(source: "\(name) AS \(alias)")
        block.offered = scan.columns
        for column in scan.columns {
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
}
