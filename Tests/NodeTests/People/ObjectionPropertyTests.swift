import Catalog
import Core
import Disclosure
import Foundation
import Query
import Store
import TestSupport
import Testing
import Warehouse

@testable import Node

/// Whoever objects is seen nowhere: what a question finds with the objections written into its plan is what it finds
/// in data that never had the objectors. For random legal fragments and those of the main job, in both engines.
@Suite(.serialized, .postgreSQLCluster)
struct ObjectionPropertyTests {
    private static let site = NodeFederation.organisation("RJ1")

    struct Case: Sendable, CustomTestStringConvertible {
        let warehouse: WarehouseKind
        let seed: UInt64

        var testDescription: String { "\(warehouse), seed \(seed)" }
    }

    static let cases = WarehouseKind.allCases.flatMap { warehouse in
        [20_261_123 as UInt64, 17].map { Case(warehouse: warehouse, seed: $0) }
    }

    /// What random fragments do not have: unions, self-joins, several levels.
    private static let more = [
        """
        SELECT u.code, count(*) AS n, count(DISTINCT u.person) AS people
        FROM (SELECT person, code FROM condition UNION ALL SELECT person, code FROM procedure) u GROUP BY u.code
        """,
        """
        SELECT count(*) AS n FROM (SELECT person FROM condition EXCEPT SELECT person FROM procedure) u
        """,
        """
        SELECT count(*) AS n FROM patient p WHERE EXISTS (SELECT 1 FROM condition a WHERE a.person = p.person
          AND NOT EXISTS (SELECT 1 FROM encounter e WHERE e.person = a.person AND e.start_at > a.onset_date))
        """,
        """
        SELECT count(DISTINCT a.person) AS people FROM condition a JOIN condition b ON b.person = a.person
        AND b.onset_date > a.onset_date
        """,
        """
        SELECT k.n AS conditions, count(*) AS people
        FROM (SELECT person, count(*) AS n FROM condition GROUP BY person) k
        JOIN patient p USING (person) GROUP BY k.n
        """,
    ]

