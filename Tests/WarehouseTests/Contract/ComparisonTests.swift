import Core
import Testing
import Warehouse

extension EngineContract {
    /// Whatever sorts, compares, divides or overflows does so alike on both engines, in the words that `Query` prints
    /// and `SiteSchema` defines.
    @Suite
    struct ComparisonTests {
        /// In the order of their bytes: what a person's locale would say is elsewhere.
        private static let texts = [
            "", " a", "A", "B", "Z", "_", "a", "a b", "aa", "b", "e\u{301}", "f", "ß", "é", "ﬀ", "\u{10000}",
            "🧬",
        ]

        @Test(arguments: EngineUnderTest.allCases)
        func textSortsAndComparesByItsBytes(_ engine: EngineUnderTest) async throws {
            let table = EngineUnderTest.freshTable()
            let rows = Self.texts.reversed().map { [Value.text($0)] }
            let (sorted, above, ends) = try await engine.withSession(sortingAsPeople: true) { session in
                try await session.execute("CREATE TABLE \(table.sql) (t \(engine.textColumn))")
                try await session.load(
                    table, columns: [("t", .text)], batch: Table([("t", .text)], rows: rows))
                return (
                    try await session.query("SELECT t FROM \(table.sql) ORDER BY t").rows,
                    try await session.query(
                        "SELECT t FROM \(table.sql) WHERE t > $1 ORDER BY t DESC", parameters: [.text("a")]
                    ).rows,
                    try await session.query("SELECT min(t) AS a, max(t) AS b FROM \(table.sql)").row(0)
                )
            }
            #expect(sorted.map(\.[0].text) == Self.texts)
            #expect(above.map(\.[0].text) == Self.texts.drop { $0 <= "a" }.reversed().filter { $0 != "a" })
            #expect(ends == [.text(""), .text("🧬")])
        }

        @Test(arguments: EngineUnderTest.allCases)
        func textsThatOnlyLookAlikeAreTwo(_ engine: EngineUnderTest) async throws {
            let row = try await engine.withSession(sortingAsPeople: true) { session in
                try await session.query(
                    """
                    SELECT CAST($1 AS varchar) = CAST($2 AS varchar) AS same,
                      length(CAST($3 AS varchar)) AS characters, CAST($3 AS varchar) AS back,
                      CAST($4 AS varchar) = CAST($5 AS varchar) AS case_matters
                    """,
                    parameters: [
                        .text("é"), .text("e\u{301}"), .text("🧬👩‍⚕️"), .text("Smith"), .text("smith"),
                    ])
            }.row(0)
            #expect(row == [.boolean(false), .integer(5), .text("🧬👩‍⚕️"), .boolean(false)])
        }

        @Test(arguments: EngineUnderTest.allCases)
        func notANumberEqualsItselfAndIsTheGreatest(_ engine: EngineUnderTest) async throws {
            let table = EngineUnderTest.freshTable()
            let numbers: [Double] = [.nan, 1, .infinity, -.infinity, 0, -0.0, .greatestFiniteMagnitude]
            let sorted = try await engine.withSession { session in
                try await session.execute("CREATE TABLE \(table.sql) (x double precision)")
                try await session.load(
                    table, columns: [("x", .double)],
                    batch: Table([("x", .double)], rows: numbers.map { [.double($0)] } + [[.null]]))
                let equal = try await session.query(
                    "SELECT count(*) AS n FROM \(table.sql) WHERE x = CAST('NaN' AS double precision)")
                #expect(equal.row(0) == [.integer(1)])
                return try await session.query("SELECT x FROM \(table.sql) ORDER BY x NULLS LAST").rows
            }
            let found = sorted.dropLast().compactMap { $0[0].number }
            #expect(sorted.last == [.null])
            #expect(found.dropLast() == [-.infinity, 0, 0, 1, .greatestFiniteMagnitude, .infinity])
            #expect(found.last?.isNaN == true)
        }

