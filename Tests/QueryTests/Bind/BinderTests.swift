import Core
import Query
import Testing

@Suite struct BinderTests {
    @Test(arguments: try PlanCases.files())
    func plansAreAsRecorded(file: String) throws {
        let cases = try PlanCases.read(file)
        let outcomes = cases.map { PlanCases.Case(sql: $0.sql, expected: PlanCases.outcome($0.sql)) }
        if PlanCases.isRecording {
            try PlanCases.write(outcomes, to: file)
            return
        }
        for (expected, outcome) in zip(cases, outcomes) {
            #expect(outcome.expected == expected.expected, "\(file): \(expected.sql)")
        }
    }

    @Test(arguments: try PlanCases.files())
    func plansAreWhole(file: String) throws {
        for sql in try PlanCases.read(file).map(\.sql) {
            guard case .select(let query) = try? PlanCases.binder.bind(sql) else { continue }
            #expect(PlanValidity.faults(query) == [], "\(sql)")
            #expect(query.renumbered() == query, "\(sql)")
            #expect(query.plan.renumbered() == query.plan, "\(sql)")
        }
    }
}
