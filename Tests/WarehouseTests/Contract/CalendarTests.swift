import Core
import Testing
import Warehouse

extension EngineContract {
    @Suite
    struct CalendarTests {
        private static let days: [(String, Int)] = [
            ("0001-01-01", Civil.days(year: 1, month: 1, day: 1)),
            ("1582-10-15", Civil.days(year: 1582, month: 10, day: 15)),
            ("1752-09-03", Civil.days(year: 1752, month: 9, day: 3)),
            ("1900-02-28", Civil.days(year: 1900, month: 2, day: 28)), ("1969-12-31", -1), ("1970-01-01", 0),
            ("2000-02-29", Civil.days(year: 2000, month: 2, day: 29)),
            ("9999-12-31", Civil.days(year: 9999, month: 12, day: 31)),
        ]

        /// Both ends of what a date may be here, and the days on which calendars differ.
        @Test(arguments: EngineUnderTest.allCases)
        func daysGoInAndComeOut(_ engine: EngineUnderTest) async throws {
            let table = EngineUnderTest.freshTable()
            let columns: [(name: String, type: ColumnType)] = [("d", .date), ("t", .timestamp)]
            let rows = Self.days.map { _, day in
                [Value.date(Int32(day)), .timestamp(Int64(day) * 86_400_000_000 + 86_399_999_999)]
            }
            let (back, written) = try await engine.withSession { session in
                try await session.execute("CREATE TABLE \(table.sql) (d date, t timestamp)")
                try await session.load(table, columns: columns, batch: Table(columns, rows: rows))
                return (
                    try await session.query("SELECT d, t FROM \(table.sql) ORDER BY d"),
                    try await session.query(
                        "SELECT CAST(d AS varchar) AS d, CAST(t AS varchar) AS t FROM \(table.sql) ORDER BY t"
                    ).rows
                )
            }
            #expect(back.rows == rows)
            #expect(
                written == Self.days.map { name, _ in [.text(name), .text("\(name) 23:59:59.999999")] })
        }

        @Test(arguments: EngineUnderTest.allCases)
        func infiniteMomentsAreTheLargestNumbers(_ engine: EngineUnderTest) async throws {
            let table = EngineUnderTest.freshTable()
            let columns: [(name: String, type: ColumnType)] = [("d", .date), ("t", .timestamp)]
            let rows: [[Value]] = [
                [.date(-.max), .timestamp(-.max)], [.date(.max), .timestamp(.max)],
            ]
            let (read, loaded) = try await engine.withSession { session in
                try await session.execute("CREATE TABLE \(table.sql) (d date, t timestamp)")
                try await session.load(table, columns: columns, batch: Table(columns, rows: rows))
                return (
                    try await session.query(
                        """
                        SELECT CAST('infinity' AS date) AS a, CAST('-infinity' AS date) AS b,
                          CAST('infinity' AS timestamp) AS c, CAST('-infinity' AS timestamp) AS d
                        """
                    ).row(0),
                    try await session.query("SELECT d, t FROM \(table.sql) ORDER BY d").rows
                )
            }
            #expect(read == [.date(.max), .date(-.max), .timestamp(.max), .timestamp(-.max)])
            #expect(loaded == rows)
        }

        @Test(
            arguments: EngineUnderTest.allCases,
            ["CAST('2023-02-29' AS date)", "CAST('2024-13-01' AS date)", "CAST('today-ish' AS timestamp)"])
        func aDayThatIsNoneIsRefused(_ engine: EngineUnderTest, _ sql: String) async throws {
            try await engine.withSession { session in
                await expectFailure(.statement) { _ = try await session.query("SELECT \(sql) AS d") }
                try await expectUsable(session)
            }
        }

        /// Summer time is for clocks on the wall: both ends of it are days like others.
        @Test(arguments: EngineUnderTest.allCases)
        func hoursOfClockChangesAreOrdinary(_ engine: EngineUnderTest) async throws {
            let row = try await engine.withSession {
                try await $0.query(
                    """
                    SELECT CAST('2024-03-31 01:30:00' AS timestamp) + INTERVAL '1 hour' AS spring,
                      CAST('2024-10-27 00:30:00' AS timestamp) + INTERVAL '2 hours' AS autumn,
                      CAST('2024-01-31' AS date) + INTERVAL '1 month' AS month
                    """)
            }.row(0)
            func moment(_ month: Int, _ day: Int, _ minutes: Int) -> Value {
                let days = Civil.days(year: 2024, month: month, day: day)
                return .timestamp(Int64(days) * 86_400_000_000 + Int64(minutes) * 60_000_000)
            }
            #expect(row == [moment(3, 31, 150), moment(10, 27, 150), moment(2, 29, 0)])
        }
    }
}
