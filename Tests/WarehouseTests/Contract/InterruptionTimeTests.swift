import Core
import Foundation
import Testing
import Warehouse

extension EngineContract {
    /// How long a cancelled statement goes on: printed, for `make -C Benchmarks interruption`; no time is asserted.
    @Suite(.serialized)
    struct InterruptionTimeTests {
        /// Work of each kind, long enough to be under way for seconds.
        private static let statements = [
            ("nested loops", endlessQuery),
            (
                "sort",
                """
                SELECT count(*) AS n FROM (SELECT x, row_number() OVER (ORDER BY md5(CAST(x AS VARCHAR))) AS place
                  FROM generate_series(1, 20000000) AS a(x)) s WHERE place % 2 = 0
                """
            ),
            (
                "grouping",
                """
                SELECT count(*) AS n FROM (SELECT md5(CAST(x AS VARCHAR)) AS k, count(*) AS n
                  FROM generate_series(1, 20000000) AS a(x) GROUP BY 1) g
                """
            ),
            (
                "join",
                """
                SELECT count(*) AS n FROM generate_series(1, 5000000) AS a(x)
                JOIN generate_series(1, 5000000) AS b(y) ON md5(CAST(x AS VARCHAR)) = md5(CAST(y AS VARCHAR))
                """
            ),
        ]

        @Test(arguments: EngineUnderTest.allCases)
        func aCancelledStatementEnds(_ engine: EngineUnderTest) async throws {
            try await engine.withSession { session in
                for (kind, sql) in Self.statements {
                    var times: [Double] = []
                    for round in 1...5 {
                        let waiting = Task { try await session.query(sql) }
                        try await Task.sleep(for: .milliseconds(60 * round))
                        let asked = ContinuousClock.now
                        waiting.cancel()
                        await expectFailure(.cancelled) { _ = try await waiting.value }
                        times.append((ContinuousClock.now - asked) / .milliseconds(1))
                    }
                    try await expectUsable(session)
                    times.sort()
                    print(
                        "interruption | \(engine) | \(kind) | "
                            + String(format: "%.1f | %.1f", times[times.count / 2], times.last ?? 0))
                }
            }
        }
    }
}
