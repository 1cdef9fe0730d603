import Core
import Foundation
import TestSupport
import Testing
import Warehouse

@testable import Query

/// Percentiles of counts in public bins, on sites of both engines, and PostgreSQL's own of the pooled rows.
@Suite("percentiles", .postgreSQLCluster)
struct PercentileTests {
    struct Case: Sendable {
        /// Over `pooled.` tables where it is asked of those.
        let sql: String
        /// How far an answer may be from PostgreSQL's: the width of a bin.
        let width: Double

        init(_ sql: String, within width: Double = 1e-9) {
            self.sql = sql
            self.width = width
        }
    }

    static let cases = [
        // Whole numbers, each a bin of its own: exact.
        Case("SELECT median(least(greatest(rank, -8), 50)) FROM @condition"),
        Case(
            "SELECT code, percentile_cont(0.3) WITHIN GROUP (ORDER BY least(greatest(rank, -8), 50)), count(*) "
                + "FROM @condition GROUP BY code"),
        Case(
            "SELECT code, percentile_cont(0.9) WITHIN GROUP (ORDER BY date_part('month', onset_date) DESC) "
                + "FROM @condition GROUP BY code"),
        Case(
            "SELECT percentile_cont(0.75) WITHIN GROUP (ORDER BY CASE WHEN rank > 0 THEN 3 ELSE -4 END) "
                + "FILTER (WHERE code <> '7') FROM @condition"),
        Case("SELECT code, median(rank) FROM @condition WHERE rank BETWEEN 0 AND 20 GROUP BY code"),
        Case("SELECT median(extract(month FROM onset_date)) FROM @condition WHERE rank > 1000000000"),
        // Above the cut, over released rows.
        Case(
            "SELECT median(n), percentile_cont(0.1) WITHIN GROUP (ORDER BY n) "
                + "FROM (SELECT code, count(*) AS n FROM @condition GROUP BY code) t"),
        // Wider bins.
        Case("SELECT median(least(greatest(rank, -100), 500)) FROM @condition", within: 10),
        Case(
            "SELECT code, percentile_cont(0.25) WITHIN GROUP (ORDER BY least(greatest(value_quantity, -6), 122)), "
                + "percentile_cont(0.9) WITHIN GROUP (ORDER BY least(greatest(value_quantity, -6), 122)) "
                + "FROM @observation GROUP BY code", within: 2 + 1e-9),
        Case("SELECT median(least(greatest(value_quantity, 5.0), 5.0)) FROM @observation"),
    ]

    @Test("as PostgreSQL's, to the width of a bin")
    func agrees() async throws {
        let cluster = try #require(PostgreSQLCluster.current)
        let parts = try await Parts.make(seed: 20_261_124, cluster: cluster)
        for given in Self.cases {
            let plan = try parts.plan(given.sql.replacing("@", with: ""))
            let oracle = Self.oracle(given.sql).replacing("@", with: "pooled.")
            let expected = try await parts.postgresql.withSession { try await $0.query(oracle).rows }
            for engine in [parts.duckdb, parts.postgresql] {
                let got = try await parts.ask(plan, sitesOn: engine).rows
                #expect(got.count == expected.count, "\(given.sql)")
                for row in expected {
                    let isGrouped = expected.count > 1
                    let own = got.first { !isGrouped || $0[0] == row[0] } ?? []
                    let agrees = own.count == row.count && Self.agree(own, row, within: given.width)
                    #expect(agrees, "\(given.sql): \(row), not \(own)")
                }
            }
        }
    }

    /// PostgreSQL has no `median`.
    private static func oracle(_ sql: String) -> String {
        var text = sql
        while let start = text.range(of: "median(") {
            var depth = 1
            var end = start.upperBound
            while depth > 0, end < text.endIndex {
                if text[end] == "(" { depth += 1 }
                if text[end] == ")" { depth -= 1 }
                end = text.index(after: end)
            }
            let inner = text[start.upperBound..<text.index(before: end)]
            text.replaceSubrange(
                start.lowerBound..<end, with: "percentile_cont(0.5) WITHIN GROUP (ORDER BY \(inner))")
        }
        return text
    }

    private static func agree(_ got: [Value], _ expected: [Value], within width: Double) -> Bool {
        zip(got, expected).allSatisfy { one, other in
            guard let a = one.number, let b = other.number else { return one == other }
            return abs(a - b) <= width
        }
    }
}
