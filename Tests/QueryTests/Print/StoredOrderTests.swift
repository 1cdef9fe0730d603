import Core
import Testing

@testable import Query

/// One pass over the stored order only where the plan proves it.
@Suite struct StoredOrderTests {
    private static func sql(
        _ fragment: Fragment, _ dialect: EngineDialectKind = .duckdb,
        order: [String: [String]] = PlanExamples.order, obligations: EnforcedObligations = .none
    ) throws -> String {
        let physical = SitePhysical(
            schema: "snapshot_1", site: OrganisationCode("RJ1")!, dialect: dialect, order: order)
        return try CanonicalFragment(
            fragment, physical: physical, obligations: obligations, clamp: true, detail: .full
        ).sql
    }

    private static func conditions(
        where predicate: Expression? = nil, keys: ComputedColumn..., sums: Bool = false
    ) -> Fragment {
        let scan = PlanExamples.scan(
            "condition", "c", PlanExamples.column(1, "person", .text), PlanExamples.column(2, "code", .text),
            PlanExamples.column(3, "onset_date", .date))
        let input = predicate.map { Plan.filter(Filter(input: scan, predicate: $0)) } ?? scan
        let call =
            sums
            ? PlanExamples.aggregate(21, "sum", .sum, Make.int(1), .bigint)
            : PlanExamples.aggregate(21, "n", .count, nil, .bigint)
        return PlanExamples.fragment(
            Aggregate(input: input, keys: keys, aggregates: [call]),
            PlanExamples.shape(sums ? .sum : .count, .bigint, 0, 1))
    }

    private static let code = PlanExamples.key(20, "code", Make.column(2, .text))
    private static func time(_ function: Function, _ field: String, _ type: ColumnType) -> ComputedColumn {
        PlanExamples.key(
            22, "time", Make.call(function, type, Make.text(field), Make.column(3, .date)))
    }
    private static let listed = Expression(
        .inCodelist(Make.column(2, .text), codelist: "diabetes", negated: false), .boolean)

    @Test func provedForCodesAndRisingTimes() throws {
        let year = Self.time(.extract, "year", .numeric)
        #expect(try Self.sql(Self.conditions(keys: Self.code)).contains("in_order"))
        #expect(try Self.sql(Self.conditions(keys: year, Self.code)).contains("in_order"))
        let month = Self.time(.dateTrunc, "month", .timestamp)
        #expect(try Self.sql(Self.conditions(keys: Self.code, month)).contains("in_order"))
        let filter = Make.call(.equal, .boolean, Make.column(2, .text), Make.text("d1"))
        #expect(try Self.sql(Self.conditions(where: filter, keys: Self.code)).contains("in_order"))
        #expect(
            try Self.sql(Self.conditions(keys: Self.code), obligations: PlanExamples.allowed).contains(
                "in_order"))
    }

    @Test func notWhereItCouldBeLost() throws {
        let plain = Self.conditions(keys: Self.code)
        let texts = [
            try Self.sql(plain, .postgresql), try Self.sql(plain, order: [:]),
            try Self.sql(plain, order: ["condition": ["person", "code"]]),
            try Self.sql(plain, obligations: PlanExamples.obligations),
            try Self.sql(Self.conditions(where: Self.listed, keys: Self.code)),
            try Self.sql(
                Self.conditions(
                    where: Expression(
                        .inList(Make.column(2, .text), [Make.text("d1"), Make.text("d2")], negated: false),
                        .boolean), keys: Self.code)),
            try Self.sql(Self.conditions(keys: Self.code, Self.time(.extract, "month", .numeric))),
            try Self.sql(Self.conditions(keys: Self.time(.extract, "year", .numeric))),
            try Self.sql(Self.conditions(keys: Self.code, sums: true)),
            try Self.sql(PlanExamples.valueBySex),
        ]
        for text in texts { #expect(!text.contains("in_order")) }
    }

    @Test func noAnswerIfTheRowsLieOtherwise() throws {
        let physical = SitePhysical(
            schema: "snapshot_1", site: OrganisationCode("RJ1")!, dialect: .duckdb, order: PlanExamples.order)
        let canonical = try CanonicalFragment(
            Self.conditions(keys: Self.code), physical: physical, obligations: .none, clamp: true,
            detail: .plain)
        let columns: [(String, ColumnType)] = [
            ("k0", .text), ("people", .bigint), ("misplaced", .bigint), ("a0_n", .bigint),
        ]
        let table = { (misplaced: Int64) in
            Table(columns, rows: [[.text("d1"), .integer(7), .integer(misplaced), .integer(9)]])
        }
        #expect(try canonical.decode(table(0)).people == [7])
        #expect(throws: SQLFault.self) { try canonical.decode(table(1)) }
    }
}
