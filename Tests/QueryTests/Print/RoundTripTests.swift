import Core
import Testing

@testable import Query

/// Over every statement that the binder's own cases accept: what is printed binds, to a plan that prints the
/// same; and a fragment, whose identity matters, comes back whole.
@Suite struct RoundTripTests {
    static var statements: [String] {
        get throws {
            try PlanCases.files().flatMap { try PlanCases.read($0) }.map(\.sql)
        }
    }

    static func bind(_ sql: String) throws(SQLFault) -> BoundQuery {
        switch try PlanCases.binder.bind(sql) {
        case .select(let query), .explain(let query, _): query
        }
    }

    @Test func printedStatementsBind() throws {
        var bound = 0
        for sql in try Self.statements {
            guard let query = try? Self.bind(sql) else { continue }
            let printed = LogicalPrinter.print(query)
            do {
                let again = try Self.bind(printed)
                bound += 1
                let second = LogicalPrinter.print(again)
                #expect(second == printed, "\(sql)")
            } catch {
                Issue.record("\(error.message): \(sql)\n-> \(printed)")
            }
        }
        #expect(bound > 100)
    }

    /// A site that re-plans a fragment's SQL comes to the same fragment.
    @Test func printedFragmentsReplan() throws {
        var planned = 0
        for sql in try Self.statements {
            guard let query = try? Self.bind(sql), let plan = try? Planning.planner.plan(query) else {
                continue
            }
            for fragment in plan.fragments {
                do {
                    let again = try SiteReplan.fragment(
                        sql: fragment.sql, catalog: TestCatalog.catalog, now: TestCatalog.now)
                    planned += 1
                    #expect(
                        again.aggregate.renumbered() == fragment.aggregate.renumbered(),
                        "\(sql)\n-> \(fragment.sql)")
                    #expect(again.shapes == fragment.shapes, "\(sql)")
                } catch {
                    Issue.record("\(error.message): \(sql)\n-> \(fragment.sql)")
                }
            }
        }
        #expect(planned > 20)
    }
}
