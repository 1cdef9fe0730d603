extension Plan {
    /// One row whatever the data: VALUES or an aggregate without keys, and what is computed of it.
    var isOneRow: Bool {
        switch self {
        case .values(let values): values.rows.count == 1
        case .aggregate(let aggregate): aggregate.keys.isEmpty
        case .project, .window, .sort, .distinct: inputs[0].isOneRow
        case .join(let join): join.kind == .cross && join.left.isOneRow && join.right.isOneRow
        default: false
        }
    }

    /// One row or none, whatever the data.
    var isOneRowAtMost: Bool {
        switch self {
        case .limit(let limit): limit.count.map { $0 <= 1 } ?? false || limit.input.isOneRowAtMost
        case .filter, .project, .window, .sort, .distinct: inputs[0].isOneRowAtMost
        default: isOneRow
        }
    }
}
