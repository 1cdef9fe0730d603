import Catalog
import Core
import Foundation
import Query
import Store
import Testing
import Warehouse

@testable import Node

/// Law 5 of a fragment (planner.md): one person changes each cell by their own contribution, and by no more.
///
/// For random legal fragments over one publication: the cells of everybody, less the cells without a person,
/// are the cells of that person alone; so too for the evidence that disclosure control works on. (Contributions
/// are not bounded by those of others here: that bound is tested with the canonical fragment.)
@Suite(.serialized)
struct CohortPropertyTests {
    private static let site = NodeFederation.organisation("RJ1")

    @Test(arguments: [20_260_701 as UInt64, 3, 14, 159])
    func deletingOnePersonTakesAwayTheirPartOnly(_ seed: UInt64) async throws {
        try await withTemporaryDirectory { root in
            try await NodeHome.with(Self.site, at: root + "/home") { node in
                let federation = SynthesisedData(root: root, patients: 150, seed: seed)
                _ = try await node.ingest([try federation.write(Self.site)])
                var random = SeededGenerator(seed: seed)
                let plans = try (0..<24).map { _ in try plan(RandomFragment.sql(using: &random), at: node) }
                let people = try await node.rows(
                    "SELECT DISTINCT person_id FROM snapshot_1.condition ORDER BY person_id")
                for _ in 0..<4 {
                    let person = try #require(people.randomElement(using: &random))[0].text
                    try await check(plans, person: person, at: node, seed: seed)
                }
            }
        }
    }

    private struct Plan {
        let sql: String
        let canonical: CanonicalFragment
    }

    /// As the site makes it: parsed, bound and checked against the law again.
    private func plan(_ sql: String, at node: NodeContext) throws -> Plan {
        let fragment = try SiteReplan.fragment(
            sql: sql, catalog: node.catalog, now: Clock.now * 1_000)
        let order = node.catalog.datasets.values.map { ($0.name, SiteWarehouse.order($0)) }
        let canonical = try CanonicalFragment(
            fragment,
            physical: SitePhysical(
                schema: "snapshot_1", site: Self.site, dialect: .duckdb,
                order: Dictionary(uniqueKeysWithValues: order)), obligations: .none, clamp: true,
            detail: .full, people: 1)
        return Plan(sql: sql, canonical: canonical)
    }

    private func check(_ plans: [Plan], person: String, at node: NodeContext, seed: UInt64) async throws {
        let everybody = try await cells(plans, deleting: nil, at: node)
        let others = try await cells(plans, deleting: "person_id = \(person)", at: node)
        let alone = try await cells(plans, deleting: "person_id <> \(person)", at: node)
        for (place, plan) in plans.enumerated() {
            let (all, without, own) = (everybody[place], others[place], alone[place])
            let keys = Set(all.keys).union(without.keys).union(own.keys)
            for key in keys {
                let (a, w, o) = (all[key] ?? Cell(), without[key] ?? Cell(), own[key] ?? Cell())
                #expect(o.people <= 1, "seed \(seed): \(plan.sql)")
                #expect(a.isSum(of: w, and: o), "seed \(seed): \(plan.sql) at \(key): \(a), \(w), \(o)")
            }
        }
    }

    /// The cells of every plan over the publication without some rows, which stay where they are.
    private func cells(
        _ plans: [Plan], deleting condition: String?, at node: NodeContext
    ) async throws -> [[[Value]: Cell]] {
        let warehouse = try #require(node.warehouse)
        let session = try await warehouse.engine.session()
        try await session.execute("BEGIN")
        if let condition {
            for name in node.catalog.datasets.keys.sorted() + ["person"] {
                try await session.execute("DELETE FROM snapshot_1.\(name) WHERE \(condition)")
            }
        }
        var all: [[[Value]: Cell]] = []
        for plan in plans {
            let block = try plan.canonical.decode(try await session.query(plan.canonical.sql))
            all.append(
                Dictionary(
                    uniqueKeysWithValues: block.keys.rows.enumerated().map { ($1, Cell(block, at: $0)) }))
        }
        try await session.execute("ROLLBACK")
        await session.end()
        return all
    }
}

/// The states and the evidence of one cell.
private struct Cell: CustomStringConvertible {
    struct Aggregate {
        let rows: Int64
        let sum: Double
        let contributors: Int64
        let key: Int
        let largest: Double
        let second: Double

        static let nothing = Aggregate(rows: 0, sum: 0, contributors: 0, key: 0, largest: 0, second: 0)
    }

    var people: Int64 = 0
    var key = 0
    var aggregates: [Aggregate] = []

    init() {}

    init(_ block: CellBlock, at row: Int) {
        people = block.people[row]
        key = block.cellKey[row]
        aggregates = block.aggregates.map {
            Aggregate(
                rows: $0.rows[row], sum: $0.sums[row], contributors: $0.contributors[row],
                key: $0.contributorKey[row], largest: $0.largest[row], second: $0.secondLargest[row])
        }
    }

    var description: String { "\(people) people, \(aggregates)" }

    func isSum(of others: Cell, and own: Cell) -> Bool {
        guard people == others.people + own.people, key == (others.key + own.key) % 256 else { return false }
        return aggregates.indices.allSatisfy { place in
            let a = aggregates[place]
            let w = others.aggregates.isEmpty ? .nothing : others.aggregates[place]
            let o = own.aggregates.isEmpty ? .nothing : own.aggregates[place]
            let two = [w.largest, w.second, o.largest, o.second].sorted(by: >)
            return a.rows == w.rows + o.rows && near(a.sum, w.sum + o.sum)
                && a.contributors == w.contributors + o.contributors && a.key == (w.key + o.key) % 256
                && near(a.largest, two[0]) && near(a.second, two[1])
        }
    }

    private func near(_ one: Double, _ other: Double) -> Bool {
        abs(one - other) <= 1e-9 * max(1, abs(one), abs(other))
    }
}
