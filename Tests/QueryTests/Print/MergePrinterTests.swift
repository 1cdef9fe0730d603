import Core
import Testing

@testable import Query

@Suite struct MergePrinterTests {
    private static let fragment = PlanExamples.patientsBySex
    private static let leaf = Plan.fragment(
        FragmentScan(index: 0, columns: Plan.aggregate(fragment.aggregate).columns))

    private static func merge(_ plan: Plan, _ output: PlanColumn...) -> MergeStatement {
        MergePrinter.print(FederatedPlan(fragments: [fragment], merge: plan, output: output)) {
            "release_\($0)"
        }
    }

    private static let n = PlanExamples.column(11, "n", .bigint)
    private static let people = PlanExamples.column(12, "people", .bigint)
    private static let sex = PlanExamples.column(10, "sex", .text)

    /// HAVING, arithmetic, ORDER BY and LIMIT over one fragment.
    private static let ratio: MergeStatement = {
        let having = Plan.filter(
            Filter(
                input: leaf, predicate: Make.call(.greater, .boolean, Make.column(11, .bigint), Make.big(10)))
        )
        let project = Plan.project(
            Project(
                input: having,
                columns: [
                    PlanExamples.key(20, "sex", Make.column(10, .text)),
                    PlanExamples.key(
                        21, "rows each",
                        Make.call(
                            .divide, .double, Make.cast(Make.column(11, .bigint), .double),
                            Make.cast(Make.column(12, .bigint), .double))),
                ]))
        let sorted = Plan.sort(
            Sort(input: project, keys: [SortKey(expression: Make.column(21, .double), ascending: false)]))
        return merge(
            .limit(Limit(input: sorted, count: 5, offset: 1)), PlanExamples.column(20, "sex", .text),
            PlanExamples.column(21, "rows each", .double), PlanExamples.column(20, "again", .text))
    }()

    private static let total: MergeStatement = {
        let aggregate = Plan.aggregate(
            Aggregate(
                input: leaf, keys: [],
                aggregates: [PlanExamples.aggregate(30, "total", .sum, Make.column(11, .bigint), .numeric)]))
        return merge(aggregate, PlanExamples.column(30, "total", .numeric))
    }()

    private static let ranked = merge(
        .window(
            Window(
                input: leaf,
                columns: [
                    .init(
                        id: ColumnID(40), name: "rank", function: "rank", arguments: [], partition: [],
                        order: [SortKey(expression: Make.column(11, .bigint))], frame: nil, type: .bigint),
                    .init(
                        id: ColumnID(41), name: "running", function: "sum",
                        arguments: [Make.column(11, .bigint)],
                        partition: [], order: [SortKey(expression: Make.column(10, .text))], frame: nil,
                        type: .numeric),
                ])),
        sex, PlanExamples.column(40, "rank", .bigint), PlanExamples.column(41, "running", .numeric))

    private static func pair(_ first: Int, _ value: Int) -> Plan {
        .project(
            Project(
                input: leaf,
                columns: [
                    PlanExamples.key(first, "sex", Make.column(10, .text)),
                    PlanExamples.key(first + 1, "n", Make.column(value, .bigint)),
                ]))
    }

    private static func combined(_ kind: SetOperation.Kind, all: Bool) -> MergeStatement {
        let columns = [PlanExamples.column(60, "sex", .text), PlanExamples.column(61, "n", .bigint)]
        let plan = Plan.setOperation(
            SetOperation(kind: kind, all: all, left: pair(50, 11), right: pair(52, 12), columns: columns))
        let sorted = Plan.sort(
            Sort(
                input: plan,
                keys: [
                    SortKey(expression: Make.column(60, .text)),
                    SortKey(expression: Make.column(61, .bigint)),
                ]))
        return merge(sorted, columns[0], columns[1])
    }

    private static let all: [(String, MergeStatement)] = [
        ("ratio", ratio), ("total", total), ("ranked", ranked),
        ("union", combined(.union, all: false)), ("union all", combined(.union, all: true)),
        ("except", combined(.except, all: false)),
        ("distinct", merge(.distinct(pair(70, 11)), PlanExamples.column(71, "n", .bigint))),
    ]

    @Test func statements() throws {
        let text = Self.all.map { name, statement in
            let places = statement.flagColumns.map { $0.map(String.init) ?? "-" }.joined(separator: " ")
            return "# \(name), flags at \(places)\n\(statement.sql);\n\n"
        }.joined()
        try expectGolden(text, "merges.sql")
    }

    @Test func flagsStandAfterTheColumns() {
        #expect(Self.ratio.output.map(\.name) == ["sex", "rows each", "again"])
        #expect(Self.ratio.flagColumns == [nil, 3, nil])
        #expect(Self.total.flagColumns == [1])
        #expect(Self.ranked.flagColumns == [nil, 3, 4])
        #expect(Self.combined(.except, all: false).flagColumns == [nil, 2])
    }
}
