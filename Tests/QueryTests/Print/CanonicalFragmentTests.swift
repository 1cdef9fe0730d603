import Core
import Testing

@testable import Query

@Suite struct CanonicalFragmentTests {
    private static func physical(_ dialect: EngineDialectKind) -> SitePhysical {
        SitePhysical(
            schema: "snapshot_1", site: OrganisationCode("RJ1")!, dialect: dialect, order: PlanExamples.order)
    }

    @Test func canonicalForms() throws {
        var text = ""
        for (name, fragment) in PlanExamples.all {
            text += "# \(name)\n\(fragment.sql);\n\n"
            for dialect in [EngineDialectKind.duckdb, .postgresql] {
                let full = try CanonicalFragment(
                    fragment, physical: Self.physical(dialect), obligations: PlanExamples.obligations,
                    clamp: true,
                    detail: .full)
                let plain = try CanonicalFragment(
                    fragment, physical: Self.physical(dialect), obligations: .none, clamp: false,
                    detail: .plain)
                let allowed = try CanonicalFragment(
                    fragment, physical: Self.physical(dialect),
                    obligations: PlanExamples.allowed,
                    clamp: true, detail: .full)
                let cohort = try CohortQuery(
                    fragment, physical: Self.physical(dialect), obligations: PlanExamples.obligations)
                text += "-- \(dialect.rawValue) full\n\(full.sql);\n\n"
                text += "-- \(dialect.rawValue) allowed\n\(allowed.sql);\n\n"
                text += "-- \(dialect.rawValue) plain\n\(plain.sql);\n\n"
                text += "-- \(dialect.rawValue) cohort\n\(cohort.sql);\n\n"
            }
        }
        try expectGolden(text, "fragments.sql")
    }

    @Test func decodesStates() throws {
        let fragment = PlanExamples.patientsBySex
        let canonical = try CanonicalFragment(
            fragment, physical: Self.physical(.duckdb), obligations: .none, clamp: true, detail: .full)
        let names =
            ["k0", "people", "ckey"]
            + ["a0_n", "a0_c", "a0_k", "a0_m1", "a0_m2", "a1_n", "a1_c", "a1_k", "a1_m1", "a1_m2"]
            + ["a2_n", "a2_s", "a2_c", "a2_k", "a2_m1", "a2_m2"]
        let numbers: [Value] = [3, 17, 3, 3, 17, 1, 1, 3, 3, 17, 1, 1, 2].map { .integer($0) }
        let row =
            [.text("female")] + numbers + [
                .double(3900), .integer(2), .integer(9), .double(1960), .double(1940),
            ]
        let types: [ColumnType] = row.map {
            if case .integer = $0 { .bigint } else if case .text = $0 { .text } else { .double }
        }
        let block = try canonical.decode(Table(zip(names, types).map { ($0, $1) }, rows: [row]))
        #expect(block.keys == Table([("sex", .text)], rows: [[.text("female")]]))
        #expect(block.people == [3])
        #expect(block.cellKey == [17])
        #expect(block.aggregates.map(\.rows) == [[3], [3], [2]])
        #expect(block.aggregates[2].sums == [3900])
        #expect(block.aggregates[2].contributorKey == [9])
        #expect(block.aggregates[2].secondLargest == [1940])
    }

    /// Rows and sums are bounded by the given number of people; a person counted as 0 or 1 needs no bound.
    @Test func boundsWhatOnePersonAdds() throws {
        let sql = { (fragment: Fragment, people: Int, detail: CanonicalFragment.Detail) in
            try CanonicalFragment(
                fragment, physical: Self.physical(.duckdb), obligations: .none, clamp: true, detail: detail,
                people: people
            ).sql
        }
        let repeated = try sql(PlanExamples.repeated, 12, .full)
        for name in ["top0_n", "top1_n", "top1_d", "top2_n", "top2_d", "top2_z"] {
            #expect(repeated.contains(", 12) AS \(name)"))
        }
        #expect(try !sql(PlanExamples.repeated, 1, .full).contains("top0"))
        #expect(try !sql(PlanExamples.repeated, 12, .plain).contains("top0"))
        #expect(try !sql(PlanExamples.prevalence, 12, .full).contains("top"))
        #expect(try sql(PlanExamples.conditionsByCode, 12, .full).contains("max(n0, 12) AS top0_n"))
    }

    @Test func refusesRowsOfNobody() {
        let reference = Plan.scan(
            Scan(source: .reference("imd"), alias: "i", columns: [PlanExamples.column(1, "decile", .integer)])
        )
        let aggregate = Aggregate(
            input: reference, keys: [], aggregates: [PlanExamples.aggregate(2, "n", .count, nil, .bigint)])
        #expect(throws: SQLFault.self) {
            try CanonicalFragment(
                PlanExamples.fragment(aggregate, PlanExamples.shape(.count, .bigint)),
                physical: Self.physical(.duckdb), obligations: .none, clamp: false, detail: .plain)
        }
    }
}
