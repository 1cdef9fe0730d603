import Core
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Warehouse

/// Reading by ODBC, through unixODBC and the PostgreSQL driver from a real server.
@Suite(.postgreSQLCluster) struct ODBCSessionTests {
    private func database(_ definition: String) async throws -> String {
        let cluster = try #require(PostgreSQLCluster.current)
        let address = try await cluster.makeDatabase(
            "o" + UUID().uuidString.lowercased().replacing("-", with: ""))
        let engine = PostgreSQLEngine(connectionString: address)
        try await engine.withSession { try await $0.execute(definition) }
        await engine.close()
        return address
    }

    private func read(
        _ address: String, _ statement: ODBCSession.Statement
    ) async throws -> (columns: [String], rows: [[String?]], batches: Int) {
        let session = try await ODBCSession.open(
            ODBCConnectionText(try ODBCDriver.connection(address)), statement)
        let found = Mutex<(rows: [[String?]], batches: Int)>(([], 0))
        do {
            try await session.read { batch in
                let rows = batch.rows.map { $0.map { $0.isNull ? nil : $0.text } }
                found.withLock {
                    $0.rows += rows
                    $0.batches += 1
                }
            }
            let columns = try await session.columns()
            await session.close()
            return found.withLock { (columns, $0.rows, $0.batches) }
        } catch {
            await session.close()
            throw error
        }
    }

    /// Columns of a length each: a block of rows a fetch.
    @Test func everyTypeIsReadExactly() async throws {
        let address = try await database(
            """
            CREATE TABLE t (a smallint, b integer, c bigint, d real, e double precision, f numeric(20,6), g boolean,
              h date, i time, j timestamp, k timestamptz, l varchar(12), m char(4), n uuid, o numeric);
            INSERT INTO t VALUES
              (-32768, 2147483647, -9223372036854775808, 0.1, 0.1, 12345678901234.123456, true, '2026-04-01', '23:59:58.25',
               '2026-04-01 12:30:00.123456', '2026-04-01 12:30:00.5+02', 'Zoë 😀', 'ab', '00112233-4455-6677-8899-aabbccddeeff',
               123456789012345678901234567890.5),
              (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
              (1, 1, 9223372036854775807, 1e30, 1e-300, -0.5, false, '1900-01-01', '00:00', '1899-12-31 00:00:00',
               '2026-10-25 01:30:00+01', '', '', '00000000-0000-0000-0000-000000000000', 0)
            """)
        let found = try await read(address, .table(["public", "t"]))
        #expect(found.columns == "a b c d e f g h i j k l m n o".split(separator: " ").map(String.init))
        #expect(
            found.rows == [
                [
                    "-32768", "2147483647", "-9223372036854775808", "0.1", "0.1", "12345678901234.123456",
                    "1",
                    "2026-04-01", "23:59:58.25", "2026-04-01 12:30:00.123456", "2026-04-01 10:30:00.500000",
                    "Zoë 😀", "ab  ", "00112233-4455-6677-8899-AABBCCDDEEFF",
                    "123456789012345678901234567890.5",
                ],
                [String?](repeating: nil, count: 15),
                [
                    "1", "1", "9223372036854775807", "1e+30", "1e-300", "-0.500000", "0", "1900-01-01",
                    "00:00:00", "1899-12-31 00:00:00", "2026-10-25 00:30:00", "", "    ",
                    "00000000-0000-0000-0000-000000000000", "0",
                ],
            ])
    }

    /// A column without a length: each value in as many pieces as it takes.
    @Test func longTextsComeWhole() async throws {
        let address = try await database(
            """
            CREATE TABLE t (id integer, body text, raw bytea, last date);
            INSERT INTO t VALUES (1, repeat('añ😀', 40000), decode('00ff10', 'hex'), '2026-04-01'), (2, '', NULL, NULL),
              (3, NULL, decode('', 'hex'), '2026-04-02'), (4, repeat('x', 4096), NULL, NULL), (5, repeat('x', 2047), NULL, NULL)
            """)
        let found = try await read(address, .query("SELECT * FROM t ORDER BY id"))
        #expect(found.rows.map { $0[1]?.count } == [120_000, 0, nil, 4_096, 2_047])
        #expect(found.rows[0][1] == String(repeating: "añ😀", count: 40_000))
        #expect(found.rows[0][2]?.uppercased() == "00FF10")
        #expect(found.rows.map { $0[3] } == ["2026-04-01", nil, "2026-04-02", nil, nil])
    }

    @Test func manyRowsComeInBatchesInOrder() async throws {
        let address = try await database("SELECT 1")
        let short = try await read(
            address, .query("SELECT i, CAST(i AS varchar(9)) AS t FROM generate_series(1, 50000) i"))
        #expect(short.rows.map { $0[0] } == (1...50_000).map { String($0) })
        #expect(short.rows.map { $0[1] } == (1...50_000).map { String($0) })
        #expect(short.batches > 2)
        let long = try await read(
            address, .query("SELECT i, CAST(i AS text) AS t FROM generate_series(1, 20000) i"))
        #expect(long.rows.map { $0[1] } == (1...20_000).map { String($0) })
        let none = try await read(address, .query("SELECT 1 AS one WHERE false"))
        #expect(none.rows.isEmpty && none.batches == 1)
    }

    @Test func nothingIsChanged() async throws {
        let address = try await database("CREATE TABLE t (a integer); INSERT INTO t VALUES (1)")
        await #expect(throws: ODBCError.self) {
            try await read(address, .query("DELETE FROM t RETURNING a"))
        }
        #expect(try await read(address, .table(["t"])).rows == [["1"]])
    }

    private struct Fault: Sendable, CustomTestStringConvertible {
        let sql: String
        let state: String
        let says: String
        var testDescription: String { sql }
    }

    @Test func aServersWordsAreShownButNoValues() async throws {
        let address = try await database(
            "CREATE TABLE t (a varchar(20)); INSERT INTO t VALUES ('secret value')")
        let faults = [
            Fault(sql: "SELECT * FROM absent", state: "42P01", says: #"relation "absent" does not exist"#),
            Fault(sql: "SELECT a FROM t WHERE", state: "42601", says: "syntax error"),
            Fault(sql: "SELECT CAST(a AS integer) AS b FROM t", state: "22P02", says: "is not shown"),
        ]
        for fault in faults {
            let error = await #expect(throws: ODBCError.self) { try await read(address, .query(fault.sql)) }
            #expect(
                error?.description.contains(fault.says) == true, "\(fault.sql): \(error?.description ?? "")")
            #expect(error?.description.contains("secret") == false)
        }
    }

    @Test func theWayInIsNamedWithoutItsSecrets() async throws {
        let cluster = try #require(PostgreSQLCluster.current)
        let way = try ODBCDriver.connection(cluster.connectionString)
        let wrong = way + ";UID=nobody-hunter2;PWD={hunter2}"
        let refused = await #expect(throws: ODBCError.self) {
            try await ODBCSession.open(ODBCConnectionText(wrong), .query("SELECT 1"))
        }
        #expect(refused?.description.contains("hunter2") == false)
        #expect(refused?.description.contains("nobody-***") == true, "\(refused?.description ?? "")")
        let absent = await #expect(throws: ODBCError.self) {
            try await ODBCSession.open(ODBCConnectionText("no-such-source"), .query("SELECT 1"))
        }
        #expect(absent?.sqlstate == "IM002")
        #expect(absent?.description.contains("define it in odbc.ini") == true)
    }

    @Test func readingEndsWhenItsTaskIsCancelled() async throws {
        let cluster = try #require(PostgreSQLCluster.current)
        let way = ODBCConnectionText(try ODBCDriver.connection(cluster.connectionString))
        // Never ends by itself.
        let session = try await ODBCSession.open(
            way, .query("SELECT a.i FROM generate_series(1, 1000000) a(i), generate_series(1, 1000000) b(i)"))
        let hasBegun = AsyncStream<Void>.makeStream()
        let reading = Task { try await session.read { _ in hasBegun.continuation.yield() } }
        for await _ in hasBegun.stream { break }
        reading.cancel()
        let error = await #expect(throws: ODBCError.self) { try await reading.value }
        #expect(error == ODBCError.cancelled)
        await session.close()
        await #expect(throws: ODBCError.closed) { try await session.columns() }
    }
}

