/// The rows of a partition that a window function reads (PostgreSQL 15, "Window Function Calls").
package struct WindowFrame: Hashable, Sendable {
    package enum Mode: String, Hashable, Sendable {
        case rows = "ROWS"
        case range = "RANGE"
        case groups = "GROUPS"
    }

    package enum Bound: Hashable, Sendable {
        case unboundedPreceding
        case preceding(Int)
        case currentRow
        case following(Int)
        case unboundedFollowing
    }

    package let mode: Mode
    package let start: Bound
    package let end: Bound

    package init(mode: Mode, start: Bound, end: Bound) {
        self.mode = mode
        self.start = start
        self.end = end
    }

    /// As it stands in a statement, for both engines alike.
    var sql: String { "\(mode.rawValue) BETWEEN \(start.sql) AND \(end.sql)" }
}

extension WindowFrame.Bound {
    fileprivate var sql: String {
        switch self {
        case .unboundedPreceding: "UNBOUNDED PRECEDING"
        case .preceding(let rows): "\(rows) PRECEDING"
        case .currentRow: "CURRENT ROW"
        case .following(let rows): "\(rows) FOLLOWING"
        case .unboundedFollowing: "UNBOUNDED FOLLOWING"
        }
    }
}
