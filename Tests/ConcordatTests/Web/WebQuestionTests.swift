import Core
import Foundation
import Testing
import Warehouse

/// Questions over HTTP: the numbers are those of the command line.
@Suite(
    "questions over HTTP", .serialized, .federation(.synthetic(patients: 1_500, disclosure: "concordat")))
struct WebQuestionTests {
    private static let people =
        "SELECT sex, count(DISTINCT person) AS people FROM patient GROUP BY sex ORDER BY sex"

    private func door() throws -> WebDoor { try WebDoor(try Federation.required()) }

    private func question(_ sql: String) throws -> String {
        let body = ["sql": sql, "agreement": "demo-planning"]
        return String(decoding: try JSONEncoder().encode(body), as: UTF8.self)
    }

    /// Asks and waits to the end.
    private func ask(_ sql: String, _ mine: [String: String]) async throws -> (id: String, events: String) {
        let begun = try await door().send("POST", "/queries", try question(sql), mine)
        #expect(begun.status == 202, "\(begun.body)")
        let id = try #require(try begun.json["id"].text)
        #expect(begun.headers["location"] == "/api/v1/queries/\(id)")
        let events = try await door().send("GET", "/queries/\(id)/events", nil, mine)
        #expect(events.headers["content-type"] == "text/event-stream")
        return (id, events.body)
    }

    @Test("progress by site, then the rows: JSON, CSV and Parquet")
    func answers() async throws {
        let door = try door()
        let mine = try await door.signIn()
        let (id, events) = try await ask(Self.people, mine)
        let names = events.split(separator: "\n").filter { $0.hasPrefix("event: ") }.map {
            $0.dropFirst("event: ".count)
        }
        #expect(names == ["asked", "site", "site", "site", "ended"])
        for site in Federation.trusts { #expect(events.contains("\"site\":\"\(site)\"")) }
        #expect(events.hasSuffix("data: {\"state\":\"done\"}\n\n"))
        // Whoever lost the connection goes on where it was.
        let rest = try await door.send(
            "GET", "/queries/\(id)/events", nil, mine.merging(["Last-Event-ID": "3"]) { $1 })
        #expect(rest.body == "id: 4\nevent: ended\ndata: {\"state\":\"done\"}\n\n")

        let told = try await Federation.required().ask(Self.people).json()
        let rows = try await door.send("GET", "/queries/\(id)/result", nil, mine)
        #expect(try rows.json["columns"] == told["columns"])
        #expect(try rows.json["rows"] == told["rows"])
        #expect(try rows.json["rows"].elements.count == 2)
        let tag = try #require(rows.headers["etag"])
        let known = try await door.send(
            "GET", "/queries/\(id)/result", nil, mine.merging(["If-None-Match": tag]) { $1 })
        #expect(known.status == 304 && known.body.isEmpty)
        let first = try await door.send("GET", "/queries/\(id)/result?limit=1", nil, mine)
        let next = try #require(try first.json["next"].text)
        let second = try await door.send(
            "GET", "/queries/\(id)/result?limit=1&cursor=\(next)", nil, mine)
        #expect(
            try first.json["rows"].elements + second.json["rows"].elements == told["rows"].elements)
        #expect(try second.json["next"] == .null)

        let csv = try await door.send("GET", "/queries/\(id)/result?format=csv", nil, mine)
        let lines = told["rows"].elements.map { row in
            "\(row.elements[0].text ?? ""),\(row.elements[1].integer ?? -1)\r\n"
        }
        #expect(csv.body == "sex,people\r\n" + lines.joined())
        try await parquet(id, mine, told["rows"].elements.map { $0.elements.compactMap(Cell.init) })

        let receipt = try await door.send("GET", "/queries/\(id)/receipt", nil, mine)
        #expect(try receipt.json["sites"].elements.count == 3)
        let kept = try await door.send("GET", "/receipts?limit=1", nil, mine)
        #expect(try kept.json["items"].elements.first?["query_id"] == receipt.json["query_id"])
        // Another analyst knows nothing of it.
        let other = try await door.person("bea", "analyst")
        #expect(try await door.send("GET", "/queries/\(id)", nil, other).status == 404)
        #expect(try await door.send("GET", "/queries", nil, other).json["items"].elements.isEmpty)
    }

