import Catalog
import Core
import Testing

@testable import Query

/// Every rule keeps plans whole: on statements that people write, and on plans made up by seed.
@Suite struct RewriterTests {
    @Test("rules keep written statements whole", arguments: LawTests.legal)
    func written(_ sql: String) throws {
        let bound = try Planning.bind(sql).plan
        let rewritten = try Rewriter().rewrite(bound)
        #expect(Set(rewritten.columns) == Set(bound.columns))
        #expect(try Rewriter().rewrite(rewritten) == rewritten)
    }

    @Test("rules keep made-up plans whole", arguments: 0..<200)
    func madeUp(_ seed: Int) throws {
        var maker = PlanMaker(seed: UInt64(seed))
        let plan = maker.aggregate()
        try PlanVerifier.verify(plan)
        for rule in Rewriter.fragmentRules {
            let next = rule.apply(plan)
            #expect(throws: Never.self, "seed \(seed), rule \(rule.name)") { try PlanVerifier.verify(next) }
            #expect(Set(next.columns) == Set(plan.columns), "seed \(seed), rule \(rule.name)")
        }
        _ = try Rewriter().rewrite(plan)
    }

    @Test("a derived table becomes flat")
    func flat() throws {
        let nested = try Planning.plan(
            """
            SELECT s, count(*) FROM (SELECT x.sex AS s, c.code AS k FROM
              (SELECT * FROM patient WHERE sex <> 'unknown') x JOIN condition c USING (person)) y
            WHERE k = '44054006' GROUP BY s
            """)
        let written = try Planning.plan(
            """
            SELECT p.sex AS s, count(*) FROM patient p JOIN condition c USING (person)
            WHERE p.sex <> 'unknown' AND c.code = '44054006' GROUP BY p.sex
            """)
        #expect(nested.fragments[0].aggregate.renumbered() == written.fragments[0].aggregate.renumbered())
    }

    @Test("the verifier finds a column from nowhere")
    func broken() throws {
        let scan = Plan.scan(Scan(source: .dataset("patient"), alias: "p", columns: []))
        let plan = Plan.filter(
            Filter(input: scan, predicate: Expression(.column(ColumnID(9)), .boolean)))
        let fault = #expect(throws: SQLFault.self) { try PlanVerifier.verify(plan) }
        #expect(fault?.message == "the plan does not hang together: a column is not offered below")
    }
}

/// Plans by seed: joins, projections and filters over scans of integers, below one aggregate.
private struct PlanMaker {
    private var state: UInt64
    private var next = 0

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    private mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }

    private mutating func id() -> ColumnID {
        next += 1
        return ColumnID(next)
    }

    mutating func aggregate() -> Plan {
        let input = plan(depth: 5)
        let key = ComputedColumn(id: id(), name: "key", expression: number(input, depth: 2))
        let sum = AggregateColumn(
            id: id(), name: "sum", call: AggregateCall(.sum, argument: number(input, depth: 2), type: .bigint)
        )
        return .aggregate(Aggregate(input: input, keys: [key], aggregates: [sum]))
    }

    private mutating func plan(depth: Int) -> Plan {
        guard depth > 0 else {
            let columns = (0...below(3)).map { PlanColumn(id: id(), name: "c\($0)", type: .integer) }
            return .scan(Scan(source: .dataset("patient"), alias: "t\(next)", columns: columns))
        }
        let input = plan(depth: depth - 1)
        switch below(6) {
        case 0, 1: return .filter(Filter(input: input, predicate: condition(input)))
        case 2:
            let columns = (0...below(3)).map { place in
                ComputedColumn(id: id(), name: "p\(place)", expression: number(input, depth: 1))
            }
            return .project(Project(input: input, columns: columns))
        case 3: return .sort(Sort(input: input, keys: [SortKey(expression: number(input, depth: 0))]))
        default: return join(input, plan(depth: below(depth)))
        }
    }

    private mutating func join(_ left: Plan, _ right: Plan) -> Plan {
        let kinds: [Join.Kind] = [.inner, .left, .semi, .anti, .cross]
        let kind = kinds[below(kinds.count)]
        let l = number(left, depth: 1)
        let r = number(right, depth: 1)
        let condition = Expression(.call(.equal, [l, r]), .boolean)
        let joined = Plan.join(
            Join(
                kind: kind, left: left, right: right,
                condition: kind == .cross ? Expression(.literal(.boolean(true)), .boolean) : condition))
        return kind == .cross ? .filter(Filter(input: joined, predicate: condition)) : joined
    }

    private mutating func condition(_ plan: Plan) -> Expression {
        Expression(.call(.less, [number(plan, depth: 1), number(plan, depth: 1)]), .boolean)
    }

    private mutating func number(_ plan: Plan, depth: Int) -> Expression {
        if depth == 0 || below(3) == 0 {
            let column = plan.columns[below(plan.columns.count)]
            return Expression(.column(column.id), .integer)
        }
        return Expression(.call(.add, [number(plan, depth: depth - 1), number(plan, depth: 0)]), .integer)
    }
}
