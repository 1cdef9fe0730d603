import Core
import TestSupport
import Testing
import Warehouse

extension EngineContract {
    /// Connections that are used again.
    @Suite
    struct PostgreSQLPoolTests {
        private func engine(_ change: (inout PostgreSQLSettings) -> Void = { _ in }) throws
            -> PostgreSQLEngine
        {
            var settings = PostgreSQLSettings()
            change(&settings)
            return PostgreSQLEngine(
                connectionString: try #require(PostgreSQLCluster.current).connectionString, settings: settings
            )
        }

        private func backend(_ session: any EngineSession) async throws -> Value {
            try await session.query("SELECT pg_backend_pid() AS pid").row(0)[0]
        }

        @Test func aConnectionIsUsedAgainAndAsNew() async throws {
            let engine = try engine { $0.maximumConnections = 1 }
            let table = EngineUnderTest.freshTable()
            let first = try await engine.withSession { session in
                try await session.execute(
                    """
                    CREATE TEMPORARY TABLE left_behind (a integer); SET TimeZone = 'Asia/Tokyo';
                    SET work_mem = '1MB'; SET search_path = 'nowhere'; SELECT pg_advisory_lock(7);
                    PREPARE p AS SELECT 1; CREATE TABLE public.\(table.sql) (a integer);
                    """)
                try await session.execute("BEGIN; INSERT INTO public.\(table.sql) VALUES (1)")
                return try await backend(session)
            }
            try await engine.withSession { session in
                #expect(try await backend(session) == first)
                await expectFailure(.statement) { try await session.execute("SELECT * FROM left_behind") }
                await expectFailure(.statement) { try await session.execute("EXECUTE p") }
                let state = try await session.query(
                    """
                    SELECT current_setting('TimeZone') AS zone, current_setting('search_path') AS path,
                      (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') AS locks,
                      (SELECT count(*) FROM \(table.sql)) AS uncommitted
                    """)
                #expect(
                    state.row(0) == [.text("UTC"), .text("\"$user\", public"), .integer(0), .integer(0)])
            }
            await engine.close()
        }

        @Test func aConnectionInAFailedTransactionIsUsedAgain() async throws {
            let engine = try engine { $0.maximumConnections = 1 }
            try await engine.withSession { session in
                try await session.execute("BEGIN")
                await expectFailure(.statement) { try await session.execute("SELECT 1 / 0") }
            }
            try await engine.withSession { try await expectUsable($0) }
            await engine.close()
        }

        @Test func thereAreNeverMoreThanAllowed() async throws {
            let engine = try engine { $0.maximumConnections = 3 }
            let pids = try await withThrowingTaskGroup(of: Value.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await engine.withSession { session in
                            _ = try await session.query("SELECT count(pg_sleep(0.01)) AS n")
                            return try await self.backend(session)
                        }
                    }
                }
                return try await group.reduce(into: Set<Value>()) { $0.insert($1) }
            }
            #expect((1...3).contains(pids.count))
            await engine.close()
        }

        @Test func whoWaitsTooLongIsTold() async throws {
            let engine = try engine {
                $0.maximumConnections = 1
                $0.patience = .milliseconds(50)
            }
            let only = try await engine.session()
            let error = await #expect(throws: EngineError.self) { _ = try await engine.session() }
            #expect(error?.code == .connection)
            #expect(error?.summary.contains("all 1 connections") == true)
            await only.end()
            try await engine.withSession { try await expectUsable($0) }
            await engine.close()
        }

        @Test func whoWaitsMayGiveUp() async throws {
            let engine = try engine { $0.maximumConnections = 1 }
            let only = try await engine.session()
            let waiting = Task { _ = try await engine.session() }
            try await Task.sleep(for: .milliseconds(20))
            waiting.cancel()
            await expectFailure(.cancelled) { try await waiting.value }
            await only.end()
            try await engine.withSession { try await expectUsable($0) }
            await engine.close()
        }

        @Test func aConnectionThatTheServerEndsIsReplaced() async throws {
            let (engine, other) = (try engine { $0.maximumConnections = 1 }, try engine())
            let first = try await engine.withSession { try await backend($0) }
            try await other.withSession { session in
                _ = try await session.query(
                    "SELECT pg_terminate_backend(CAST($1 AS integer), 10000) AS ended", parameters: [first])
            }
            let second = try await engine.withSession { try await backend($0) }
            #expect(first != second)
            await engine.close()
            await other.close()
        }

        @Test func sessionsThatAreLetGoOfFreeTheirPlace() async throws {
            let engine = try engine {
                $0.maximumConnections = 1
                $0.patience = .seconds(10)
            }
            for _ in 0..<3 { _ = try await engine.session() }
            try await engine.withSession { try await expectUsable($0) }
            await engine.close()
        }

        @Test func aLateInterruptionDoesNotReachTheNextSession() async throws {
            let engine = try engine { $0.maximumConnections = 1 }
            let first = try await engine.session()
            await first.end()
            let second = try await engine.session()
            let counting = Task {
                try await second.query("SELECT count(*) AS n FROM generate_series(1, 300000) AS t(x)")
            }
            for _ in 0..<20 {
                first.interrupt()
                await Task.yield()
            }
            #expect(try await counting.value.row(0) == [.integer(300_000)])
            await expectFailure(.sessionEnded) { try await first.execute("SELECT 1") }
            await second.end()
            await engine.close()
        }
    }
}
