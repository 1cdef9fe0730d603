package import Catalog
package import Core

/// Cuts a bound statement into what sites are asked and what is done with their releases.
///
/// The exchange goes at the lowest aggregate over rows of people whose keys contain no person. There is no
/// fallback to shipping rows: a statement without a legal cut is refused, by its shape alone.
package struct FederatedPlanner: Sendable {
    package let catalog: Catalog
    /// Days since 1970-01-01, as `now()` was folded.
    package let today: Int

    package init(catalog: Catalog, today: Int) {
        self.catalog = catalog
        self.today = today
    }

    /// Throws 42501 or 0A000 naming the operator and what to write instead; 54001 for what nests too deeply.
    package func plan(_ query: BoundQuery) throws(SQLFault) -> FederatedPlan {
        try PlanVerifier.verify(query)
        let required = Set(query.output.map(\.id))
        let pruned = try Rewriter([PruneColumns(required: required)]).rewrite(query.plan)
        var cutter = Cutter(catalog: catalog, today: today)
        guard try cutter.locality(of: pruned) != .site else { throw Cutter.rows(at: pruned.position) }
        let (merge, _) = try cutter.cut(pruned)
        let final = BoundQuery(plan: merge, output: query.output)
        try PlanVerifier.verify(final)
        return FederatedPlan(
            fragments: cutter.fragments, statistics: cutter.statistics, merge: final.plan,
            output: final.output)
    }
}

/// Walks a plan bottom-up and replaces every aggregate at the cut by its fragment.
struct Cutter {
    let catalog: Catalog
    let today: Int
    private(set) var fragments: [Fragment] = []
    private(set) var statistics: [Statistic] = []
    private var known: [Aggregate: Int] = [:]

    init(catalog: Catalog, today: Int) {
        self.catalog = catalog
        self.today = today
    }

    mutating func cut(_ plan: Plan) throws(SQLFault) -> (Plan, Locality) {
        switch plan {
        case .scan(let scan):
            if case .dataset = scan.source { return (plan, .site) }
            return (plan, .reference)
        case .values: return (plan, .reference)
        case .fragment, .statistic: return (plan, .merged)
        case .aggregate(let aggregate): return try cut(aggregate)
        default: break
        }
        var locality = Locality.reference
        let result = try plan.mapInputs { (input) throws(SQLFault) in
            let (next, place) = try cut(input)
            guard let both = locality.joined(with: place) else { throw mixed(plan) }
            locality = both
            return next
        }
        return (result, locality)
    }

    private mutating func cut(_ aggregate: Aggregate) throws(SQLFault) -> (Plan, Locality) {
        let (input, locality) = try cut(aggregate.input)
        let rebuilt = Aggregate(input: input, keys: aggregate.keys, aggregates: aggregate.aggregates)
        guard locality == .site else { return (.aggregate(rebuilt), locality) }
        guard !isPerPerson(rebuilt) else { return (.aggregate(rebuilt), .site) }
        guard !aggregate.aggregates.isEmpty else {
            throw Self.countPeople(
                "GROUP BY without an aggregate releases nothing",
                at: aggregate.keys.first?.expression.position)
        }
        guard !rebuilt.aggregates.contains(where: { $0.call.function == .percentileCont }) else {
            return (try percentiles(rebuilt), .merged)
        }
        return (try fragment(rebuilt), .merged)
    }

    /// The leaf of the merge plan for a fragment; one that was asked already is asked once.
    private mutating func fragment(_ aggregate: Aggregate) throws(SQLFault) -> Plan {
        let columns = Plan.aggregate(aggregate).columns
        let count = fragments.count
        let index = try index(of: aggregate)
        return index < count
            ? Self.again(index, fragments[index].aggregate, as: columns)
            : .fragment(FragmentScan(index: index, columns: columns))
    }

    /// The fragment that an aggregate over people is: a new one, or the same that was asked before.
    mutating func index(of aggregate: Aggregate) throws(SQLFault) -> Int {
        let rewritten = try Rewriter().rewrite(aggregate)
        let identity = rewritten.renumbered()
        if let index = known[identity] { return index }
        let fragment = try Fragment.checked(rewritten, catalog: catalog, today: today)
        known[identity] = fragments.count
        fragments.append(fragment)
        return fragments.count - 1
    }

    /// The leaf of the merge plan for a statistic.
    mutating func take(_ statistic: Statistic) -> Plan {
        statistics.append(statistic)
        let keys = statistic.sources.count { if case .key = $0 { true } else { false } }
        return .statistic(
            StatisticScan(index: statistics.count - 1, keys: keys, columns: statistic.columns))
    }

    private static func again(_ index: Int, _ first: Aggregate, as columns: [PlanColumn]) -> Plan {
        let offered = Plan.aggregate(first).columns
        return .project(
            Project(
                input: .fragment(FragmentScan(index: index, columns: offered)),
                columns: zip(columns, offered).map { column, origin in
                    ComputedColumn(
                        id: column.id, name: column.name,
                        expression: Expression(.column(origin.id), origin.type))
                }))
    }
}

extension Cutter {
    /// Where the plan's rows are, before anything is cut; throws for a mixture, and for DISTINCT over people.
    func locality(of plan: Plan) throws(SQLFault) -> Locality {
        var locality = Locality.reference
        for input in plan.inputs {
            guard let both = locality.joined(with: try self.locality(of: input)) else { throw mixed(plan) }
            locality = both
        }
        switch plan {
        case .scan(let scan):
            if case .dataset = scan.source { return .site }
            return .reference
        case .fragment, .statistic: return .merged
        case .aggregate(let aggregate):
            return locality == .site && !isPerPerson(aggregate) ? .merged : locality
        case .distinct(let input) where locality == .site:
            guard input.personColumns(catalog).isDisjoint(with: input.offered) else { return .site }
            throw Self.countPeople("SELECT DISTINCT lists values of people", at: plan.position)
        default: return locality
        }
    }

    private func isPerPerson(_ aggregate: Aggregate) -> Bool {
        let people = aggregate.input.personColumns(catalog)
        return aggregate.keys.contains { $0.expression.plainColumn.map(people.contains) ?? false }
    }

    static func rows(at position: Int?) -> SQLFault {
        SQLFault(
            .insufficientPrivilege, "the statement would return one row a person",
            hint: "Ask for sums over groups of people: count(DISTINCT person), count(*), sum(x) or avg(x), "
                + "with GROUP BY.", position: position)
    }

    private static func countPeople(_ message: String, at position: Int?) -> SQLFault {
        SQLFault(
            .insufficientPrivilege, message,
            hint: "Write GROUP BY the columns with count(DISTINCT person).", position: position)
    }

    private func mixed(_ plan: Plan) -> SQLFault {
        var position: Int?
        if case .join(let join) = plan { position = join.position }
        return .overPeople(at: position ?? plan.inputs.last?.position)
    }
}

extension Fragment {
    /// A fragment that keeps the law, with its logical SQL and the shapes of its states.
    static func checked(
        _ aggregate: Aggregate, sql: String? = nil, catalog: Catalog, today: Int
    ) throws(SQLFault) -> Fragment {
        try Law.check(aggregate, catalog: catalog, today: today)
        return Fragment(
            aggregate: aggregate, sql: sql ?? LogicalPrinter.print(aggregate),
            shapes: try ShapeDerivation.shapes(of: aggregate, catalog: catalog))
    }
}