    private func parquet(_ id: String, _ mine: [String: String], _ rows: [[Cell]]) async throws {
        let folder = try Federation.required().root
        let file = folder + "/result.parquet"
        let answer = try await door().send(
            "GET", "/queries/\(id)/result", nil,
            mine.merging(["Accept": "application/vnd.apache.parquet"]) { $1 }, to: file)
        #expect(answer.headers["content-type"] == "application/vnd.apache.parquet")
        let engine = try await DuckDBEngine(
            path: nil, settings: DuckDBSettings(allowedDirectories: [folder + "/"]))
        let found = try await engine.withSession { session in
            try await session.query("SELECT sex, people FROM read_parquet('\(file)')").rows
        }
        await engine.close()
        #expect(found.map { $0.map(Cell.init) } == rows)
        let left = try FileManager.default.contentsOfDirectory(
            atPath: try Federation.required().home("QWE") + "/tmp")
        #expect(left.filter { $0.hasPrefix("result-") }.isEmpty)
    }

    @Test("problems have the statement's place, and say what each site did")
    func problems() async throws {
        let door = try door()
        let mine = try await door.signIn()
        let unknown = try await door.send(
            "POST", "/queries", try question("SELECT sx FROM patient"), mine)
        #expect(unknown.status == 422)
        #expect(unknown.headers["content-type"] == "application/problem+json")
        #expect(try unknown.json["sqlstate"].text == "42703")
        #expect(try unknown.json["position"].integer == 8)
        #expect(try unknown.json["hint"].text?.contains("patient.sex") == true)
        #expect(
            try await door.send("POST", "/queries", try question("EXPLAIN SELECT 1"), mine).status == 422)

        // A purpose that the agreement is not for: every site refuses, each with its rule.
        let begun = try await door.send(
            "POST", "/queries",
            #"{"sql":"SELECT count(*) FROM patient","agreement":"demo-planning","purpose":"research"}"#, mine)
        let id = try #require(try begun.json["id"].text)
        let events = try await door.send("GET", "/queries/\(id)/events", nil, mine).body
        #expect(events.hasSuffix("data: {\"state\":\"failed\"}\n\n"))
        let refused = try await door.send("GET", "/queries/\(id)/result", nil, mine)
        #expect(refused.status == 403)
        #expect(try refused.json["sqlstate"].text == "42501")
        #expect(
            try refused.json["sites"].elements.map { $0["outcome"].text } == [
                "refused", "refused", "refused",
            ])

