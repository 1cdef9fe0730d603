import Foundation
import Testing

/// PostgreSQL's own clients against a node that serves: what they are told is what the command line is told.
@Suite(
    "clients of PostgreSQL need nothing of ours", .serialized,
    .federation(.synthetic(patients: 1_500, disclosure: "concordat")))
struct SQLClientTests {
    private static let people =
        "SELECT sex, count(DISTINCT person) AS people FROM patient GROUP BY sex ORDER BY sex"
    private static let body = """
        SELECT p.sex, count(*) AS measurements, round(avg(o.value_quantity)::numeric, 2) AS mean, \
        avg(o.value_quantity) AS exact FROM observation o JOIN patient p USING (person) \
        WHERE o.code IN ('60621009', '39156-5') AND o.value_unit = 'kg/m2' GROUP BY p.sex ORDER BY p.sex
        """
    private static let oneSex = """
        SELECT sex, count(DISTINCT person) AS people FROM patient WHERE sex = $1 GROUP BY sex ORDER BY sex LIMIT $2
        """
    private static let questions = ["Q_PEOPLE": people, "Q_BODY": body, "Q_ONE_SEX": oneSex]

    private func door() throws -> SQLDoor { try SQLDoor(try Federation.required()) }

    /// Rows of a question by the command line.
    private func told(_ sql: String) async throws -> [[JSONDocument]] {
        let outcome = try await Federation.required().ask(sql)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try outcome.json()["rows"].elements.map(\.elements)
    }

    private func isSame(_ left: [[JSONDocument]], _ right: [[JSONDocument]]) -> Bool {
        left.count == right.count
            && zip(left, right).allSatisfy { rows in
                rows.0.count == rows.1.count
                    && zip(rows.0, rows.1).allSatisfy { pair in
                        guard let one = Cell(pair.0), let other = Cell(pair.1) else { return false }
                        return one.agrees(with: other)
                    }
            }
    }