    @Test(arguments: cases) func objectorsAreSeenNowhere(_ one: Case) async throws {
        try await withTemporaryDirectory { root in
            try await NodeHome.with(Self.site, at: root + "/home", warehouse: one.warehouse) { node in
                let data = SynthesisedData(root: root, patients: 150, seed: one.seed)
                _ = try await node.ingest([try data.write(Self.site)])
                var random = SeededGenerator(seed: one.seed)
                let people = try await node.rows(
                    """
                    SELECT person_id, nhs_number FROM snapshot_1.person WHERE nhs_number IS NOT NULL
                    ORDER BY person_id
                    """)
                let objectors = people.shuffled(using: &random).prefix(12)
                let table = PeopleTable(
                    "objection", objectors.map { $0[1].whole ?? 0 }.sorted() + [9_999_999_999],
                    secret: [1, 2, 3])
                let warehouse = try #require(node.warehouse)
                // Asked for twice at once, made once.
                async let first: Void = warehouse.peopleTables.make(table, in: "snapshot_1", warehouse.engine)
                async let second: Void = warehouse.peopleTables.make(
                    table, in: "snapshot_1", warehouse.engine)
                _ = try await (first, second)
                #expect(
                    try await node.rows("SELECT count(*) FROM snapshot_1.\(table.name)")[0][0] == .integer(12)
                )
                let sqls =
                    Self.more + EnginesAgreeTests.fragments
                    + (0..<30).map { _ in RandomFragment.sql(using: &random) }
                let fragments = try sqls.compactMap { try fragment($0, at: node) }
                #expect(fragments.count > 45)
                try await compare(
                    fragments, table, Set(objectors.map { $0[0].whole ?? 0 }), at: node, one)
            }
        }
    }

    private struct Asked {
        let sql: String
        let fragment: Fragment
    }

    /// nil where the law refuses it: not everything that is written above is legal, nearly all of it is.
    private func fragment(_ sql: String, at node: NodeContext) throws -> Asked? {
        let found = try? SiteReplan.fragment(sql: sql, catalog: node.catalog, now: Clock.now * 1_000)
        return found.map { Asked(sql: sql, fragment: $0) }
    }

    private func compare(
        _ asked: [Asked], _ table: PeopleTable, _ objectors: Set<Int64>, at node: NodeContext, _ one: Case
    ) async throws {
        let order = node.catalog.datasets.values.map { ($0.name, SiteWarehouse.order($0)) }
        let physical = SitePhysical(
            schema: "snapshot_1", site: Self.site,
            dialect: one.warehouse == .duckdb ? .duckdb : .postgresql,
            order: Dictionary(uniqueKeysWithValues: order))
        let with = EnforcedObligations(objectionsTable: table.name)
        let warehouse = try #require(node.warehouse)
        let session = try await warehouse.engine.session()
        var found: [Result] = []
        for question in asked { found.append(try await run(question, physical, with, session)) }
        try await session.execute("BEGIN")
        let list = objectors.map(String.init).joined(separator: ", ")
        for name in node.catalog.datasets.keys.sorted() + ["person"] {
            try await session.execute("DELETE FROM snapshot_1.\(name) WHERE person_id IN (\(list))")
        }
        for (question, seen) in zip(asked, found) {
            let pooled = try await run(question, physical, .none, session)
            #expect(seen.cells.keys == pooled.cells.keys, "\(one): \(question.sql)")
            for (key, cell) in seen.cells {
                #expect(
                    pooled.cells[key].map { near($0, cell) } == true,
                    "\(one): \(question.sql) at \(key): \(cell), \(pooled.cells[key] ?? [])")
            }
            #expect(seen.cohort == pooled.cohort, "\(one): \(question.sql)")
            #expect(seen.members == pooled.members, "\(one): \(question.sql)")
            #expect(seen.members.isDisjoint(with: objectors), "\(one): \(question.sql)")
        }
        try await session.execute("ROLLBACK")
        await session.end()
    }

    /// What the requester's cells are made of, whom the linker would count, and whom the ledger would name.
    private struct Result {
        let cells: [[Value]: [Double]]
        let cohort: Set<Int64>
        let members: Set<Int64>
    }

    private func run(
        _ asked: Asked, _ physical: SitePhysical, _ obligations: EnforcedObligations,
        _ session: any EngineSession
    ) async throws -> Result {
        let canonical = try CanonicalFragment(
            asked.fragment, physical: physical, obligations: obligations, clamp: true, detail: .full)
        let block = try canonical.decode(try await session.query(canonical.sql))
        var cells: [[Value]: [Double]] = [:]
        for (row, key) in block.keys.rows.enumerated() {
            cells[key] =
                [Double(block.people[row]), Double(block.cellKey[row])]
                + block.aggregates.flatMap {
                    [
                        Double($0.rows[row]), $0.sums[row], Double($0.contributors[row]),
                        Double($0.contributorKey[row]), $0.largest[row], $0.secondLargest[row],
                    ]
                }
        }
        let cohort = try CohortQuery(asked.fragment, physical: physical, obligations: obligations)
        let people = try cohort.decode(try await session.query(cohort.sql))
        let members = try MembersQuery(asked.fragment, physical: physical, obligations: obligations)
        let numbers = try await session.query(members.sql).rows.map { $0[0].whole ?? -1 }
        #expect(Set(numbers).count == numbers.count)
        return Result(cells: cells, cohort: Set(people.numbers), members: Set(numbers))
    }

    private func near(_ one: [Double], _ other: [Double]) -> Bool {
        one.count == other.count
            && zip(one, other).allSatisfy { abs($0 - $1) <= 1e-9 * max(1, abs($0), abs($1)) }
    }
}
