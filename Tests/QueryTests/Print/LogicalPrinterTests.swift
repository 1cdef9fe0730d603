import Core
import Testing

@testable import Query

@Suite struct LogicalPrinterTests {
    @Test func expressionsKeepTheirShape() {
        let a = Make.int(1)
        let print = ExpressionPrinter(dialect: .logical, columns: [:])
        let cases: [(Expression, String)] = [
            (Make.call(.subtract, .integer, a, Make.call(.subtract, .integer, a, a)), "1 - (1 - 1)"),
            (Make.call(.subtract, .integer, Make.call(.subtract, .integer, a, a), a), "1 - 1 - 1"),
            (Make.call(.multiply, .integer, Make.call(.add, .integer, a, a), a), "(1 + 1) * 1"),
            (Make.call(.negate, .integer, Make.int(-1)), "-(-1)"),
            (
                Make.call(
                    .and, .boolean, Make.bool(true),
                    Make.call(.or, .boolean, Make.bool(nil), Make.bool(false))),
                "true AND (CAST(NULL AS boolean) OR false)"
            ),
            (Make.call(.not, .boolean, Make.call(.equal, .boolean, a, a)), "NOT (1 = 1)"),
            (Make.call(.like, .boolean, Make.text("a"), Make.text("it's%")), "'a' LIKE 'it''s%'"),
            (Make.interval(months: 14, days: 3), "INTERVAL '14 months 3 days'"),
            (Make.double(1.5), "CAST(1.5 AS double precision)"),
            (
                Expression(.inCodelist(Make.text("x"), codelist: "a b", negated: true), .boolean),
                "'x' NOT IN (SELECT code FROM codelist.\"a b\")"
            ),
        ]
        for (expression, text) in cases { #expect(print(expression).text == text) }
    }

    @Test func namesAreQuotedWhenNeeded() {
        #expect(
            ["sex", "Sex", "order", "a b", "1a", "é"].map(SQLName.quoted) == [
                "sex", "\"Sex\"", "\"order\"", "\"a b\"", "\"1a\"", "\"é\"",
            ])
    }

    @Test func limitsStandOutsideTheirOrder() {
        let scan = PlanExamples.scan("reference", "r", PlanExamples.column(1, "a", .integer))
        let sorted = Plan.sort(
            Sort(input: scan, keys: [SortKey(expression: Make.column(1, .integer), ascending: false)]))
        let top = Plan.limit(Limit(input: sorted, count: 3, offset: 0))
        let filtered = Plan.filter(
            Filter(
                input: top, predicate: Make.call(.greater, .boolean, Make.column(1, .integer), Make.int(2))))
        let query = BoundQuery(plan: filtered, output: filtered.columns)
        #expect(
            LogicalPrinter.print(query) == """
                SELECT t1.a
                FROM (
                  SELECT r.a
                  FROM reference AS r
                  ORDER BY r.a DESC
                  LIMIT 3
                ) AS t1
                WHERE t1.a > 2
                """)
    }
}
