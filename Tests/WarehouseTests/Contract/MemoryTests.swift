import Core
import Synchronization
import Testing
import Warehouse

extension EngineContract {
    @Suite
    struct MemoryTests {
        /// What is too large for DuckDB's memory is refused (it may write nothing to disk here); PostgreSQL sorts it
        /// on its own disk. Neither takes the process with it, and both go on.
        @Test(arguments: EngineUnderTest.allCases)
        func aStatementBeyondTheLimitEndsInOrder(_ engine: EngineUnderTest) async throws {
            let opened = try await engine.open(memoryMegabytes: 64)
            try await opened.withSession { session in
                let sql = """
                    SELECT count(*) AS n FROM (SELECT DISTINCT CAST(x AS varchar) || '-' || CAST(x % 7 AS varchar) AS t
                    FROM generate_series(1, \(engine == .duckdb ? 20_000_000 : 2_000_000)) AS s(x)) AS d
                    """
                if engine == .duckdb {
                    await expectFailure(.outOfMemory) { _ = try await session.query(sql) }
                } else {
                    #expect(try await session.query(sql).row(0) == [.integer(2_000_000)])
                }
                try await expectUsable(session)
            }
            await opened.close()
        }

        /// Five million rows pass by in batches: none is large, all come, in order, and the rows seen at once are few.
        @Test(arguments: EngineUnderTest.allCases)
        func aStreamOfFiveMillionRowsIsNeverHeld(_ engine: EngineUnderTest) async throws {
            let seen = Mutex<(rows: Int, sum: Int64, largest: Int)>((0, 0, 0))
            try await engine.withSession {
                try await $0.stream(
                    "SELECT CAST(x AS bigint) AS n FROM generate_series(1, 5000000) AS t(x)", parameters: []
                ) { batch in
                    guard case .int64(let numbers) = batch.columns[0].vector.storage else { return }
                    let sum = numbers.reduce(0, +)
                    seen.withLock {
                        $0.rows += batch.rowCount
                        $0.sum += sum
                        $0.largest = max($0.largest, batch.rowCount)
                    }
                }
            }
            let (rows, sum, largest) = seen.withLock { $0 }
            #expect(rows == 5_000_000)
            #expect(sum == 5_000_000 * 5_000_001 / 2)
            #expect(largest <= 65_536)
        }
    }
}
