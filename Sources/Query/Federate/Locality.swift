import Catalog
import Core

/// Where the rows of a plan node are, and with that what class its edge has (planner.md, "Cut rule").
enum Locality: Hashable, Sendable {
    /// Replicated everywhere and about no person.
    case reference
    /// Rows of people at a site: class Row.
    case site
    /// Released values at the coordinator: class Released.
    case merged

    /// Of an operator over two inputs; nil where no engine may see both: released values below the cut, or
    /// rows of people above it.
    func joined(with other: Locality) -> Locality? {
        switch (self, other) {
        case (.reference, let one), (let one, .reference): one
        case (.site, .site): .site
        case (.merged, .merged): .merged
        case (.site, .merged), (.merged, .site): nil
        }
    }
}

extension Plan {
    /// The columns that hold a person: rows of class Row even under GROUP BY.
    func personColumns(_ catalog: Catalog) -> Set<ColumnID> {
        let below = inputs.reduce(into: Set<ColumnID>()) { $0.formUnion($1.personColumns(catalog)) }
        switch self {
        case .scan(let scan):
            return Set(
                scan.columns.filter { catalog.column($0.name, of: scan.source)?.isPerson ?? false }.map(\.id))
        case .project(let project): return Self.passed(project.columns, below)
        case .aggregate(let aggregate): return Self.passed(aggregate.keys, below)
        case .setOperation(let operation):
            return Set(
                zip(operation.columns, zip(operation.left.columns, operation.right.columns))
                    .filter { below.contains($0.1.0.id) || below.contains($0.1.1.id) }.map(\.0.id))
        default: return below.intersection(offered)
        }
    }

    private static func passed(_ columns: [ComputedColumn], _ below: Set<ColumnID>) -> Set<ColumnID> {
        Set(columns.filter { $0.expression.plainColumn.map(below.contains) ?? false }.map(\.id))
    }
}
