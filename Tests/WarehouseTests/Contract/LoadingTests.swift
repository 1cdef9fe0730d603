import Core
import Testing
import Warehouse

extension EngineContract {
    @Suite
    struct LoadingTests {
        private static let columns: [(name: String, type: ColumnType)] = [
            ("id", .bigint), ("flag", .boolean), ("whole", .integer), ("exact", .numeric), ("real", .double),
            ("words", .text), ("day", .date), ("moment", .timestamp), ("span", .interval),
        ]

        private static func create(_ table: QualifiedName) -> String {
            """
            CREATE TABLE \(table.sql) (id bigint, flag boolean, whole integer, exact numeric(18, 6),
              real double precision, words varchar, day date, moment timestamp, span interval)
            """
        }

        /// Rows of every type, NULLs and awkward values among them; the same seed makes the same rows.
        private static func rows(_ count: Int, seed: UInt64) -> Table {
            var generator = SplitMix(state: seed)
            let words = [
                "", "a", "exactly12byt", "thirteen bytes", "Zażółć gęślą jaźń 🧬 and beyond", "tab\tnew\nline",
                "\\N",
            ]
            let rows = (0..<count).map { id -> [Value] in
                let values: [Value] = [
                    .boolean(generator.next() % 2 == 0),
                    .integer(Int64(Int32(truncatingIfNeeded: generator.next()))),
                    .double(Double(Int64(generator.next() % 2_000_000) - 1_000_000) / 1000),
                    .double(Double(generator.next() % 1_000_003) / 7),
                    .text(words[Int(generator.next() % UInt64(words.count))]),
                    .date(Int32(generator.next() % 60_000) - 30_000),
                    .timestamp(Int64(generator.next() % 4_000_000_000_000_000) - 2_000_000_000_000_000),
                    .interval(
                        months: Int32(generator.next() % 48) - 24, days: Int32(generator.next() % 60) - 30,
                        microseconds: Int64(generator.next() % 86_400_000_000)),
                ]
                return [.integer(Int64(id))] + values.map { generator.next() % 5 == 0 ? .null : $0 }
            }
            return Table(columns, rows: rows)
        }

        @Test(arguments: EngineUnderTest.allCases, [0, 1, 2048, 5001])
        func whatIsLoadedIsReadBack(_ engine: EngineUnderTest, count: Int) async throws {
            let seed = UInt64.random(in: 0 ... .max)
            let rows = Self.rows(count, seed: seed)
            let table = EngineUnderTest.freshTable()
            let read = try await engine.withSession { session in
                try await session.execute(Self.create(table))
                try await session.load(table, columns: Self.columns, batch: rows)
                return try await session.query("SELECT * FROM \(table.sql) ORDER BY id")
            }
            #expect(read == rows, "seed \(seed)")
        }

        @Test(arguments: EngineUnderTest.allCases)
        func batchesAddUpAndOtherColumnsTakeTheirDefaults(_ engine: EngineUnderTest) async throws {
            let table = EngineUnderTest.freshTable()
            let read = try await engine.withSession { session in
                try await session.execute(
                    "CREATE TABLE \(table.sql) (a integer, note varchar DEFAULT 'none', b varchar)")
                for number in 1...2 {
                    try await session.load(
                        table, columns: [("b", .text), ("a", .integer)],
                        batch: Table(
                            [("x", .text), ("y", .integer)], rows: [[.text("é"), .integer(Int64(number))]]))
                }
                return try await session.query("SELECT a, note, b FROM \(table.sql) ORDER BY a")
            }
            #expect(
                read.rows == [
                    [.integer(1), .text("none"), .text("é")], [.integer(2), .text("none"), .text("é")],
                ])
        }

        @Test(arguments: EngineUnderTest.allCases)
        func aTableInASchemaIsFound(_ engine: EngineUnderTest) async throws {
            let schema = EngineUnderTest.freshTable().name
            let table = QualifiedName(schema: schema, "odd \"name\"")
            let read = try await engine.withSession { session in
                try await session.execute(
                    "CREATE SCHEMA \(schema); CREATE TABLE \(table.sql) (\"Mixed Case\" integer)")
                try await session.load(
                    table, columns: [("Mixed Case", .integer)],
                    batch: Table([("x", .integer)], rows: [[.integer(5)]]))
                return try await session.query("SELECT * FROM \(table.sql)")
            }
            #expect(read == Table([("Mixed Case", .integer)], rows: [[.integer(5)]]))
        }

        @Test(arguments: EngineUnderTest.allCases)
        func valuesOfAnotherTypeAreRefused(_ engine: EngineUnderTest) async throws {
            let table = EngineUnderTest.freshTable()
            try await engine.withSession { session in
                try await session.execute("CREATE TABLE \(table.sql) (a integer)")
                await expectFailure(.statement) {
                    try await session.load(
                        table, columns: [("a", .integer)],
                        batch: Table([("a", .text)], rows: [[.text("five")]]))
                }
                await expectFailure(.statement) {
                    try await session.load(
                        table, columns: [("a", .integer)],
                        batch: Table([("a", .bigint)], rows: [[.integer(1 << 40)]]))
                }
                #expect(
                    try await session.query("SELECT count(*) AS n FROM \(table.sql)").row(0) == [.integer(0)])
            }
        }

        @Test(arguments: EngineUnderTest.allCases)
        func aTransactionThatThrowsLeavesNothing(_ engine: EngineUnderTest) async throws {
            struct ChangedMind: Error {}
            let table = EngineUnderTest.freshTable()
            try await engine.withSession { session in
                try await session.execute(Self.create(table))
                await #expect(throws: ChangedMind.self) {
                    try await session.transaction { session in
                        try await session.load(table, columns: Self.columns, batch: Self.rows(3000, seed: 1))
                        throw ChangedMind()
                    }
                }
                #expect(
                    try await session.query("SELECT count(*) AS n FROM \(table.sql)").row(0) == [.integer(0)])
                try await session.transaction { session in
                    try await session.load(table, columns: Self.columns, batch: Self.rows(3000, seed: 1))
                }
                let count = try await session.query("SELECT count(*) AS n FROM \(table.sql)")
                #expect(count.row(0) == [.integer(3000)])
            }
        }
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014): rows by seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
