internal import Catalog
internal import Core
internal import Query

/// The columns, tables and codelists that a fragment reads, taken from its bound plan.
struct UsedNames: Sendable {
    /// `dataset.column`.
    private(set) var columns: Set<String> = []
    /// Also those of which no column is read.
    private(set) var datasets: Set<String> = []
    /// `reference.NAME@VERSION`, `codelist.NAME@VERSION` and `terminology.NAME@VERSION`.
    private(set) var tables: Set<String> = []

    /// `codelist.NAME`: what policies say of a list, they say of all its versions.
    var codelists: Set<String> {
        Set(tables.filter { $0.hasPrefix("codelist.") }.map(ReferenceTable.bareName))
    }

    init(_ fragments: [Fragment]) {
        for fragment in fragments { visit(.aggregate(fragment.aggregate)) }
    }

    private mutating func visit(_ plan: Plan) {
        if case .scan(let scan) = plan {
            switch scan.source {
            case .dataset(let name):
                datasets.insert(name)
                columns.formUnion(scan.columns.map { "\(name).\($0.name)" })
            case .reference(let name): tables.insert("reference.\(name)")
            case .codelist(let name): tables.insert("codelist.\(name)")
            }
        }
        for expression in plan.expressions { visit(expression) }
        for input in plan.inputs { visit(input) }
    }

    private mutating func visit(_ expression: Expression) {
        if case .inCodelist(_, let codes, _) = expression.node { tables.insert(codes.table) }
        for child in expression.children { visit(child) }
    }
}
