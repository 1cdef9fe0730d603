internal import Core

/// Binds one SELECT, from FROM to ORDER BY, in the order in which SQL gives its clauses meaning.
///
/// Expressions are first bound over the columns of FROM; aggregates, window functions and sub-queries among
/// them become columns of their own. Once all clauses are known, `assemble` stacks the operators and
/// rewrites what stands above GROUP BY in terms of its keys.
final class SelectBinder {
    /// A sub-query that an expression needs beside its input: joined to it, one row at most for each of its
    /// rows.
    struct Attachment {
        let kind: Join.Kind
        let right: Plan
        let condition: Expression
        let position: Int?
    }

    struct Target {
        var expression: Expression
        let name: String
    }

    struct Key {
        let id: ColumnID
        let expression: Expression
        let name: String
    }

    let session: BindSession
    let environment: Environment
    let outer: Scope?
    /// The queries around `outer`, whose columns are named in messages only.
    var farther: [Scope] = []

    var scope = Scope()
    /// Without FROM: one row without columns.
    var plan = Plan.values(Values(rows: [[]], columns: []))
    var clause = Clause.filter
    /// Whether the expression that is being bound named a column of the query around.
    var usedOuter = false
    /// Conditions of WHERE that name columns of the query around.
    var correlation: [Expression] = []
    /// Sub-queries needed below GROUP BY, and above it.
    var below: [Attachment] = []
    var above: [Attachment] = []
    var keys: [Key] = []
    var aggregates: [AggregateColumn] = []
    var windows: [Window.Column] = []
    var windowSyntax: [String: WindowSyntax] = [:]
    var targets: [Target] = []
    /// The places in `targets` of untyped literals.
    var untyped: Set<Int> = []
    var having: Expression?
    var order: [SortKey] = []
    /// What DISTINCT ON keeps one row of each of.
    var distinctOn: [Expression] = []
    var isAggregated = false
    /// Whether a LIMIT 1 of a correlated sub-query keeps the first row of each value that it is correlated by.
    var takesFirst = false
    /// The sets of places in `keys` that GROUPING SETS, ROLLUP and CUBE come to; nil for plain keys.
    var sets: [[Int]]?
    /// Calls of grouping(), each with the keys it names.
    var groupings: [(id: ColumnID, arguments: [Expression])] = []

    init(session: BindSession, environment: Environment, outer: Scope?) {
        self.session = session
        self.environment = environment
        self.outer = outer
    }

    /// Binds all clauses; afterwards `plan` is everything below the projection, and `targets` and `order` are
    /// expressions over it.
    func bind(_ select: SelectSyntax, order syntax: [OrderSyntax]) throws(SQLFault) {
        windowSyntax = select.windows
        try bindFrom(select.from)
        if let filter = select.filter { try bindFilter(filter) }
        let targetSyntax = try expandStars(select.targets)
        let grouped = try bindGroups(select.groups, select.groupSets, targetSyntax)
        try bindTargets(targetSyntax, grouped)
        if let condition = select.having {
            clause = .having
            having = try boolean(condition, "HAVING")
        }
        try bindOrder(syntax, targetSyntax, isDistinct: select.isDistinct)
        try bindDistinctOn(select.distinctOn)
        isAggregated = !select.groups.isEmpty || sets != nil || !aggregates.isEmpty || having != nil
        if !isAggregated, let stray = groupings.first { _ = try keyPlaces(stray.arguments) }
        try assemble()
    }

    /// The rows that the SELECT gives: its targets, distinct or not, in order.
    func projected(isDistinct: Bool) throws(SQLFault) -> BoundRelation {
        var output: [PlanColumn] = []
        let columns = targets.compactMap { target -> ColumnID? in
            if case .column(let id) = target.expression.node { id } else { nil }
        }
        if columns.count == targets.count, !isDistinct || columns == plan.columns.map(\.id) {
            output = zip(targets, columns).map {
                PlanColumn(id: $1, name: $0.name, type: $0.expression.type)
            }
            if isDistinct { plan = .distinct(plan) }
        } else {
            output = try project(isDistinct: isDistinct)
        }
        if !order.isEmpty { plan = .sort(Sort(input: plan, keys: order)) }
        return BoundRelation(plan: plan, output: output, untyped: untyped)
    }

    /// Adds the projection, with columns that only ORDER BY needs after those of the result.
    private func project(isDistinct: Bool) throws(SQLFault) -> [PlanColumn] {
        var columns = targets.map { session.computed($0.name, $0.expression) }
        let output = columns.map(\.column)
        var known: [Expression: PlanColumn] = [:]
        for (target, column) in zip(targets, output) where known[target.expression] == nil {
            known[target.expression] = column
        }
        var sortKeys: [SortKey] = []
        for key in order {
            if known[key.expression] == nil {
                guard !isDistinct else {
                    throw SQLFault(
                        SQLState(rawValue: "42P10"),
                        "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                        position: key.expression.position)
                }
                columns.append(session.computed("order\(columns.count - output.count + 1)", key.expression))
                known[key.expression] = columns[columns.count - 1].column
            }
            guard let column = known[key.expression] else { continue }
            sortKeys.append(
                SortKey(expression: .column(column), ascending: key.ascending, nullsFirst: key.nullsFirst))
        }
        order = sortKeys
        plan = .project(Project(input: plan, columns: columns))
        if isDistinct { plan = .distinct(plan) }
        return output
    }

    /// Stacks attachments, GROUP BY, HAVING and window functions onto `plan`.
    private func assemble() throws(SQLFault) {
        attach(below)
        if isAggregated { try aggregate() }
        try partitionByCorrelation()
        attach(above)
        if let having { plan = .filter(Filter(input: plan, predicate: having)) }
        if !windows.isEmpty { plan = .window(Window(input: plan, columns: windows)) }
        if !distinctOn.isEmpty || takesFirst && !correlation.isEmpty { keepFirst() }
    }

    func attach(_ attachments: [Attachment]) {
        for attachment in attachments {
            plan = .join(
                Join(
                    kind: attachment.kind, left: plan, right: attachment.right,
                    condition: attachment.condition, position: attachment.position))
        }
    }

    static func noSuchPlace(_ place: Int64, _ clause: String, _ position: Int?) -> SQLFault {
        SQLFault(
            SQLState(rawValue: "42P10"), "\(clause) position \(place) is not in select list",
            position: position)
    }
}

/// What may stand in a clause.
struct Clause {
    enum Attaching { case never, below, above }

    let name: String
    var allowsAggregates = false
    var allowsWindows = false
    var allowsOuter = false
    /// Where the sub-queries of its expressions are joined.
    var attaching = Attaching.never

    static let filter = Clause(name: "WHERE", allowsOuter: true, attaching: .below)
    static let join = Clause(name: "JOIN conditions")
    static let groups = Clause(name: "GROUP BY", attaching: .below)
    static let targets = Clause(
        name: "SELECT", allowsAggregates: true, allowsWindows: true, attaching: .above)
    static let having = Clause(name: "HAVING", allowsAggregates: true, attaching: .above)
    static let order = Clause(
        name: "ORDER BY", allowsAggregates: true, allowsWindows: true, attaching: .above)
    static let values = Clause(name: "VALUES")
    static let aggregateArgument = Clause(name: "an aggregate's arguments", attaching: .below)
    static let window = Clause(name: "window functions", allowsAggregates: true)
}
