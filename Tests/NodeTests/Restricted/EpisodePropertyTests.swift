import Catalog
import Core
import Foundation
import Query
import Store
import TestSupport
import Testing
import Warehouse

@testable import Node

/// Excluding a codelist gives what the same question gives over data from which the episodes were taken out
/// beforehand: for random legal fragments, on both engines, and for the people that would be linked.
@Suite(.serialized, .postgreSQLCluster)
struct EpisodePropertyTests {
    private static let site = NodeFederation.organisation("RJ1")

    @Test(arguments: WarehouseKind.allCases, [41 as UInt64, 592, 65_358])
    func excludedEpisodesMightNeverHaveBeen(_ kind: WarehouseKind, _ seed: UInt64) async throws {
        try await withTemporaryDirectory { root in
            var random = SeededGenerator(seed: seed)
            let records = try EpisodeRecords(
                folder: try SynthesisedData(root: root, patients: 120, seed: seed).write(Self.site),
                using: &random)
            let restricted = records.restricted()
            try #require(restricted.count > 100 && restricted.count < records.count / 2, "seed \(seed)")
            try records.write(to: root + "/all.ndjson", without: [])
            try records.write(to: root + "/rest.ndjson", without: restricted)
            let questions = (0..<30).map { _ in RandomFragment.sql(using: &random) }
            var expected: [Answers] = []
            try await NodeHome.with(Self.site, at: root + "/rest") { node in
                _ = try await node.ingest([root + "/rest.ndjson"])
                expected = try await Self.answers(questions, at: node, excluding: false)
            }
            try await NodeHome.with(Self.site, at: root + "/all", warehouse: kind) { node in
                _ = try await node.ingest([root + "/all.ndjson"])
                let marked = try await EpisodeMarksTests.marked(at: node)
                #expect(marked.subtracting(restricted).sorted() == [], "seed \(seed)")
                #expect(restricted.subtracting(marked).sorted() == [], "seed \(seed)")
                let found = try await Self.answers(questions, at: node, excluding: true)
                let everything = try await Self.answers(questions, at: node, excluding: false)
                for (place, sql) in questions.enumerated() {
                    let isSame = found[place].isNear(expected[place])
                    #expect(isSame, "seed \(seed): \(sql)")
                }
                // The exclusion is not idle: most of these questions see a difference.
                #expect(zip(found, everything).count { !$0.isNear($1) } > 10, "seed \(seed)")
            }
        }
    }

    /// The cells of one question and, cell by cell, the NHS numbers that a linked count would send.
    private struct Answers {
        var cells: [[Value]: [Double]] = [:]
        var people: [[Value]: Set<String>] = [:]

        func isNear(_ other: Answers) -> Bool {
            guard cells.keys == other.cells.keys, people == other.people else { return false }
            return cells.allSatisfy { key, own in
                zip(own, other.cells[key] ?? []).allSatisfy {
                    abs($0 - $1) <= 1e-9 * max(1, abs($0), abs($1))
                }
            }
        }
    }

    private static func answers(
        _ questions: [String], at node: NodeContext, excluding: Bool
    ) async throws -> [Answers] {
        let warehouse = try #require(node.warehouse)
        let publication = try #require(try node.publications.current())
        let column = try RestrictedFrame(context: node, publication: publication).columns(
            excluding: Obligations(excludedCodelists: ["codelist.restricted-sexual-health"]))
        let obligations = EnforcedObligations(restrictedColumns: excluding ? column : [])
        let order = node.catalog.datasets.values.map { ($0.name, SiteWarehouse.order($0)) }
        let physical = SitePhysical(
            schema: publication.schema, site: site,
            dialect: warehouse.engine.dialect == .postgresql ? .postgresql : .duckdb,
            order: Dictionary(uniqueKeysWithValues: order))
        return try await warehouse.engine.withSession { session in
            var all: [Answers] = []
            for sql in questions {
                let fragment = try SiteReplan.fragment(
                    sql: sql, catalog: node.catalog, now: Clock.now * 1_000)
                let plan = try CanonicalFragment(
                    fragment, physical: physical, obligations: obligations, clamp: false, detail: .full,
                    people: 1)
                let block = try plan.decode(try await session.query(plan.sql))
                var answers = Answers()
                for (row, key) in block.keys.rows.enumerated() {
                    answers.cells[key] =
                        [Double(block.people[row])]
                        + block.aggregates.flatMap { [Double($0.rows[row]), $0.sums[row]] }
                }
                let cohort = try CohortQuery(fragment, physical: physical, obligations: obligations)
                let people = try cohort.decode(try await session.query(cohort.sql))
                for row in people.numbers.indices {
                    let key = people.keys.columns.isEmpty ? [] : people.keys.row(row)
                    // Local keys differ from home to home: those without a number count by row.
                    if people.localKeys[row] == nil {
                        answers.people[key, default: []].insert(String(people.numbers[row]))
                    }
                }
                all.append(answers)
            }
            return all
        }
    }
}
