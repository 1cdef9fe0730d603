import Core
import Foundation
import Testing
import Warehouse

@Suite
struct DuckDBEngineTests {
    private func temporaryDirectory() throws -> URL {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        return directory
    }

    private func single(_ engine: DuckDBEngine, _ sql: String) async throws -> Value {
        try await engine.withSession { try await $0.query(sql) }.row(0)[0]
    }

    @Test func integersOfEveryWidthArrive() async throws {
        let engine = try await DuckDBEngine(path: nil)
        let table = try await engine.withSession {
            try await $0.query(
                """
                SELECT (-128)::TINYINT AS a, 255::UTINYINT AS b, 65535::USMALLINT AS c,
                  4294967295::UINTEGER AS d,
                  9223372036854775807::UBIGINT AS e, (-9223372036854775808)::HUGEINT AS f,
                  18446744073709551615::UBIGINT AS g, 170141183460469231731687303715884105727::HUGEINT AS h,
                  1.5::FLOAT AS i, 12345678901234567890.12::DECIMAL(38, 2) AS j
                """)
        }
        let expected = Table(
            [
                ("a", .integer), ("b", .integer), ("c", .integer), ("d", .bigint), ("e", .bigint),
                ("f", .bigint),
                ("g", .numeric), ("h", .numeric), ("i", .double), ("j", .numeric),
            ],
            rows: [
                [
                    .integer(-128), .integer(255), .integer(65535), .integer(4_294_967_295), .integer(.max),
                    .integer(.min), .double(0x1p64), .double(0x1p127), .double(1.5),
                    .double(12_345_678_901_234_567_890.12),
                ]
            ])
        #expect(table == expected)
    }

    @Test func aColumnWidensAsAWhole() async throws {
        let engine = try await DuckDBEngine(path: nil)
        let table = try await engine.withSession {
            try await $0.query("SELECT x::HUGEINT * x AS y FROM (VALUES (3), (NULL), (9000000000)) AS t(x)")
        }
        #expect(table == Table([("y", .numeric)], rows: [[.double(9)], [.null], [.double(8.1e19)]]))
    }

    @Test func enumerationsAndTimestampsOfOtherUnitsArrive() async throws {
        let engine = try await DuckDBEngine(path: nil)
        let table = try await engine.withSession {
            try await $0.query(
                """
                SELECT x::ENUM ('female', 'male') AS sex, '1969-12-31 23:59:59.9999999'::TIMESTAMP_NS AS a,
                  '1969-12-31 23:59:59'::TIMESTAMP_S AS b, '1969-12-31 23:59:59.999'::TIMESTAMP_MS AS c
                FROM (VALUES ('male'), (NULL)) AS t(x)
                """)
        }
        let rest: [Value] = [.timestamp(-1), .timestamp(-1_000_000), .timestamp(-1000)]
        #expect(table.rows == [[.text("male")] + rest, [.null] + rest])
    }

    @Test func settingsAreOn() async throws {
        let engine = try await DuckDBEngine(
            path: nil, settings: DuckDBSettings(memoryLimitMegabytes: 256, threads: 2))
        let settings = [
            ("TimeZone", "UTC"), ("default_null_order", "NULLS_LAST"), ("temp_directory", ""),
            ("threads", "2"),
            ("autoinstall_known_extensions", "false"), ("autoload_known_extensions", "false"),
            ("ieee_floating_point_ops", "false"), ("allow_persistent_secrets", "false"),
        ]
        for (name, value) in settings {
            #expect(try await single(engine, "SELECT current_setting('\(name)')::VARCHAR") == .text(value))
        }
        #expect(try await single(engine, "SELECT 1.0::DOUBLE / 0 AS x") == .null)
        let ordered = try await engine.withSession {
            try await $0.query("SELECT x FROM (VALUES (NULL), (1)) AS t(x) ORDER BY x")
        }
        #expect(ordered.rows == [[.integer(1)], [.null]])
    }

    @Test func aStatementThatNeedsTooMuchMemoryFailsAndSpillsNothing() async throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let engine = try await DuckDBEngine(
            path: directory.appendingPathComponent("db").path,
            settings: DuckDBSettings(memoryLimitMegabytes: 64, threads: 1))
        await expectFailure(.outOfMemory) {
            _ = try await engine.withSession {
                try await $0.query(
                    "SELECT count(*) FROM (SELECT DISTINCT hash(x) || '-' || x FROM range(20000000) AS t(x))"
                )
            }
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(files.allSatisfy { $0 == "db" || $0 == "db.wal" })
        await engine.close()
    }

    /// A checkpoint puts rows together that are left in row groups after deletes: if it did that for all of a table at
    /// once, it would need memory for all of it, and an error there ends the whole database.
    @Test func aCheckpointAfterManyDeletesFitsIntoTheLimit() async throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let engine = try await DuckDBEngine(
            path: directory.appendingPathComponent("db").path,
            settings: DuckDBSettings(memoryLimitMegabytes: 64, threads: 2))
        try await engine.withSession { session in
            try await session.execute(
                """
                CREATE TABLE t AS SELECT i, 'value number 0 of ' || i AS a, 'value number 1 of ' || i AS b,
                  'value number 2 of ' || i AS c, 'value number 3 of ' || i AS d FROM range(2000000) r(i);
                CHECKPOINT; DELETE FROM t WHERE i % 2 <> 0; CHECKPOINT
                """)
        }
        #expect(try await single(engine, "SELECT count(*) FROM t") == .integer(1_000_000))
        await engine.close()
    }

    @Test func lockDownLeavesOnlyTheAllowedDirectories() async throws {
        let (inside, outside) = (try temporaryDirectory(), try temporaryDirectory())
        defer { for directory in [inside, outside] { try? FileManager.default.removeItem(at: directory) } }
        for directory in [inside, outside] {
            try Data("a\n1\n".utf8).write(to: directory.appendingPathComponent("t.csv"))
        }
        let engine = try await DuckDBEngine(
            path: nil, settings: DuckDBSettings(allowedDirectories: [inside.path]))
        try await engine.lockDown()
        #expect(try await single(engine, "SELECT a FROM read_csv('\(inside.path)/t.csv')") == .integer(1))
        let refused = [
            "SELECT a FROM read_csv('\(outside.path)/t.csv')",
            "SELECT a FROM read_csv('\(inside.path)/../\(outside.lastPathComponent)/t.csv')",
            "COPY (SELECT 1) TO '\(outside.path)/u.csv'", "ATTACH '\(outside.path)/other.db'",
            "INSTALL httpfs", "LOAD httpfs", "SET enable_external_access = true", "SET memory_limit = '1GB'",
            "SET lock_configuration = false", "SET allowed_directories = ['/']", "SELECT getenv('HOME')",
        ]
        for sql in refused {
            await expectFailure(.statement) { try await engine.withSession { try await $0.execute(sql) } }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path) == ["t.csv"])
        await engine.close()
    }

    @Test func aFileKeepsItsTables() async throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appendingPathComponent("warehouse.duckdb").path
        for round in 0..<2 {
            let engine = try await DuckDBEngine(path: path)
            try await engine.lockDown()
            try await engine.withSession { session in
                if round == 0 { try await session.execute("CREATE TABLE t (a INTEGER)") }
                try await session.load(
                    QualifiedName("t"), columns: [("a", .integer)],
                    batch: Table([("a", .integer)], rows: [[.integer(Int64(round))]]))
            }
            await engine.close()
        }
        let engine = try await DuckDBEngine(path: path)
        #expect(try await single(engine, "SELECT list_sum(list(a)) + count(*) FROM t") == .integer(3))
        await engine.close()
    }
}
