import Core

/// Prints a relational plan as nested SELECTs in one dialect, in as few of them as its shape allows.
struct PlanPrinter {
    /// Where a plan's leaves are found.
    enum Target {
        /// Dataset names, as people read them.
        case logical
        case site(SitePhysical)
        /// The coordinator's merge database: released fragments, by index.
        case merge((Int) -> String)
    }

    let target: Target
    let dialect: PrintDialect
    private var aliases: Set<String> = []
    private var derived = 0

    init(_ target: Target) {
        self.target = target
        switch target {
        case .logical: dialect = .logical
        case .site(let physical): dialect = .site(physical.dialect)
        case .merge: dialect = .merge
        }
    }

    func printer(_ block: SelectBlock) -> ExpressionPrinter {
        ExpressionPrinter(dialect: dialect, columns: block.columns)
    }

    /// The whole statement for a plan, with its result's columns in order.
    mutating func statement(_ plan: Plan, output: [PlanColumn]) -> String {
        let block = self.block(plan)
        let names = self.names(output)
        if block.offered == output { return block.render(names: names) }
        if block.body != nil || block.isDistinct {
            let items = zip(self.names(block.offered, for: output), names)
            let list = items.map { $0 == $1 ? $0 : "\($0) AS \($1)" }.joined(separator: ", ")
            let inner = SelectBlock.indented("\n" + block.render(names: self.names(block.offered)))
            return "SELECT \(list)\nFROM (\(inner)\n) AS \(nextAlias())"
        }
        var result = block
        let texts = Dictionary(zip(block.offered.map(\.id), block.selected)) { first, _ in first }
        result.select = output.map { texts[$0.id] ?? SQLText("NULL") }
        result.offered = output
        return result.render(names: names)
    }

    mutating func block(_ plan: Plan) -> SelectBlock {
        switch plan {
        case .scan(let scan): self.scan(scan)
        case .filter(let filter): self.filter(filter)
        case .join(let join): self.join(join)
        case .project(let project): self.project(project)
        case .aggregate(let aggregate): self.aggregate(aggregate)
        case .window(let window): self.window(window)
        case .distinct(let input): distinct(input)
        case .sort(let sort): self.sort(sort)
        case .limit(let limit): self.limit(limit)
        case .setOperation(let operation): setOperation(operation)
        case .values(let values): self.values(values)
        case .fragment(let fragment): self.fragment(fragment)
        case .statistic(let scan): statistic(scan)
        }
    }

    // MARK: names

    mutating func nextAlias() -> String {
        repeat { derived += 1 } while !aliases.insert("t\(derived)").inserted
        return "t\(derived)"
    }

    /// An alias that no other table of the statement has.
    mutating func uniqueAlias(_ wanted: String) -> String {
        var alias = wanted
        var number = 1
        while !aliases.insert(alias).inserted {
            number += 1
            alias = "\(wanted)_\(number)"
        }
        return SQLName.quoted(alias)
    }

    /// The names of a select list: people's names made unique, or engine names.
    func names(_ columns: [PlanColumn]) -> [String] {
        guard case .logical = target else { return columns.map { EngineName.column($0.id) } }
        var taken: Set<String> = []
        return columns.map { column in
            var name = column.name
            var number = 1
            while !taken.insert(name).inserted {
                number += 1
                name = "\(column.name)_\(number)"
            }
            return SQLName.quoted(name)
        }
    }

    private func names(_ columns: [PlanColumn], for output: [PlanColumn]) -> [String] {
        let byID = Dictionary(zip(columns.map(\.id), names(columns))) { first, _ in first }
        return output.map { byID[$0.id] ?? "NULL" }
    }

    /// The block as a derived table of a new block.
    mutating func wrapped(_ block: SelectBlock) -> SelectBlock {
        let names = self.names(block.offered)
        let alias = nextAlias()
        let inner = SelectBlock.indented("\n" + block.render(names: names))
        var outer = SelectBlock(source: "(\(inner)\n) AS \(alias)")
        outer.offered = block.offered
        for (column, name) in zip(block.offered, names) {
            outer.columns[column.id] = SQLText("\(alias).\(name)")
        }
        return outer
    }

    mutating func rows(_ plan: Plan) -> SelectBlock {
        let block = self.block(plan)
        return block.isRows ? block : wrapped(block)
    }
}
