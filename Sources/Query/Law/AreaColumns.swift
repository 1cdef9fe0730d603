import Catalog

/// The columns that hold an area: those that the catalog tags, and reference columns that are joined to them.
///
/// A reference table may call the key of an area anything; once it equals one, it is one.
struct AreaColumns {
    private(set) var ids: Set<ColumnID> = []
    private var ofDatasets: Set<ColumnID> = []
    private var pairs: [(ColumnID, ColumnID)] = []

    init(_ plan: Plan, catalog: Catalog) {
        collect(plan, catalog)
        var grows = true
        while grows {
            let before = ids.count
            for (a, b) in pairs {
                if ids.contains(a), !ofDatasets.contains(b) { ids.insert(b) }
                if ids.contains(b), !ofDatasets.contains(a) { ids.insert(a) }
            }
            grows = ids.count != before
        }
    }

    private mutating func collect(_ plan: Plan, _ catalog: Catalog) {
        switch plan {
        case .scan(let scan): collect(scan, catalog)
        case .filter(let filter): collect(filter.predicate)
        case .join(let join): collect(join.condition)
        case .project(let project): collect(project.columns)
        case .aggregate(let aggregate): collect(aggregate.keys)
        default: break
        }
        for input in plan.inputs { collect(input, catalog) }
    }

    private mutating func collect(_ scan: Scan, _ catalog: Catalog) {
        for column in scan.columns {
            if case .dataset = scan.source { ofDatasets.insert(column.id) }
            guard let described = catalog.column(column.name, of: scan.source) else { continue }
            let isOfDataset = ofDatasets.contains(column.id)
            if Lineage(described, ofDataset: isOfDataset).kind == .area { ids.insert(column.id) }
        }
    }

    private mutating func collect(_ predicate: Expression) {
        for case .call(.equal, let sides) in predicate.conjuncts.map(\.node) where sides.count == 2 {
            if let a = sides[0].withoutCasts.plainColumn, let b = sides[1].withoutCasts.plainColumn {
                pairs.append((a, b))
            }
        }
    }

    private mutating func collect(_ columns: [ComputedColumn]) {
        for column in columns {
            if let origin = column.expression.withoutCasts.plainColumn { pairs.append((column.id, origin)) }
        }
    }
}

extension Catalog {
    /// What the catalog says of a column; nil if there is no such table or column.
    func column(_ name: String, of source: Scan.Source) -> DatasetColumn? {
        switch source {
        case .dataset(let table): datasets[table]?.column(name)
        case .reference(let table): self.table(.reference, table)?.columns.first { $0.name == name }
        case .codelist(let table): self.table(.codelist, table)?.columns.first { $0.name == name }
        }
    }
}
