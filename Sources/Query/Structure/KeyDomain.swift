import Catalog
import Core

/// The values that a group key may have, where they are public: known to everybody before anything is asked.
enum KeyDomain {
    /// Those that the catalog lists for a column of a dataset; the labels of a CASE; both truth values. nil for what is
    /// open (codes, areas, numbers), and for columns of reference tables, which are public as they are.
    static func values(of key: Expression, in fragment: Fragment, _ catalog: Catalog) -> Set<Value>? {
        if key.type == .boolean { return [.boolean(true), .boolean(false)] }
        switch key.node {
        case .column(let id): return listed(id, fragment.aggregate.input, catalog)
        case .caseWhen(let branches, let otherwise):
            let values = branches.map(\.value) + [otherwise].compactMap(\.self)
            let labels = values.compactMap(\.literal)
            guard labels.count == values.count, key.type == .text else { return nil }
            return Set(labels).subtracting([.null])
        default: return nil
        }
    }

    private static func listed(_ id: ColumnID, _ plan: Plan, _ catalog: Catalog) -> Set<Value>? {
        switch plan {
        case .scan(let scan):
            guard case .dataset(let name) = scan.source,
                let column = scan.columns.first(where: { $0.id == id }),
                let domain = catalog.datasets[name]?.column(column.name)?.domain
            else { return nil }
            return Set(domain.map(Value.text))
        case .project(let project):
            guard let origin = project.definitions[id]?.plainColumn else { return nil }
            return listed(origin, project.input, catalog)
        case .aggregate(let aggregate):
            guard let origin = aggregate.keys.first(where: { $0.id == id })?.expression.plainColumn else {
                return nil
            }
            return listed(origin, aggregate.input, catalog)
        case .setOperation: return nil
        default:
            for input in plan.inputs {
                if let domain = listed(id, input, catalog) { return domain }
            }
            return nil
        }
    }
}
