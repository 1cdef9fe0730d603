import Core
import Testing
import Warehouse

extension EngineContract {
    @Suite
    struct ReadingTests {
        @Test(arguments: EngineUnderTest.allCases)
        func everyTypeArrivesAsItself(_ engine: EngineUnderTest) async throws {
            let table = try await engine.withSession {
                try await $0.query(
                    """
                    SELECT CAST(true AS boolean) AS flag, CAST(-3 AS smallint) AS small,
                      CAST(42 AS integer) AS whole,
                      CAST(9007199254740993 AS bigint) AS big, CAST(12.345 AS numeric(10, 3)) AS exact,
                      CAST(0.1 AS double precision) AS real, CAST('Ångström 👩‍⚕️' AS varchar) AS words,
                      CAST('' AS varchar) AS empty, CAST('1931-02-28' AS date) AS day,
                      CAST('2024-02-29 23:59:59.123456' AS timestamp) AS moment,
                      INTERVAL '14 months 2 days 3 seconds' AS span
                    """)
            }
            let expected = Table(
                [
                    ("flag", .boolean), ("small", .integer), ("whole", .integer), ("big", .bigint),
                    ("exact", .numeric), ("real", .double), ("words", .text), ("empty", .text),
                    ("day", .date),
                    ("moment", .timestamp), ("span", .interval),
                ],
                rows: [
                    [
                        .boolean(true), .integer(-3), .integer(42), .integer(9_007_199_254_740_993),
                        .double(12.345), .double(0.1), .text("Ångström 👩‍⚕️"), .text(""),
                        .date(Int32(Civil.days(year: 1931, month: 2, day: 28))),
                        .timestamp(1_709_251_199_123_456),
                        .interval(months: 14, days: 2, microseconds: 3_000_000),
                    ]
                ])
            #expect(table == expected)
        }

        @Test(arguments: EngineUnderTest.allCases)
        func nullsOfEveryTypeKeepTheirType(_ engine: EngineUnderTest) async throws {
            let types: [(String, ColumnType)] = [
                ("boolean", .boolean), ("integer", .integer), ("bigint", .bigint),
                ("numeric(9, 2)", .numeric),
                ("double precision", .double), ("varchar", .text), ("date", .date), ("timestamp", .timestamp),
                ("interval", .interval),
            ]
            let columns = types.enumerated().map { "CAST(NULL AS \($1.0)) AS c\($0)" }.joined(separator: ", ")
            let table = try await engine.withSession { try await $0.query("SELECT \(columns)") }
            let expected = Table(
                types.enumerated().map { (name: "c\($0)", type: $1.1) },
                rows: [types.map { _ in Value.null }])
            #expect(table == expected)
        }

        @Test(arguments: EngineUnderTest.allCases)
        func notANumberAndInfinitiesArrive(_ engine: EngineUnderTest) async throws {
            let values = try await engine.withSession {
                try await $0.query(
                    """
                    SELECT CAST('NaN' AS double precision) AS a, CAST('Infinity' AS double precision) AS b,
                      CAST('-Infinity' AS double precision) AS c
                    """)
            }.row(0).compactMap(\.number)
            #expect(values.count == 3)
            #expect(values.first?.isNaN == true)
            #expect(values.dropFirst() == [.infinity, -.infinity])
        }

        @Test(arguments: EngineUnderTest.allCases)
        func anEmptyResultHasItsColumns(_ engine: EngineUnderTest) async throws {
            let table = try await engine.withSession {
                try await $0.query("SELECT CAST(1 AS integer) AS a, CAST('x' AS varchar) AS b WHERE 1 = 0")
            }
            #expect(table == Table([("a", .integer), ("b", .text)], rows: []))
        }

        @Test(arguments: EngineUnderTest.allCases)
        func parametersOfEveryTypeArrive(_ engine: EngineUnderTest) async throws {
            let values: [Value] = [
                .boolean(false), .integer(-9_007_199_254_740_993), .double(2.5),
                .text("O'Brien; -- \u{1F9EC}"),
                .text(""), .date(-14_187), .timestamp(-1), .interval(months: -1, days: 40, microseconds: 5),
                .null,
            ]
            let types = [
                "boolean", "bigint", "double precision", "varchar", "varchar", "date", "timestamp",
                "interval",
                "varchar",
            ]
            let columns = types.enumerated().map { "CAST($\($0 + 1) AS \($1)) AS c\($0)" }
            let table = try await engine.withSession {
                try await $0.query("SELECT \(columns.joined(separator: ", "))", parameters: values)
            }
            #expect(table.row(0) == values)
        }

        @Test(arguments: EngineUnderTest.allCases)
        func timeZoneIsUTCWhateverTheServerHas(_ engine: EngineUnderTest) async throws {
            let table = try await engine.withSession {
                try await $0.query(
                    "SELECT CAST(CAST('2024-06-01 12:00:00+00' AS timestamptz) AS timestamp) AS moment")
            }
            #expect(table.row(0) == [.timestamp(1_717_243_200_000_000)])
        }

        @Test(arguments: EngineUnderTest.allCases)
        func aTypeWeDoNotCarryIsRefused(_ engine: EngineUnderTest) async throws {
            try await engine.withSession { session in
                await expectFailure(.unsupportedType) {
                    _ = try await session.query("SELECT CAST('12:00' AS time) AS t")
                }
                try await expectUsable(session)
            }
        }

        @Test(arguments: EngineUnderTest.allCases)
        func exactlyOneStatementIsQueried(_ engine: EngineUnderTest) async throws {
            try await engine.withSession { session in
                await expectFailure(.statement) { _ = try await session.query("SELECT 1; SELECT 2") }
            }
        }
    }
}
