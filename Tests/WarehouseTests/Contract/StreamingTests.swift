import Core
import Synchronization
import Testing
import Warehouse

extension EngineContract {
    @Suite
    struct StreamingTests {
        private struct Enough: Error {}

        @Test(arguments: EngineUnderTest.allCases)
        func aLargeResultComesInBatchesInOrder(_ engine: EngineUnderTest) async throws {
            let seen = Mutex<(batches: Int, numbers: [Int64])>((0, []))
            try await engine.withSession {
                try await $0.stream(
                    "SELECT CAST(x AS bigint) AS n FROM generate_series(1, 100000) AS t(x) WHERE x > $1",
                    parameters: [.integer(1000)]
                ) { batch in
                    guard case .int64(let numbers) = batch.columns[0].vector.storage else { return }
                    seen.withLock {
                        $0.batches += 1
                        $0.numbers += numbers
                    }
                }
            }
            let (batches, numbers) = seen.withLock { $0 }
            #expect(batches > 1)
            #expect(numbers == Array(1001...100_000))
        }

        @Test(arguments: EngineUnderTest.allCases)
        func anEmptyResultIsOneEmptyBatch(_ engine: EngineUnderTest) async throws {
            let seen = Mutex<[Table]>([])
            try await engine.withSession {
                try await $0.stream("SELECT CAST(1 AS integer) AS a WHERE 1 = 0", parameters: []) { batch in
                    seen.withLock { $0.append(batch) }
                }
            }
            #expect(seen.withLock { $0 } == [Table([("a", .integer)], rows: [])])
        }

        @Test(arguments: EngineUnderTest.allCases)
        func anErrorOfTheReaderEndsTheStatement(_ engine: EngineUnderTest) async throws {
            try await engine.withSession { session in
                await #expect(throws: Enough.self) {
                    try await session.stream(
                        "SELECT CAST(x AS bigint) AS x FROM generate_series(1, 2000000) AS t(x)",
                        parameters: []
                    ) { _ in throw Enough() }
                }
                try await expectUsable(session)
            }
        }
    }
}