        let sql = #"{"sql":"SELECT 1"}"#
        let cases: [(String, String, String?, [String: String], Int)] = [
            ("POST", "/explain", "{", [:], 400), ("POST", "/explain", "{}", [:], 400),
            ("POST", "/explain", #"{"sql":1}"#, [:], 400),
            ("POST", "/explain", #"{"sql":"SELECT 1","more":1}"#, [:], 400),
            ("POST", "/explain", sql, ["Content-Type": "text/plain"], 415),
            ("POST", "/explain", "{\"sql\":\"" + String(repeating: "x", count: 65_537) + "\"}", [:], 400),
            ("PUT", "/explain", sql, [:], 405), ("GET", "/nothing", nil, [:], 404),
            ("GET", "/queries/x", nil, [:], 404), ("GET", "/queries?limit=0", nil, [:], 400),
            ("GET", "/queries?other=1", nil, [:], 400), ("GET", "/queries?limit=1&limit=2", nil, [:], 400),
        ]
        for (method, path, body, more, status) in cases {
            let answer = try await door.send(method, path, body, mine.merging(more) { $1 })
            #expect(answer.status == status, "\(method) \(path)")
            #expect(try answer.json["status"].integer == Int64(status))
        }
        let large = try Federation.required().root + "/large.json"
        try Data(repeating: 0x20, count: 2 << 20).write(to: URL(filePath: large))
        #expect(try await door.send("POST", "/explain", "@" + large, mine).status == 413)
    }

    @Test("a question that waits for a site is cancelled at once")
    func cancel() async throws {
        let federation = try Federation.required()
        let door = try door()
        let mine = try await door.signIn()
        let pids = try JSONDecoder().decode(
            [Int32].self, from: Data(try ProjectFiles.text(federation.root + "/nodes.json").utf8))
        let place = try #require(Federation.members.firstIndex(of: "RAX"))
        kill(pids[place], SIGSTOP)
        defer { kill(pids[place], SIGCONT) }
        let begun = try await door.send(
            "POST", "/queries", try question("SELECT sex, count(*) FROM patient GROUP BY sex"), mine)
        let id = try #require(try begun.json["id"].text)
        let waiting = try await door.send("GET", "/queries/\(id)/result", nil, mine)
        #expect(waiting.status == 409)
        #expect(try waiting.json["type"].text == "urn:concordat:problem:running")
        #expect(try await door.send("DELETE", "/queries/\(id)", nil, mine).status == 204)
        #expect(try await door.send("GET", "/queries/\(id)", nil, mine).json["state"].text == "cancelled")
        #expect(try await door.send("GET", "/queries/\(id)/result", nil, mine).status == 409)
    }

    @Test("kept questions are asked as whoever runs them, and become tables")
    func saved() async throws {
        let door = try door()
        let mine = try await door.signIn()
        let kept = try await door.send("PUT", "/saved-queries/by_sex", try question(Self.people), mine)
        #expect(kept.status == 200, "\(kept.body)")
        let answer = try await door.send("POST", "/saved-queries/by_sex/run", nil, mine)
        #expect(answer.status == 200, "\(answer.body)")
        #expect(try answer.json["rows"].elements.count == 2)
        let listed = try await door.send("GET", "/saved-queries", nil, mine)
        #expect(try listed.json["items"].elements.first?["rows"].integer == 2)
        let catalog = try await door.send("GET", "/catalog", nil, mine)
        let tables = try catalog.json["tables"].elements
        #expect(tables.contains { $0["schema"].text == "released" && $0["name"].text == "by_sex" })
        let patient = try #require(tables.first { $0["name"].text == "patient" })
        #expect(patient["meaning"].text?.isEmpty == false)
        #expect(patient["columns"].elements.allSatisfy { $0["meaning"].text?.isEmpty == false })
        #expect(try await door.send("DELETE", "/saved-queries/by_sex", nil, mine).status == 204)
        #expect(try await door.send("GET", "/saved-queries/by_sex", nil, mine).status == 404)
    }

    @Test("measures are put before controllers, approved once, and released a period at a time")
    func measures() async throws {
        let federation = try Federation.required()
        let door = try door()
        let mine = try await door.signIn()
        let sql = "SELECT count(*) AS n FROM condition WHERE onset_date <= :as_at"
        func body(_ every: String, _ from: String) -> String {
            #"{"sql":"\#(sql)","agreement":"demo-planning","every":"\#(every)","from":"\#(from)"}"#
        }
        let wrong = try await door.send("PUT", "/measures/register", body("fortnight", "2025-01-01"), mine)
        #expect(wrong.status == 400 || wrong.status == 422, "\(wrong.body)")
        let made = try await door.send("PUT", "/measures/register", body("year", "2023-01-01"), mine)
        #expect(made.status == 200 && made.body.contains("RAX: the measure waits"), "\(made.body)")
        #expect(
            try await door.send("PUT", "/measures/register", body("year", "2023-01-01"), mine).status == 409)
        let early = try await door.send("POST", "/measures/register/run", "{}", mine)
        #expect(early.status == 403 && early.body.contains("approves it once"), "\(early.body)")
        for site in ["RAX", "RJ1", "RYJ"] {
            let approved = try await federation.run(["measure", "approve"], at: site, ["register"])
            #expect(approved.status == 0, "\(approved.errors)")
        }
        let answer = try await door.send(
            "POST", "/measures/register/run", #"{"as_at":"2023-12-31"}"#, mine)
        #expect(answer.status == 200, "\(answer.body)")
        let backfill = try await federation.run(["measure", "run"], at: "QWE", ["register", "--backfill"])
        #expect(backfill.status == 0 && backfill.output.contains("released before"), "\(backfill.errors)")
        let shown = try await door.send("GET", "/measures/register", nil, mine)
        let periods = try shown.json["periods"].elements
        #expect(periods.count > 1 && periods.allSatisfy { $0["answered"].text == "3 of 3" })
        // More people are counted each year, and the table has every period with its day.
        let table = try await federation.run(
            ["query"], at: "QWE",
            [
                "--agreement", "demo-planning", "--format", "csv",
                "SELECT as_at, n FROM released.register ORDER BY as_at",
            ])
        let rows = table.output.split(whereSeparator: \.isNewline).dropFirst()
        #expect(
            rows.count == periods.count && rows.first?.hasPrefix("2023-12-31,") == true, "\(table.errors)")
        let numbers = rows.compactMap { $0.split(separator: ",").last.flatMap { Int($0) } }
        #expect(numbers.count == periods.count && numbers == numbers.sorted())
        // What was released for a period is given again, and nobody is asked.
        let again = try await door.send(
            "POST", "/measures/register/run", #"{"as_at":"2023-12-31"}"#, mine)
        #expect(again.body == answer.body)
        #expect(try await door.send("DELETE", "/measures/register", nil, mine).status == 204)
        #expect(try await door.send("GET", "/measures/register", nil, mine).status == 404)
    }

    @Test("what is published is what is served")
    func document() async throws {
        let served = try await door().send("GET", "/openapi.json").body
        let path = ProjectFiles.schemas + "/http/openapi.json"
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
            try Data((served + "\n").utf8).write(to: URL(filePath: path))
        }
        #expect(try ProjectFiles.text(path) == served + "\n", "RECORD_GOLDENS=1 writes it anew")
    }
}
