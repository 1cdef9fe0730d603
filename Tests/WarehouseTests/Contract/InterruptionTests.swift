import Core
import Testing
import Warehouse

extension EngineContract {
    @Suite
    struct InterruptionTests {
        @Test(arguments: EngineUnderTest.allCases)
        func interruptEndsTheRunningStatement(_ engine: EngineUnderTest) async throws {
            try await engine.withSession { session in
                let waiting = Task { try await session.query(endlessQuery) }
                // It only ever ends a statement that runs: so ask until one did.
                let asking = Task {
                    while !Task.isCancelled {
                        session.interrupt()
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
                await expectFailure(.cancelled) { _ = try await waiting.value }
                asking.cancel()
                _ = await asking.result
                try await expectUsable(session)
            }
        }

        @Test(arguments: EngineUnderTest.allCases, [0, 1, 20, 300])
        func cancellingTheTaskEndsItsStatement(_ engine: EngineUnderTest, afterMilliseconds: Int) async throws
        {
            try await engine.withSession { session in
                let waiting = Task { try await session.query(endlessQuery) }
                try await Task.sleep(for: .milliseconds(afterMilliseconds))
                waiting.cancel()
                await expectFailure(.cancelled) { _ = try await waiting.value }
                try await expectUsable(session)
            }
        }

        @Test(arguments: EngineUnderTest.allCases)
        func cancellingAStreamEndsIt(_ engine: EngineUnderTest) async throws {
            try await engine.withSession { session in
                let waiting = Task {
                    try await session.stream(
                        "SELECT x FROM generate_series(1, 900000) AS a(x), generate_series(1, 900000) AS b(y)",
                        parameters: []
                    ) { _ in withUnsafeCurrentTask { $0?.cancel() } }
                }
                await expectFailure(.cancelled) { try await waiting.value }
                try await expectUsable(session)
            }
        }

        @Test(arguments: EngineUnderTest.allCases)
        func interruptWithoutAStatementDoesNothing(_ engine: EngineUnderTest) async throws {
            try await engine.withSession { session in
                session.interrupt()
                try await expectUsable(session)
            }
        }
    }
}