        struct Arithmetic: Sendable, CustomTestStringConvertible {
            let sql: String
            let expected: Value
            var testDescription: String { sql }

            init(_ sql: String, _ expected: Value) { (self.sql, self.expected) = (sql, expected) }
        }

        private static let arithmetic = [
            Arithmetic("CAST(7 AS double precision) / NULLIF(CAST(2 AS double precision), 0)", .double(3.5)),
            Arithmetic("CAST(7 AS double precision) / NULLIF(CAST(0 AS double precision), 0)", .null),
            Arithmetic("CAST(div(CAST(-7 AS numeric), CAST(2 AS numeric)) AS bigint)", .integer(-3)),
            Arithmetic("CAST(-7 AS integer) % CAST(2 AS integer)", .integer(-1)),
            Arithmetic("CAST(0.1 AS numeric(10, 3)) + CAST(0.2 AS numeric(10, 3))", .double(0.3)),
            Arithmetic("CAST(round(CAST(2.5 AS numeric(10, 3)), 0) AS double precision)", .double(3)),
            Arithmetic("CAST(9223372036854775807 AS bigint)", .integer(.max)),
            Arithmetic("CAST(-9223372036854775807 AS bigint) - CAST(1 AS bigint)", .integer(.min)),
            Arithmetic("CAST(1e300 AS double precision) * CAST(1e-300 AS double precision)", .double(1)),
        ]

        @Test(arguments: EngineUnderTest.allCases, arithmetic)
        func arithmeticAgrees(_ engine: EngineUnderTest, _ example: Arithmetic) async throws {
            // DuckDB spells the whole part of a quotient as an operator.
            let sql =
                engine == .duckdb && example.sql.contains("div(")
                ? "CAST(CAST(-7 AS integer) // CAST(2 AS integer) AS bigint)" : example.sql
            let table = try await engine.withSession { try await $0.query("SELECT \(sql) AS x") }
            #expect(table.row(0) == [example.expected])
        }

        @Test(
            arguments: EngineUnderTest.allCases,
            [
                "CAST(9223372036854775807 AS bigint) + CAST(1 AS bigint)",
                "CAST(2147483647 AS integer) + CAST(1 AS integer)",
                "CAST(4611686018427387904 AS bigint) * CAST(2 AS bigint)",
                "CAST(CAST(3000000000 AS bigint) AS integer)",
                "CAST(CAST(1e300 AS double precision) AS bigint)",
                "CAST(123456.7 AS numeric(5, 1))",
            ])
        func overflowIsAnErrorNotANumber(_ engine: EngineUnderTest, _ sql: String) async throws {
            try await engine.withSession { session in
                await expectFailure(.statement) { _ = try await session.query("SELECT \(sql) AS x") }
                try await expectUsable(session)
            }
        }

        /// What a dialect must print differently, as `Query` does: said here so that a change in an engine is seen.
        @Test(arguments: EngineUnderTest.allCases)
        func whatTheEnginesSayDifferently(_ engine: EngineUnderTest) async throws {
            try await engine.withSession { session in
                let quotient = try await session.query("SELECT CAST(7 AS integer) / CAST(2 AS integer) AS x")
                #expect(quotient.row(0) == [engine == .duckdb ? .double(3.5) : .integer(3)])
                let zero = "SELECT CAST(1 AS double precision) / CAST(0 AS double precision) AS x"
                if engine == .duckdb {
                    #expect(try await session.query(zero).row(0) == [.null])
                } else {
                    let error = await #expect(throws: EngineError.self) { _ = try await session.query(zero) }
                    #expect(error?.sqlstate == .divisionByZero)
                }
            }
        }
    }
}

extension EngineUnderTest {
    /// Text as the node's own tables have it.
    var textColumn: String { self == .duckdb ? "VARCHAR" : "TEXT COLLATE \"C\"" }
}