    @Test(
        "the same numbers by every client",
        arguments: [
            ["python3", "psycopg3.py"], ["python3", "psycopg2_client.py"], ["python3", "asyncpg_client.py"],
            ["python3", "pandas_client.py"], ["python3", "jdbc.py"], ["Rscript", "rpostgresql.R"],
        ])
    func sameNumbers(_ client: [String]) async throws {
        let outcome = try await door().run(
            [client[0], "\(ProjectFiles.clients)/\(client[1])"], Self.questions)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        let found = try outcome.json()
        let people = try await told(Self.people)
        #expect(people.count == 2)
        #expect(isSame(found["people"].elements.map(\.elements), people), "\(outcome.output)")
        #expect(
            isSame(found["body"].elements.map(\.elements), try await told(Self.body)), "\(outcome.output)")
    }

    @Test("the notebook of the guide runs from its first cell to its last")
    func notebook() async throws {
        let guide = ProjectFiles.root + "/Docs/guides/analyst.ipynb"
        let libraries = "\(ProjectFiles.root)/.lib/python:\(ProjectFiles.root)/.lib/notebook"
        let outcome = try await door().run(
            ["python3", "\(ProjectFiles.clients)/notebook.py", guide], ["PYTHONPATH": libraries])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        let people = try await told(Self.people)
        let table = try outcome.json()["people"].text ?? ""
        for row in people { #expect(table.contains("\(row[0].text ?? "?")"), "\(table)") }
        let receipt = try outcome.json()["receipt"].text ?? ""
        for site in Federation.trusts { #expect(receipt.contains(site), "\(receipt)") }
    }

    @Test("EXPLAIN of a plan, of a dry run at the sites, of a question that is asked")
    func explains() async throws {
        let sql = "SELECT sex, count(*) FROM patient GROUP BY sex"
        let plan = try await door().psql("EXPLAIN \(sql)")
        #expect(plan.output.contains("Fragment 1") && !plan.output.contains("Sites"))
        let rehearsed = try await door().psql("EXPLAIN (SITES) \(sql)")
        #expect(rehearsed.output.components(separatedBy: ": would answer").count == 4, "\(rehearsed.output)")
        let analysed = try await door().psql("EXPLAIN ANALYZE \(sql)")
        #expect(
            analysed.output.components(separatedBy: ": answered, within ").count == 4, "\(analysed.output)")
        let document = try await door().psql("EXPLAIN (SITES, FORMAT JSON) \(sql)").json()
        #expect(document["sites"].elements.count == 3)
        let both = try await door().psql("EXPLAIN (SITES, ANALYZE) \(sql)")
        #expect(both.errors.contains("42601") && both.errors.contains("exclude each other"), "\(both.errors)")
    }

    @Test("psql: rows, tables that are described, faults with their place")
    func psql() async throws {
        let door = try door()
        let rows = try await door.psql(Self.people)
        let expected = try await told(Self.people).map { row in row.map { Cell($0).map(Self.text) ?? "" } }
        #expect(
            rows.output.split(separator: "\n").map { $0.split(separator: "|").map(String.init) } == expected)
        #expect(
            rows.errors.contains("NOTICE:  00000: receipt ") && rows.errors.contains("SHOW concordat.receipt")
        )

        let described = try await door.run(["psql", "-X", "-c", "\\dt", "-c", "\\d+ condition"])
        #expect(described.status == 0, "\(described.errors)")
        #expect(described.output.contains("patient") && described.output.contains("recorded_date"))

        let fault = try await door.psql("SELECT sx FROM patient")
        #expect(fault.status == 1)
        #expect(fault.errors.contains("42703") && fault.errors.contains("LINE 1: SELECT sx FROM patient"))

        let plan = try await door.psql("EXPLAIN SELECT count(*) FROM patient")
        #expect(plan.output.contains("Fragment 1, at each site:"))
        let export = try await door.psql("COPY (\(Self.people)) TO STDOUT (FORMAT csv, HEADER)")
        #expect(export.output.hasPrefix("sex,people\n"))
        let two = try await door.psql("SHOW concordat.agreement; SHOW server_version")
        #expect(two.output == "demo-planning\n15.0 (Concordat)\n")
    }

    private static func text(_ cell: Cell) -> String {
        switch cell {
        case .integer(let number): String(number)
        case .text(let text): text
        default: ""
        }
    }

    @Test("withheld values are NULL, and it is said which")
    func withheld() async throws {
        let rare = "SELECT count(DISTINCT person) AS people FROM patient WHERE sex = 'other'"
        let outcome = try await door().psql(rare)
        #expect(outcome.output == "\n", "\(outcome.errors)")
        #expect(outcome.errors.contains("1 value is withheld, and shown as NULL"))
        #expect(outcome.errors.contains("people: row 1"))
    }

    @Test("ODBC: isql")
    func odbc() async throws {
        let door = try door()
        let folder = try Federation.required().root + "/odbc"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let source = """
            [concordat]
            Driver = \(try SQLDoor.odbcDriver())
            Servername = localhost
            Port = \(door.port)
            Database = demo-planning
            Username = analyst
            Password = \(door.password)
            SSLmode = verify-full

            """
        try Data(source.utf8).write(to: URL(filePath: folder + "/odbc.ini"))
        try Data((Self.people + "\n").utf8).write(to: URL(filePath: folder + "/question.sql"))
        let outcome = try await door.run(
            ["sh", "-c", "isql -b -x0x09 concordat < '\(folder)/question.sql'"],
            ["ODBCINI": folder + "/odbc.ini"])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        for row in try await told(Self.people) {
            let line = row.map { Cell($0).map(Self.text) ?? "" }.joined(separator: "\t")
            #expect(outcome.output.contains(line), "\(outcome.output)")
        }
    }

    @Test("TLS from the first byte, and nothing in the clear")
    func directTLS() async throws {
        let outcome = try await door().run(["python3", "\(ProjectFiles.clients)/direct_tls.py"])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test("a question that waits for a site is cancelled, by the user and by its time-out")
    func cancel() async throws {
        let federation = try Federation.required()
        let pids = try JSONDecoder().decode(
            [Int32].self, from: Data(try ProjectFiles.text(federation.root + "/nodes.json").utf8))
        let place = try #require(Federation.members.firstIndex(of: "RAX"))
        // A site that neither answers nor goes away.
        kill(pids[place], SIGSTOP)
        defer { kill(pids[place], SIGCONT) }
        let outcome = try await door().run(
            ["python3", "\(ProjectFiles.clients)/cancel.py"],
            ["Q_PEOPLE": "SELECT sex, count(*) FROM patient GROUP BY sex"])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }
}

/// Who may come in by the door for SQL, and as what.
@Suite(
    "people sign in, and are kept out", .serialized,
    .federation(.synthetic(patients: 300, disclosure: "concordat")))
struct SQLPeopleTests {
    private static let password = "four words of mine"

    private func add(_ name: String, _ role: String) async throws -> Program.Outcome {
        let federation = try Federation.required()
        let file = federation.root + "/\(name).password"
        try Data((Self.password + "\n").utf8).write(to: URL(filePath: file))
        return try await federation.run(
            ["user", "add"], at: "QWE", ["--role", role, "--password-file", file, name])
    }

    private func show(_ name: String) async throws -> String {
        try await Federation.required().run(["user", "show"], at: "QWE", [name]).output
    }

