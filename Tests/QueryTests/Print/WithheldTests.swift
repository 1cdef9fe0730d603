import Core
import Testing

@testable import Query

/// A withheld number is never read as 0, nor as anything else, above the cut.
@Suite struct WithheldTests {
    private static let fragment = PlanExamples.patientsBySex
    private static let leaf = Plan.fragment(
        FragmentScan(index: 0, columns: Plan.aggregate(fragment.aggregate).columns))
    private static let n = Make.column(11, .bigint)
    private static let people = Make.column(12, .bigint)

    private static func merge(_ plan: Plan) -> MergeStatement {
        MergePrinter.print(FederatedPlan(fragments: [fragment], merge: plan, output: plan.columns)) {
            "release_\($0)"
        }
    }

    private static func project(_ values: (String, Expression)...) -> MergeStatement {
        merge(
            .project(
                Project(
                    input: leaf,
                    columns: values.enumerated().map { PlanExamples.key(20 + $0, $1.0, $1.1) })))
    }

    private static func word(_ condition: Expression, _ value: Expression, _ other: Expression) -> Expression
    {
        Expression(
            .caseWhen([CaseBranch(condition: condition, value: value)], otherwise: other), value.type)
    }

    private static let isNull = Make.call(.isNull, .boolean, n)
    private static let few = Make.call(.less, .boolean, n, Make.big(50))

    private static let scalars = project(
        ("sex", Make.column(10, .text)),
        ("coalesce", Make.call(.coalesce, .bigint, n, people, Make.big(0))),
        ("greatest", Make.call(.greatest, .bigint, n, Make.big(0))),
        ("concat", Make.call(.concat, .text, Make.text("n="), Make.cast(n, .text))),
        ("told", word(isNull, Make.text("withheld"), Make.cast(n, .text))),
        ("few", word(few, Make.text("few"), Make.text("many"))),
        ("not few", Make.call(.isNotTrue, .boolean, few)),
        ("asked", isNull),
        ("either", Make.call(.or, .boolean, few, isNull)),
        ("sum", Make.call(.add, .bigint, n, people)))

    private static let aggregates: MergeStatement = {
        let calls: [(String, AggregateCall.Function, Expression?, Expression?)] = [
            ("rows", .count, nil, nil), ("total", .sum, n, nil), ("mean", .avg, n, nil),
            ("known", .count, n, nil), ("least", .min, n, nil), ("most", .max, n, nil),
            ("filled", .sum, Make.call(.coalesce, .bigint, n, Make.big(0)), nil),
            ("women", .sum, n, Make.call(.equal, .boolean, Make.column(10, .text), Make.text("f"))),
            ("small", .count, nil, few),
        ]
        return merge(
            .aggregate(
                Aggregate(
                    input: leaf, keys: [],
                    aggregates: calls.enumerated().map { index, call in
                        PlanExamples.aggregate(
                            30 + index, call.0, call.1, call.2, filter: call.3,
                            call.1 == .count ? .bigint : .numeric)
                    })))
    }()

    /// HAVING over an aggregate of aggregates, by a key that rests on a number.
    private static let having: MergeStatement = {
        let aggregate = Plan.aggregate(
            Aggregate(
                input: leaf, keys: [PlanExamples.key(40, "few", few)],
                aggregates: [PlanExamples.aggregate(41, "total", .sum, n, .numeric)]))
        let filtered = Plan.filter(
            Filter(
                input: aggregate,
                predicate: Make.call(
                    .less, .boolean,
                    Make.call(.coalesce, .numeric, Make.column(41, .numeric), Make.numeric(0)),
                    Make.numeric(1000))))
        return merge(filtered)
    }()

    private static let windows: MergeStatement = {
        let sex = SortKey(expression: Make.column(10, .text))
        let calls: [(String, String, [Expression], [SortKey])] = [
            ("running", "sum", [n], [sex]), ("all", "sum", [n], []), ("before", "lag", [n], [sex]),
            ("place", "rank", [], [SortKey(expression: n)]), ("line", "row_number", [], [sex]),
        ]
        return merge(
            .window(
                Window(
                    input: leaf,
                    columns: calls.enumerated().map { index, call in
                        .init(
                            id: ColumnID(50 + index), name: call.0, function: call.1, arguments: call.2,
                            partition: [], order: call.3, frame: nil, type: call.1 == "sum" ? .numeric : .bigint)
                    })))
    }()

    /// A cell that only one of two releases has.
    private static let absent: MergeStatement = {
        let other = Plan.project(
            Project(
                input: leaf,
                columns: [
                    PlanExamples.key(60, "sex", Make.column(10, .text)), PlanExamples.key(61, "m", people),
                ]))
        let joined = Plan.join(
            Join(
                kind: .left, left: leaf,
                right: .filter(
                    Filter(input: other, predicate: Make.call(.isNotNull, .boolean, Make.column(61, .bigint)))
                ),
                condition: PlanExamples.equal(60, 10)))
        let filled = Make.call(.coalesce, .bigint, Make.column(61, .bigint), Make.big(0))
        return merge(
            .project(
                Project(
                    input: joined,
                    columns: [
                        PlanExamples.key(62, "sex", Make.column(10, .text)),
                        PlanExamples.key(63, "m", filled),
                    ])))
    }()

    @Test func statements() throws {
        let all = [
            ("scalars", Self.scalars), ("aggregates", Self.aggregates), ("having", Self.having),
            ("windows", Self.windows), ("absent", Self.absent),
        ]
        let text = all.map { name, statement in
            let places = statement.flagColumns.map { $0.map(String.init) ?? "-" }.joined(separator: " ")
            return "# \(name), flags at \(places)\n\(statement.sql);\n\n"
        }.joined()
        try expectGolden(text, "withheld.sql")
    }

    @Test func questionsAboutAbsenceAreAnswered() {
        let flags = zip(Self.scalars.output, Self.scalars.flagColumns).filter { $1 == nil }.map(\.0.name)
        #expect(flags == ["sex", "asked"])
    }

    @Test func rowsAreCountedAsTheyAre() {
        let flags = zip(Self.aggregates.output, Self.aggregates.flagColumns).filter { $1 == nil }
        #expect(flags.map(\.0.name) == ["rows"])
    }

    @Test func ranksByWithheldNumbersAreWithheld() {
        let flags = zip(Self.windows.output, Self.windows.flagColumns).filter { $1 == nil }.map(\.0.name)
        #expect(flags == ["sex", "line"])
    }

    /// Conditions are repeated in flags: nested ones must not double the statement at every level.
    @Test func nestingDoesNotMultiplyTheStatement() {
        var value = Self.n
        for _ in 0..<30 { value = Make.call(.coalesce, .bigint, value, Make.big(1)) }
        #expect(Self.project(("deep", value)).sql.utf8.count < 10_000)
    }
}
