extension Explanation.MergeStep {
    /// The operators of a merge plan, lowest first, each with the reason why no site runs it.
    static func steps(_ plan: Plan, _ statistics: [Statistic]) -> [Self] {
        let below = plan.inputs.flatMap { steps($0, statistics) }
        switch plan {
        case .scan(let scan):
            return below + [
                .init(operation: "read \(scan.source.name)", reason: "replicated: about no person")
            ]
        case .values, .fragment: return below
        case .statistic(let scan): return statistics[scan.index].percentiles.map(Self.init)
        case .project(let project) where project.isRenaming: return below
        default:
            return below + [.init(operation: plan.operatorName, reason: plan.reasonAbove)]
        }
    }
}

extension Explanation.MergeStep {
    fileprivate init(_ column: PlanColumn, _ percentile: Percentile) {
        let grid = percentile.grid
        let ends = "from \(Self.number(grid.lower)) to \(Self.number(grid.upper))"
        let kind =
            grid.isWhole
            ? "whole numbers \(ends) in bins of \(Self.number(grid.width))" : "\(grid.bins) \(ends)"
        self.init(
            operation: "percentile_cont(\(percentile.fraction)) \(column.name)",
            reason:
                "read of counts by public bins, \(kind); the receipt says between which the true value lies")
    }

    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? String(value)
    }
}

extension Plan {
    fileprivate var operatorName: String {
        switch self {
        case .scan, .values, .fragment, .statistic: "read"
        case .filter: "filter"
        case .join(let join): "\(join.kind.rawValue) join"
        case .project: "arithmetic"
        case .aggregate: "aggregation"
        case .window: "window"
        case .distinct: "distinct"
        case .sort: "sort"
        case .limit: "limit"
        case .setOperation(let operation): operation.kind.rawValue
        }
    }

    fileprivate var reasonAbove: String {
        switch self {
        case .filter: "it tests totals, which no site has"
        case .limit: "the first rows of one site are not the first rows of all"
        case .sort, .window: "it orders totals, which no site has"
        case .join: "it joins released values"
        default: "it reads no row of a person"
        }
    }

    /// What a site does below the aggregate, in the order in which it does it.
    var pushedSteps: [String] {
        let below = inputs.flatMap(\.pushedSteps)
        switch self {
        case .scan(let scan):
            let read = scan.columns.map(\.name).joined(separator: ", ")
            return ["\(scan.source.name): \(read.isEmpty ? "rows alone" : read)"]
        case .filter: return below + ["filter"]
        case .join(let join): return below + ["\(join.kind.rawValue) join"]
        case .aggregate: return below + ["aggregation per person"]
        case .window: return below + ["window per person"]
        case .distinct: return below + ["distinct per person"]
        case .setOperation(let operation): return below + ["\(operation.kind.rawValue) per person"]
        case .project, .sort, .limit, .values, .fragment, .statistic: return below
        }
    }

    /// How many tables about people the plan reads.
    var peopleTables: Int {
        if case .scan(let scan) = self, case .dataset = scan.source { return 1 }
        return inputs.reduce(0) { $0 + $1.peopleTables }
    }
}
