import Core
import Testing

@testable import Node

@Suite struct SessionCommandTests {
    static let commands: [(String, SessionCommand)] = [
        ("SELECT 1", .question), ("(SELECT 1)", .question),
        ("WITH a AS (SELECT 1) SELECT * FROM a", .question),
        ("/* x */ EXPLAIN SELECT 1", .explain), ("BEGIN;", .transaction(.begin)),
        ("START TRANSACTION READ ONLY", .transaction(.begin)), ("END", .transaction(.commit)),
        ("ABORT", .transaction(.rollback)), ("ROLLBACK TO SAVEPOINT a", .transaction(.rollbackTo)),
        ("SET concordat.Agreement = 'x-1'", .set(name: "concordat.agreement", value: "x-1", isLocal: false)),
        ("SET SESSION extra_float_digits TO 3", .set(name: "extra_float_digits", value: "3", isLocal: false)),
        ("set local search_path to a, \"B\"", .set(name: "search_path", value: "a, B", isLocal: true)),
        ("SET statement_timeout = DEFAULT", .set(name: "statement_timeout", value: nil, isLocal: false)),
        ("SET TIME ZONE 'Europe/London'", .set(name: "timezone", value: "Europe/London", isLocal: false)),
        ("SET NAMES 'UTF8'", .set(name: "client_encoding", value: "UTF8", isLocal: false)),
        ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", .nothing(tag: "SET")),
        ("SHOW concordat.receipt", .show("concordat.receipt")), ("SHOW ALL", .showAll),
        ("SHOW TRANSACTION ISOLATION LEVEL", .show("transaction_isolation")), ("RESET ALL", .resetAll),
        ("RESET concordat.purpose", .reset("concordat.purpose")), ("DISCARD ALL", .discardAll),
        ("UNLISTEN *", .nothing(tag: "UNLISTEN")), ("DEALLOCATE ALL", .deallocate(nil)),
        ("DEALLOCATE PREPARE \"_p\"", .deallocate("_p")),
        ("PREPARE p (int) AS SELECT $1", .prepare(name: "p", sql: "SELECT $1")),
        ("EXECUTE p (-1, 'a', null, true)", .execute(name: "p", ["-1", "a", nil, "true"])),
        (
            "DECLARE \"c 1\" NO SCROLL CURSOR WITH HOLD FOR SELECT 1",
            .declare(name: "c 1", sql: "SELECT 1")
        ),
        ("FETCH FORWARD 10 FROM c", .fetch(name: "c", count: 10, isMove: false)),
        ("FETCH ALL IN c", .fetch(name: "c", count: nil, isMove: false)),
        ("FETCH c", .fetch(name: "c", count: 1, isMove: false)), ("CLOSE ALL", .closeCursor(nil)),
        ("COPY (SELECT (1)) TO STDOUT", .copy(sql: "SELECT (1)", CopyFormat(.text))),
        ("COPY (SELECT 1) TO STDOUT (FORMAT binary)", .copy(sql: "SELECT 1", CopyFormat(.binary))),
    ]

    @Test(arguments: commands) func isRead(_ sql: String, _ command: SessionCommand) throws {
        #expect(try SessionCommand(sql) == command)
    }

    @Test(arguments: [
        "COPY (SELECT 1) TO STDOUT WITH (FORMAT csv, HEADER, DELIMITER ';', NULL 'x')",
        "COPY (SELECT 1) TO STDOUT CSV HEADER DELIMITER AS ';' NULL AS 'x'",
    ])
    func copyOptions(_ sql: String) throws {
        var format = CopyFormat(.csv)
        (format.hasHeader, format.delimiter, format.null) = (true, ";", "x")
        #expect(try SessionCommand(sql) == .copy(sql: "SELECT 1", format))
    }

    @Test(
        arguments: [
            ("INSERT INTO patient VALUES (1)", "25006"), ("CREATE TEMP TABLE a AS SELECT 1", "25006"),
            ("COPY patient FROM STDIN", "25006"), ("COPY patient TO STDOUT", "0A000"),
            ("COPY (SELECT 1) TO '/tmp/x'", "42501"), ("COPY (SELECT 1) TO PROGRAM 'x'", "42501"),
            ("SET x", "42601"), ("SHOW", "42601"), ("SET ROLE bob", "0A000"), ("FETCH PRIOR FROM c", "55000"),
        ])
    func isRefused(_ sql: String, _ state: String) {
        let fault = #expect(throws: SQLFault.self) { try SessionCommand(sql) }
        #expect(fault?.sqlstate.rawValue == state)
    }
}

@Suite struct SessionSettingsTests {
    private func set(_ name: String, _ value: String) throws -> String {
        var settings = SessionSettings(user: "ann")
        try settings.set(name, value)
        return try settings.show(name)
    }

    @Test(
        arguments: [
            ("concordat.agreement", "a-1", "a-1"), ("concordat.require", "quorum=2", "quorum=2"),
            ("concordat.deadline", "30", "30s"), ("concordat.deadline", "2min", "120s"),
            ("concordat.max_age", "7", "7d"), ("concordat.max_age", "7 days", "7d"),
            ("concordat.max_age", "48h", "2d"), ("concordat.max_age", "", ""),
            ("concordat.bounds", "off", "off"),
            ("client_encoding", "'utf-8'", "UTF8"), ("datestyle", "ISO, DMY", "ISO, DMY"),
            ("statement_timeout", "5s", "5s"), ("extra_float_digits", "3", "3"), ("somebody.elses", "x", "x"),
        ])
    func valuesAreTaken(_ name: String, _ value: String, _ shown: String) throws {
        #expect(try set(name, value) == shown)
    }

