import Core
import TestSupport
import Testing
import Warehouse

extension EngineContract {
    /// What only PostgreSQL does; here, because one server serves the whole suite.
    @Suite
    struct PostgreSQLEngineTests {
        private func engine(_ settings: PostgreSQLSettings = PostgreSQLSettings()) throws -> PostgreSQLEngine
        {
            let cluster = try #require(PostgreSQLCluster.current)
            return PostgreSQLEngine(connectionString: cluster.connectionString, settings: settings)
        }

        @Test func numericsSurviveTheWayThereAndBack() async throws {
            let seed = UInt64.random(in: 0 ... .max)
            var generator = SplitMix(state: seed)
            var numbers: [Double] = [
                0, 1, -1, 0.1, 10_000, 9_999, 100_000_000, 0.0001, 0.00001, 1e22, 1.5e-17, 123_456_789.123,
                .nan,
            ]
            for _ in 0..<500 {
                let power = Double(Int64(generator.next() % 30) - 15)
                numbers.append(Double(Int64(truncatingIfNeeded: generator.next()) >> 12) * power)
                numbers.append(Double(generator.next() % 1_000_000) / 1e6 * power)
            }
            let batch = Table(
                [("id", .bigint), ("x", .numeric)],
                rows: numbers.enumerated().map { [.integer(Int64($0)), .double($1)] })
            let table = EngineUnderTest.freshTable()
            let read = try await engine().withSession { session in
                try await session.execute("CREATE TABLE \(table.sql) (id bigint, x numeric)")
                try await session.load(table, columns: [("id", .bigint), ("x", .numeric)], batch: batch)
                return try await session.query("SELECT x, x::text AS written FROM \(table.sql) ORDER BY id")
            }
            for (row, number) in zip(read.rows, numbers) {
                let (back, written) = (row[0].number ?? -1, row[1])
                #expect(back == number || (back.isNaN && number.isNaN), "seed \(seed)")
                if case .text(let text) = written, number.isFinite {
                    #expect(Double(text) == number, "seed \(seed)")
                }
            }
        }

        @Test func theServersTimeLimitIsNotACancellation() async throws {
            let engine = try engine(PostgreSQLSettings(statementTimeoutMilliseconds: 50))
            await expectFailure(.timedOut) {
                _ = try await engine.withSession { try await $0.query("SELECT count(pg_sleep(60)) AS n") }
            }
        }

        @Test func copyIsNotForSQL() async throws {
            try await engine().withSession { session in
                await expectFailure(.statement) { try await session.execute("COPY (SELECT 1) TO STDOUT") }
                try await session.execute("CREATE TEMPORARY TABLE c (a integer)")
                await expectFailure(.statement) { try await session.execute("COPY c FROM STDIN") }
                await expectFailure(.statement) { _ = try await session.query("COPY (SELECT 1) TO STDOUT") }
                try await expectUsable(session)
            }
        }

        @Test func aServerThatEndsTheConnectionIsAConnectionError() async throws {
            try await engine().withSession { session in
                await expectFailure(.connection) {
                    try await session.execute("SELECT pg_terminate_backend(pg_backend_pid())")
                }
                await expectFailure(.connection) { try await session.execute("SELECT 1") }
            }
        }

        @Test func noServerIsAConnectionError() async throws {
            let engine = PostgreSQLEngine(connectionString: "host=/nonexistent dbname=secret-9434765919")
            let error = try #require(
                await #expect(throws: EngineError.self) { _ = try await engine.session() })
            #expect(error.code == .connection)
            #expect(!"\(error)".contains("9434765919"))
        }
    }
}
