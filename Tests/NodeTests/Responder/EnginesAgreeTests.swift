import Catalog
import Core
import Disclosure
import Exchange
import Foundation
import Store
import TestSupport
import Testing

@testable import Node

/// One question, two engines: a DuckDB node and a PostgreSQL node with the same data release the same.
@Suite(.serialized, .postgreSQLCluster)
struct EnginesAgreeTests {
    /// The fragments of the main job's questions, and what lies around them.
    static let fragments = [
        "SELECT count(*) AS n FROM patient",
        "SELECT sex, count(DISTINCT person) AS people FROM patient GROUP BY sex",
        """
        SELECT b.name AS band, b.lo AS lo, count(DISTINCT p.person) AS people,
          count(DISTINCT c.person) AS hypertensive
        FROM patient p JOIN reference.age_band b ON date_part('year', age(p.birth_date)) BETWEEN b.lo AND b.hi
        LEFT JOIN condition c ON c.person = p.person AND c.code IN ('38341003', '59621000')
        GROUP BY b.name, b.lo
        """,
        """
        SELECT p.sex, count(*) AS n, avg(o.value_quantity) AS mean, sum(o.value_quantity) AS total
        FROM observation o JOIN patient p USING (person)
        WHERE o.code IN ('60621009', '39156-5') AND o.value_unit = 'kg/m2' GROUP BY p.sex
        """,
        "SELECT code, count(*) AS n, count(DISTINCT person) AS people FROM condition GROUP BY code",
        """
        SELECT code, date_part('year', effective_at) AS year, count(*) AS n, avg(value_quantity) AS mean
        FROM observation GROUP BY code, date_part('year', effective_at)
        """,
        "SELECT deceased, count(*) AS n FROM patient GROUP BY deceased",
        "SELECT value_unit, count(*) AS n, count(value_quantity) AS v FROM observation GROUP BY value_unit",
        "SELECT lsoa, count(*) AS n FROM patient GROUP BY lsoa",
        """
        SELECT sex, count(*) AS n FROM patient p
        WHERE EXISTS (SELECT 1 FROM condition c WHERE c.person = p.person AND c.code = '38341003') GROUP BY sex
        """,
        """
        SELECT count(*) AS n FROM patient p
        WHERE NOT EXISTS (SELECT 1 FROM encounter e WHERE e.person = p.person AND e.class = 'IMP')
        """,
        """
        SELECT sex, sum(CASE WHEN deceased THEN 1 ELSE 0 END) AS dead,
          count(*) FILTER (WHERE date_part('year', birth_date) < 1960) AS old
        FROM patient GROUP BY sex
        """,
        """
        SELECT k.n AS conditions, count(*) AS people
        FROM (SELECT person, count(*) AS n FROM condition GROUP BY person) k
        JOIN patient p USING (person) GROUP BY k.n
        """,
        """
        SELECT class, count(*) AS n, avg(date_part('epoch', end_at - start_at)) AS seconds
        FROM encounter GROUP BY class
        """,
        """
        SELECT count(DISTINCT a.person) AS people FROM condition a JOIN condition b ON b.person = a.person
        AND b.onset_date > a.onset_date WHERE a.clinical_status = 'active'
        """,
        "SELECT count(*) AS n FROM condition WHERE in_codelist(code, 'hypertension')",
        "SELECT count(*) AS n, sum(value_quantity) AS total FROM observation WHERE code = 'no such code'",
    ]

