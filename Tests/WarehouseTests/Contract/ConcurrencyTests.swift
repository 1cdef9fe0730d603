import Core
import Testing
import Warehouse

extension EngineContract {
    @Suite
    struct ConcurrencyTests {
        @Test(arguments: EngineUnderTest.allCases)
        func sessionsWorkSideBySide(_ engine: EngineUnderTest) async throws {
            let opened = try await engine.open()
            let sums = try await withThrowingTaskGroup(of: Value.self) { group in
                for offset in 0..<8 {
                    group.addTask {
                        try await opened.withSession { session in
                            var last = Value.null
                            for _ in 0..<5 {
                                last = try await session.query(
                                    """
                                    SELECT CAST(sum(x + CAST($1 AS integer)) AS bigint) AS s
                                    FROM generate_series(1, 1000) AS t(x)
                                    """, parameters: [.integer(Int64(offset))]
                                ).row(0)[0]
                            }
                            return last
                        }
                    }
                }
                return try await group.reduce(into: Set<Value>()) { $0.insert($1) }
            }
            await opened.close()
            #expect(sums == Set((0..<8).map { Value.integer(500_500 + 1000 * $0) }))
        }

        @Test(arguments: EngineUnderTest.allCases)
        func interruptingOneLeavesTheOthers(_ engine: EngineUnderTest) async throws {
            let opened = try await engine.open()
            let (first, second) = (try await opened.session(), try await opened.session())
            let waiting = Task { try await first.query(endlessQuery) }
            let counted = try await second.query(
                "SELECT count(*) AS n FROM generate_series(1, 100000) AS t(x)")
            waiting.cancel()
            await expectFailure(.cancelled) { _ = try await waiting.value }
            #expect(counted.row(0) == [.integer(100_000)])
            await first.end()
            await second.end()
            await opened.close()
        }

        @Test(arguments: EngineUnderTest.allCases)
        func anotherSessionSeesOnlyWhatIsCommitted(_ engine: EngineUnderTest) async throws {
            let opened = try await engine.open()
            let table = EngineUnderTest.freshTable()
            let (writer, reader) = (try await opened.session(), try await opened.session())
            try await writer.execute("CREATE TABLE \(table.sql) (a integer)")
            try await writer.execute("BEGIN; INSERT INTO \(table.sql) VALUES (1)")
            let before = try await reader.query("SELECT count(*) AS n FROM \(table.sql)")
            try await writer.execute("COMMIT")
            let after = try await reader.query("SELECT count(*) AS n FROM \(table.sql)")
            #expect([before.row(0), after.row(0)] == [[.integer(0)], [.integer(1)]])
            await writer.end()
            await reader.end()
            await opened.close()
        }

        /// While batches come in, a reader's transaction sees one state of both tables, from its first statement on;
        /// a reader without one sees whole batches only.
        @Test(arguments: EngineUnderTest.allCases)
        func readersSeeOneStateWhileRowsComeIn(_ engine: EngineUnderTest) async throws {
            let opened = try await engine.open()
            let (first, second) = (EngineUnderTest.freshTable(), EngineUnderTest.freshTable())
            let batch = Table([("a", .integer)], rows: (0..<1000).map { [.integer(Int64($0))] })
            try await opened.withSession {
                try await $0.execute(
                    "CREATE TABLE \(first.sql) (a integer); CREATE TABLE \(second.sql) (a integer)")
            }
            let writing = Task {
                try await opened.withSession { session in
                    for _ in 0..<30 {
                        try await session.transaction { session in
                            for table in [first, second] {
                                try await session.load(table, columns: [("a", .integer)], batch: batch)
                            }
                        }
                    }
                }
            }
            let counts =
                "SELECT (SELECT count(*) FROM \(first.sql)) AS a, (SELECT count(*) FROM \(second.sql)) AS b"
            try await opened.withSession { reader in
                for _ in 0..<15 {
                    let seen = try await reader.query(counts).row(0)
                    #expect(seen[0] == seen[1])
                    #expect(seen[0].number?.truncatingRemainder(dividingBy: 1000) == 0)
                    try await reader.transaction { reader in
                        let before = try await reader.query("SELECT count(*) AS n FROM \(first.sql)").row(0)
                        try await Task.sleep(for: .milliseconds(2))
                        let after = try await reader.query("SELECT count(*) AS n FROM \(second.sql)").row(0)
                        #expect(before == after)
                    }
                }
            }
            try await writing.value
            let end = try await opened.withSession { try await $0.query(counts).row(0) }
            #expect(end == [.integer(30_000), .integer(30_000)])
            await opened.close()
        }
    }
}
