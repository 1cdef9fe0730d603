import Core
import Testing
import Warehouse

extension EngineContract {
    @Suite
    struct FailureTests {
        struct Case: Sendable, CustomTestStringConvertible {
            let name: String
            let sql: String
            let sqlstate: [EngineUnderTest: String]
            var testDescription: String { name }
        }

        /// Each holds the value 9434765919, which must not come out again.
        static let cases = [
            Case(
                name: "syntax", sql: "SELEKT '9434765919'",
                sqlstate: [.duckdb: "42601", .postgresql: "42601"]),
            Case(
                name: "table", sql: "SELECT * FROM t_9434765919",
                sqlstate: [.duckdb: "42704", .postgresql: "42P01"]),
            Case(
                name: "column", sql: "SELECT c_9434765919 FROM (SELECT 1 AS a) AS t",
                sqlstate: [.duckdb: "42000", .postgresql: "42703"]),
            Case(
                name: "conversion", sql: "SELECT CAST('x9434765919' AS integer) AS a",
                sqlstate: [.duckdb: "22P02", .postgresql: "22P02"]),
            Case(
                name: "range", sql: "SELECT CAST(CAST(9434765919 AS bigint) AS smallint) AS a",
                sqlstate: [.duckdb: "22P02", .postgresql: "22003"]),
        ]

        @Test(arguments: EngineUnderTest.allCases, cases)
        func errorsBearNoData(_ engine: EngineUnderTest, _ failing: Case) async throws {
            try await engine.withSession { session in
                let error = try #require(
                    await #expect(throws: EngineError.self) { _ = try await session.query(failing.sql) })
                #expect(error.sqlstate.rawValue == failing.sqlstate[engine])
                var dumped = ""
                dump(error, to: &dumped)
                for text in ["\(error)", String(reflecting: error), dumped, "\(error as any Error)"] {
                    #expect(!text.contains("9434765919"))
                }
                #expect(error.operatorDetail?.isEmpty == false)
                try await expectUsable(session)
            }
        }

        @Test(arguments: EngineUnderTest.allCases)
        func laterStatementsDoNotRunAfterAnError(_ engine: EngineUnderTest) async throws {
            let table = EngineUnderTest.freshTable()
            try await engine.withSession { session in
                try await session.execute("CREATE TABLE \(table.sql) (a integer)")
                await expectFailure(.statement) {
                    try await session.execute(
                        "SELECT CAST('x' AS integer); INSERT INTO \(table.sql) VALUES (1)")
                }
                #expect(
                    try await session.query("SELECT count(*) AS n FROM \(table.sql)").row(0) == [.integer(0)])
            }
        }

        @Test(arguments: EngineUnderTest.allCases)
        func wrongParametersAreRefused(_ engine: EngineUnderTest) async throws {
            try await engine.withSession { session in
                await expectFailure(.statement) {
                    _ = try await session.query("SELECT CAST($1 AS integer) AS a", parameters: [])
                }
            }
        }

        @Test(arguments: EngineUnderTest.allCases)
        func whatHasEndedSaysSo(_ engine: EngineUnderTest) async throws {
            let opened = try await engine.open()
            let session = try await opened.session()
            await opened.close()
            await expectFailure(.sessionEnded) { _ = try await opened.session() }
            try await expectUsable(session)
            await session.end()
            await expectFailure(.sessionEnded) { try await session.execute("SELECT 1") }
            session.interrupt()
            await session.end()
        }
    }
}