    /// Values that an engine could fail on, which only those with one code have: a failure would tell of them.
    private static let extremes = [
        """
        SELECT count(*) AS n FROM patient p WHERE (SELECT avg(CASE WHEN c.code = '38341003' THEN 1e200 ELSE 0 END)
          FROM condition c WHERE c.person = p.person) > 1
        """,
        """
        SELECT count(*) AS n FROM patient p WHERE (SELECT sum(CASE WHEN c.code = '38341003' THEN 1.5e308 ELSE 1e308 END)
          FROM condition c WHERE c.person = p.person) > 1
        """,
        """
        SELECT count(*) AS n FROM patient p WHERE (SELECT stddev(CASE WHEN c.code = '38341003' THEN 1e200 ELSE 0 END)
          FROM condition c WHERE c.person = p.person) > 1
        """,
        """
        SELECT count(*) AS n FROM (SELECT person, sum(CASE WHEN code = '38341003' THEN 1.5e308 ELSE 1e308 END)
          OVER (PARTITION BY person) AS s FROM condition) t WHERE s > 1
        """,
        """
        SELECT count(*) AS n FROM (SELECT person, variance(CASE WHEN code = '38341003' THEN 1e200 ELSE 0 END)
          OVER (PARTITION BY person) AS s FROM condition) t WHERE s > 1
        """,
        """
        SELECT count(*) AS n FROM (SELECT person, code, sum(avg(CASE WHEN code = '38341003' THEN 1.5e308 ELSE 1e308 END))
          OVER (PARTITION BY person) AS s FROM condition GROUP BY person, code) t WHERE s > 1
        """,
        """
        SELECT count(*) AS n FROM (SELECT person, code, avg(sum(value_quantity)) OVER (PARTITION BY person) AS s
          FROM observation GROUP BY person, code) t WHERE s > 1
        """,
        """
        SELECT count(*) AS n FROM condition
        WHERE CAST(CASE WHEN code = '38341003' THEN '1 day 2 day' ELSE '1 day' END AS interval) > interval '1 hour'
        """,
        """
        SELECT count(*) AS n FROM condition
        WHERE width_bucket(CASE WHEN code = '38341003' THEN 1e-200 ELSE 5 END, 0, 1e150, 10) = 1
        """,
        "SELECT count(*) AS n FROM condition WHERE power(CASE WHEN code = '38341003' THEN 1e300 ELSE 2 END, 1e300) > 1",
        "SELECT count(*) AS n FROM condition WHERE power(CASE WHEN code = '38341003' THEN 7 ELSE 2 END, 1e-300) > 1",
    ]

    /// - Parameter onCopies: whether PostgreSQL's questions are run on columnar copies.
    @Test(arguments: [false, true])
    func bothEnginesReleaseTheSame(onCopies: Bool) async throws {
        try await withTemporaryDirectory { root in
            let (duckdb, postgresql) = (DoorSuite.first, DoorSuite.second)
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(organisation: duckdb, role: .controller),
                    .init(
                        organisation: postgresql, role: .controller, warehouse: .postgresql,
                        hasSnapshots: onCopies),
                ]
            ) { federation in
                try await federation.agree(.init(id: "both", controllers: [duckdb, postgresql]))
                try await federation.fill([duckdb], patients: 500, seed: 11)
                _ = try await federation.node(postgresql).ingest(["\(root)/data/\(duckdb)"])
                for sql in Self.fragments {
                    let own = try await release(sql, at: duckdb, federation)
                    let other = try await release(sql, at: postgresql, federation)
                    #expect(!own.isEmpty, "\(sql)")
                    #expect(own == other, "\(sql)")
                }
                for sql in Self.extremes {
                    let own = try await release(sql, at: duckdb, federation)
                    #expect(try await release(sql, at: postgresql, federation) == own, "\(sql)")
                }
            }
        }
    }

    /// What one site releases: group keys to each aggregate's rows and sum.
    private func release(
        _ sql: String, at site: OrganisationCode, _ federation: NodeFederation
    ) async throws -> [[Value]: [Cell]] {
        let requester = try federation.node(NodeFederation.requester)
        var question = try await QuestionByHand(sql, under: "both", at: requester)
        question.nameReferences(of: requester)
        let result = try await question.ask(try federation.node(site), from: requester).body
        #expect(result.outcome == .answered, "\(site): \(result.refusal?.words ?? "") in \(sql)")
        guard let block = result.releases.first??.block else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: block.keys.rows.enumerated().map { row, key in
                (key, block.aggregates.map { Cell(rows: $0.rows[row], sum: $0.sums[row]) })
            })
    }

    /// Equal up to the order in which doubles were added.
    private struct Cell: Equatable, CustomStringConvertible {
        let rows: Int64?
        let sum: Double?

        var description: String { "\(rows.map(String.init) ?? "-")/\(sum.map { "\($0)" } ?? "-")" }

        static func == (left: Self, right: Self) -> Bool {
            guard left.rows == right.rows else { return false }
            guard let one = left.sum, let other = right.sum else { return left.sum == right.sum }
            return abs(one - other) <= 1e-9 * max(1, abs(one), abs(other))
        }
    }
}
