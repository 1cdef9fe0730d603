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

        /// Rows of one transaction go by one COPY: everything else that is asked meanwhile finds them there.
        @Test func rowsOfATransactionAreThereForWhateverComesNext() async throws {
            let (first, second) = (EngineUnderTest.freshTable(), EngineUnderTest.freshTable())
            let rows = Table([("a", .integer)], rows: [[.integer(1)], [.integer(2)]])
            try await engine().withSession { session in
                for table in [first, second] {
                    try await session.execute("CREATE TABLE \(table.sql) (a integer CHECK (a < 3))")
                }
                try await session.transaction { session in
                    for table in [first, first, second, first] {
                        try await session.load(table, columns: [("a", .integer)], batch: rows)
                    }
                    let inside = try await session.query("SELECT count(*) AS n FROM \(first.sql)")
                    #expect(inside.row(0) == [.integer(6)])
                    try await session.load(first, columns: [("a", .integer)], batch: rows)
                }
                let counts = try await session.query(
                    "SELECT (SELECT count(*) FROM \(first.sql)) AS a, (SELECT count(*) FROM \(second.sql)) AS b"
                )
                #expect(counts.row(0) == [.integer(8), .integer(2)])
                // A row that the table refuses: at COMMIT at the latest, and then none of them is there.
                await expectFailure(.statement) {
                    try await session.transaction { session in
                        try await session.load(second, columns: [("a", .integer)], batch: rows)
                        try await session.load(
                            second, columns: [("a", .integer)],
                            batch: Table([("a", .integer)], rows: [[.integer(7)]]))
                    }
                }
                let after = try await session.query("SELECT count(*) AS n FROM \(second.sql)")
                #expect(after.row(0) == [.integer(2)])
                // Given up in the midst of it, or ended so: the next to use the connection finds it as new.
                try await session.execute("BEGIN")
                try await session.load(second, columns: [("a", .integer)], batch: rows)
            }
            try await engine().withSession { try await expectUsable($0) }
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