    @Test(
        arguments: [
            ("concordat.require", "most", "22023"), ("concordat.deadline", "2h", "22023"),
            ("concordat.max_age", "36h", "22023"), ("concordat.nothing", "1", "42704"),
            ("concordat.receipt", "1", "55P02"), ("client_encoding", "LATIN1", "22023"),
            ("server_version", "16", "55P02"), ("statement_timeout", "soon", "22023"),
        ])
    func valuesAreRefused(_ name: String, _ value: String, _ state: String) {
        let fault = #expect(throws: SQLFault.self) { try set(name, value) }
        #expect(fault?.sqlstate.rawValue == state)
    }

    @Test func resetGoesBackToWhatTheConnectionBeganWith() throws {
        var settings = SessionSettings(user: "ann")
        try settings.set("concordat.agreement", "first")
        settings.keepAsInitial()
        try settings.set("concordat.agreement", "second")
        try settings.set("concordat.max_age", "3")
        let before = settings
        settings.resetAll()
        #expect(settings.agreement == "first" && settings.maximumAgeDays == nil)
        #expect(try settings.show("concordat.agreement") == "first")
        #expect(settings.changes(since: before) == [])
        try settings.set("application_name", "psql")
        #expect(settings.changes(since: before) == [SessionSetting("application_name", "psql")])
    }

    @Test func optionsOfAConnectionAreRead() {
        let options = StartupOptions([
            "application_name": "x",
            "options": #"-c concordat.purpose=planning --search-path=a\ b -cjit=off -x"#,
        ])
        #expect(
            options.settings.map { "\($0.name)=\($0.value)" } == [
                "application_name=x", "concordat.purpose=planning", "search_path=a b", "jit=off",
            ])
    }
}

@Suite struct StatementTextTests {
    @Test(
        arguments: [
            (23, "5", "CAST('5' AS integer)"), (0, "it's", "'it''s'"), (1043, "x", "'x'"),
            (1082, "2020-01-02", "CAST('2020-01-02' AS date)"),
            (1184, "2020-01-02 01:30:00+01:00", "CAST('2020-01-02 00:30:00' AS timestamp without time zone)"),
            (1184, "2020-01-02 00:00:00.5", "CAST('2020-01-02 00:00:00.5' AS timestamp without time zone)"),
            (20, nil, "CAST(NULL AS bigint)"), (0, nil, "NULL"),
            (1009, #"{a,"it's"}"#, "ARRAY['a', 'it''s']"),
            (1007, "{1,NULL}", "ARRAY[CAST('1' AS integer), CAST(NULL AS integer)]"),
            (1016, nil, "ARRAY[CAST(NULL AS bigint)]"), (1009, "{}", "'{}'"),
        ] as [(Int32, String?, String)])
    func literals(_ oid: Int32, _ text: String?, _ literal: String) throws {
        let bound = try StatementText.bound("SELECT $1", [SQLParameter(oid: oid, text: text)])
        #expect(bound.sql == "SELECT \(literal)")
    }

    @Test func arraysAreKnownByWhereTheyStand() throws {
        let sql = "SELECT é WHERE code = ANY ($1) AND year <> all($2) AND x IN ($3)"
        let open = try StatementText.open(sql, types: [])
        #expect(
            open.sql == "SELECT é WHERE code = ANY (ARRAY[NULL]) AND year <> all(ARRAY[NULL]) AND x IN (NULL)"
        )
        #expect(open.arrays == [1, 2])
        let places = open.untyped.mapValues { $0 }
        #expect(Set(places.values) == [1, 2, 3])
        for (position, _) in places {
            #expect(String(Array(open.sql)[(position - 1)...].prefix(4)) == "NULL")
        }
    }

    @Test func countsStandBare() throws {
        let bound = try StatementText.bound(
            "SELECT '$1' LIMIT $2 OFFSET $1",
            [SQLParameter(oid: 20, text: "7"), SQLParameter(oid: 0, text: "5")])
        #expect(bound.sql == "SELECT '$1' LIMIT 5 OFFSET 7")
        #expect(throws: SQLFault.self) {
            try StatementText.bound("SELECT 1 LIMIT $1", [SQLParameter(oid: 0, text: "1; DROP")])
        }
    }

    /// A fault is shown where it stands in what the client wrote.
    @Test func placesAreThoseOfTheStatementAsWritten() throws {
        let bound = try StatementText.bound(
            "SELECT $1, é, $2, x",
            [
                SQLParameter(oid: 23, text: "5"), SQLParameter(oid: 0, text: "abc"),
            ])
        func placed(_ word: Character) throws -> Int? {
            let position = Array(bound.sql).lastIndex(of: word).map { $0 + 1 }
            return bound.placed(SQLFault(.undefinedColumn, "", position: position)).position
        }
        #expect(try placed("x") == 19)
        #expect(try placed("é") == 12)
    }

    @Test func missingParametersAreNamed() {
        #expect(throws: SQLFault.self) {
            try StatementText.bound("SELECT $2", [SQLParameter(oid: 0, text: "1")])
        }
        #expect(throws: SQLFault.self) {
            try StatementText.bound("SELECT $1", [SQLParameter(oid: 17, text: "1")])
        }
    }
}