    @Test("only analysts ask questions")
    func roles() async throws {
        let door = try SQLDoor(try Federation.required())
        #expect(try await add("greta", "governance").status == 0)
        let mine = ["PGUSER": "greta", "PGPASSWORD": Self.password]
        let outcome = try await door.psql("SELECT count(*) FROM patient", mine)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("42501: only analysts may ask questions: 'greta' is governance"))
        #expect(try await door.psql("SHOW concordat.agreement", mine).output == "demo-planning\n")
        // Receipts are each user's own.
        #expect(try await door.psql("SELECT sex, count(*) FROM patient GROUP BY sex").status == 0)
        #expect(try await door.psql("SELECT count(*) FROM concordat.receipts").output == "1\n")
        #expect(try await door.psql("SELECT count(*) FROM concordat.receipts", mine).output == "0\n")
    }

    @Test("wrong passwords lock, in words that tell nobody")
    func lockOut() async throws {
        let federation = try Federation.required()
        let door = try SQLDoor(federation)
        #expect(try await add("alice", "analyst").status == 0)
        func words(_ user: String, _ password: String) async throws -> String {
            try await door.psql("SHOW jit", ["PGUSER": user, "PGPASSWORD": password]).errors
        }
        var heard: Set<String> = []
        for _ in 0..<5 { heard.insert(try await words("alice", "no")) }
        heard.insert(try await words("alice", Self.password))
        heard.insert(try await words("mallory", "no").replacing("mallory", with: "alice"))
        #expect(heard.count == 1, "\(heard)")
        #expect(heard.first?.contains("password authentication failed for user \"alice\"") == true)
        #expect(try await show("alice").contains("locked after wrong passwords until"))

        #expect(try await federation.run(["user", "unlock"], at: "QWE", ["alice"]).status == 0)
        #expect(try await words("alice", Self.password) == "")
        #expect(try await show("alice").contains("may sign in"))
        #expect(try await federation.run(["user", "remove"], at: "QWE", ["alice"]).status == 0)
        #expect(try await words("alice", Self.password).contains("password authentication failed"))
        #expect(try await federation.run(["audit", "verify"], at: "QWE").status == 0)
    }

    /// An authority with certificates for two people, in a folder of the federation's.
    private func certificates(in folder: String) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let script = """
            cd '\(folder)' && umask 077
            openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=Authority
            for name in bob carol; do
              openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj /CN=$name
              openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out $name.crt -days 2
            done
            """
        let made = try await Program.run(other: "sh", ["-ec", script])
        #expect(made.status == 0, "\(made.errors)")
    }

    @Test("a certificate signs its own user in, and nobody else")
    func certificates() async throws {
        let federation = try Federation.required()
        let folder = federation.root + "/certificates"
        try await certificates(in: folder)
        #expect(try await add("bob", "analyst").status == 0)
        try await federation.end("QWE")
        let file = federation.home("QWE") + "/concordat.yaml"
        let settings = try ProjectFiles.text(file).replacing(
            "  clientCA: \"\"", with: "  clientCA: \"\(folder)/ca.crt\"")
        try Data(settings.utf8).write(to: URL(filePath: file))
        let node = try await KeptNode(home: federation.home("QWE"))
        let door = try SQLDoor(federation)

        func show(_ user: String, _ certificate: String?) async throws -> Program.Outcome {
            var more = ["PGUSER": user, "PGPASSWORD": "no"]
            if let certificate {
                more["PGSSLCERT"] = "\(folder)/\(certificate).crt"
                more["PGSSLKEY"] = "\(folder)/\(certificate).key"
            }
            return try await door.psql("SHOW session_authorization", more)
        }
        #expect(try await show("bob", "bob").output == "bob\n")
        // Another's, one of a user that there is not, and none.
        for (user, certificate) in [("bob", "carol"), ("carol", "carol"), ("bob", nil)] as [(String, String?)]
        {
            let outcome = try await show(user, certificate)
            #expect(outcome.status == 2, "\(user) by \(certificate ?? "none")")
            #expect(outcome.errors.contains("password authentication failed for user \"\(user)\""))
        }
        #expect(try await federation.run(["user", "lock"], at: "QWE", ["bob"]).status == 0)
        #expect(try await show("bob", "bob").status == 2)
        await node.stop()
    }
}

extension SQLDoor {
    static func odbcDriver() throws -> String {
        let folders = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib").sorted()
        let found = folders.map { "/usr/lib/\($0)/odbc/psqlodbcw.so" }
            .first { FileManager.default.fileExists(atPath: $0) }
        guard let found else {
            throw Program.Failure(description: "psqlodbcw.so is not installed: run Infra/setup.sh test")
        }
        return found
    }
}