/// What needs no server.
@Suite struct ODBCTextTests {
    @Test(arguments: [
        ("warehouse", "DSN=warehouse", []),
        ("Driver={a;b};UID=u;PWD=p w", "Driver={a;b};UID=u;PWD=p w", ["p w"]),
        ("DSN=x; Password = {a}}b;c} ;y=1", "DSN=x; Password = {a}}b;c} ;y=1", [" {a}}b"]),
        ("DSN=x;PWD={a}}b;c};y=1", "DSN=x;PWD={a}}b;c};y=1", ["a}b;c"]),
        ("DSN=x;AccessToken=t", "DSN=x;AccessToken=t", ["t"]),
    ])
    func secretsOfAConnectionStringAreFound(given: String, text: String, secrets: [String]) {
        #expect(ODBCConnectionText(given).text == text)
        #expect(ODBCConnectionText(given).secrets == secrets)
    }

    @Test(arguments: [
        ("2026-04-01 12:30:00.5000000 +02:00", "2026-04-01 10:30:00.5"),
        ("2026-01-01 00:15:00 +05:45", "2025-12-31 18:30:00"),
        ("2026-04-01 12:30:00 -00:30", "2026-04-01 13:00:00"),
        ("nonsense", "nonsense"), ("2026-02-30 10:00:00 +00:00", "2026-02-30 10:00:00 +00:00"),
    ])
    func anOffsetIsTakenOff(text: String, utc: String) {
        #expect(ODBCMoment.utc(text) == utc)
    }
}
