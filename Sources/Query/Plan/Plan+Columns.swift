extension Plan {
    /// The columns that the node offers to the one above it.
    package var columns: [PlanColumn] {
        switch self {
        case .scan(let scan): scan.columns
        case .filter(let filter): filter.input.columns
        case .join(let join):
            switch join.kind {
            case .semi, .anti: join.left.columns
            case .inner, .left, .full, .cross: join.left.columns + join.right.columns
            }
        case .project(let project): project.columns.map(\.column)
        case .aggregate(let aggregate): aggregate.keys.map(\.column) + aggregate.aggregates.map(\.column)
        case .window(let window):
            window.input.columns + window.columns.map { PlanColumn(id: $0.id, name: $0.name, type: $0.type) }
        case .distinct(let input): input.columns
        case .sort(let sort): sort.input.columns
        case .limit(let limit): limit.input.columns
        case .setOperation(let operation): operation.columns
        case .values(let values): values.columns
        case .fragment(let fragment): fragment.columns
        case .statistic(let scan): scan.columns
        }
    }
}
