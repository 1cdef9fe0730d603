import Foundation
import Testing

/// What scripts rely on, at a federation whose sites all answer; changes nothing that others see.
enum CommandLineChecks {
    static func check(_ federation: Federation) async throws {
        try await answers(federation)
        try await faults(federation)
        try await refusedByPurpose(federation)
        try await explains(federation)
        try await ingestsAgain(federation)
        try await refusesRealNumbers(federation)
        try await PolicyChecks.check(federation)
        try await verifies(federation)
        try await AgreementChecks.check(federation)
        try await ReferenceChecks.check(federation)
    }

    private static func answers(_ federation: Federation) async throws {
        let outcome = try await federation.ask(
            "SELECT sex, count(*) AS n FROM patient GROUP BY sex ORDER BY 1")
        #expect(outcome.status == 0)
        let answer = try outcome.json()
        #expect(answer.keys == ["columns", "receipt", "rows", "withheld"])
        #expect(answer["columns"].elements.map(\.keys) == [["name", "type"], ["name", "type"]])
        #expect(answer["withheld"] == .array([]))
        let receipt = answer["receipt"]
        #expect(receipt["synthetic"] == .boolean(true))
        #expect(receipt["agreement"].text == "demo-planning")
        #expect(receipt["purpose"].text == "planning")
        #expect(receipt["query_id"].text?.isEmpty == false)
        #expect(receipt["sites"].elements.map { $0["site"].text } == ["RAX", "RJ1", "RYJ"])
        for site in receipt["sites"].elements {
            #expect(site["outcome"].text == "answered")
            #expect(site["rules"].elements.isEmpty == false)
            #expect(site["snapshot"]["id"].integer == 1)
            #expect(site["snapshot"]["age_days"].integer == 0)
            #expect(site["disclosure"]["profile"].text == "none")
            #expect(site["audit"]["commitment"].text?.count == 64)
            #expect(site["time"].text?.hasPrefix("within ") == true)
            #expect(site["bytes"].text?.hasPrefix("within ") == true)
        }
        let csv = try await federation.run(
            ["query"], at: "QWE",
            [
                "--agreement", "demo-planning", "--format", "csv",
                "SELECT 'a,b' AS \"x\"\"y\", count(*) > 0 AS n FROM patient",
            ])
        #expect(csv.status == 0)
        #expect(csv.output == "\"x\"\"y\",n\r\n\"a,b\",true\r\n")
    }

    private static func faults(_ federation: Federation) async throws {
        let usage = try await federation.run(
            ["query"], ["--agreement", "demo-planning", "--require", "most", "SELECT 1"])
        #expect(usage.status == 2)
        #expect(usage.errors.contains("--require takes all, any or quorum=N"))
        #expect(try await Program.run(["no-such-command"]).status == 2)
        #expect(try await Program.run(["status", "--home", "/nonexistent"]).status == 1)
        let unsupported = try await federation.ask("SELECT 'é', string_agg(code, ',') FROM condition")
        #expect(unsupported.status == 2)
        let fault = try unsupported.json()["error"]
        #expect(fault.keys == ["hint", "message", "position", "sites", "sqlstate"])
        #expect(fault["sqlstate"].text == "0A000")
        #expect(fault["message"].text == "aggregate string_agg is not supported")
        // Positions count characters, not bytes.
        #expect(fault["position"].integer == 13)
        #expect(fault["sites"] == .array([]))
        #expect(try await federation.ask("SELEC 1").status == 2)
    }

    private static func refusedByPurpose(_ federation: Federation) async throws {
        let outcome = try await federation.ask("SELECT count(*) FROM patient", ["--purpose", "research"])
        #expect(outcome.status == 3)
        let fault = try outcome.json()["error"]
        #expect(fault["message"].text == "every site refused")
        #expect(
            fault["sites"].elements.map { $0["rules"] }
                == Array(repeating: .array([.text("purpose-outside-agreement")]), count: 3))
        #expect(fault["sites"].elements.allSatisfy { $0["reason"].text?.contains("purpose") == true })
    }

    private static func explains(_ federation: Federation) async throws {
        let sql = "SELECT sex, count(*) AS n FROM patient GROUP BY sex"
        let text = try await federation.run(["explain"], [sql])
        #expect(text.status == 0)
        #expect(text.output.contains("Fragment 1, at each site:"))
        #expect(text.output.contains("merge: sum of what sites release"))
        let document = try await federation.run(["explain"], ["--format", "json", sql]).json()
        #expect(document["fragments"].elements.count == 1)
        #expect(try await federation.run(["explain"], ["SELECT sex FROM patient"]).status == 2)
        try await explainsAtSites(federation, sql)
    }

    private static func explainsAtSites(_ federation: Federation, _ sql: String) async throws {
        func explain(_ options: [String]) async throws -> JSONDocument {
            try await federation.run(
                ["explain"], ["--agreement", "demo-planning", "--format", "json"] + options + [sql]
            ).json()
        }
        let rehearsed = try await explain(["--sites"])
        #expect(rehearsed["sites"].elements.map { $0["outcome"].text } == ["planned", "planned", "planned"])
        for site in rehearsed["sites"].elements {
            #expect(site["rules"].elements.isEmpty == false)
            #expect(site["disclosure"]["cells_released"].integer == 0)
        }
        // The site has it in its log as what it was: a decision, and no release.
        let decision = try #require(
            rehearsed["sites"].elements.first { $0["site"].text == "RJ1" }?["decision"].text)
        let entry = try await federation.run(["audit", "show"], at: "RJ1", ["--format", "json", decision])
        #expect(entry.output.contains("\"planned\""), "\(entry.output)\(entry.errors)")
        let refused = try await explain(["--sites", "--purpose", "research"])
        #expect(refused["sites"].elements.map { $0["outcome"].text } == ["refused", "refused", "refused"])

        let analysed = try await explain(["--analyze"])
        #expect(
            analysed["sites"].elements.map { $0["outcome"].text } == ["answered", "answered", "answered"])
        #expect(analysed["sites"].elements.allSatisfy { $0["time"].text?.hasPrefix("within ") == true })
        let without = try await federation.run(["explain"], ["--sites", sql])
        #expect(without.status == 2)
        #expect(without.errors.contains("--agreement"))
    }

    private static func ingestsAgain(_ federation: Federation) async throws {
        let report = try await federation.run(
            ["ingest"], at: "RYJ", ["--format", "json", federation.data + "/RYJ"])
        #expect(report.status == 0)
        let files = try report.json()["files"].elements
        #expect(files.count >= 9)
        for file in files {
            #expect(file["new"].integer == 0)
            #expect(file["replaced"].integer == 0)
            #expect(file["set_aside"].integer == 0)
            #expect(file["unchanged"] == file["records"])
        }
    }

    /// A node stamped synthetic takes numbers of the 999 range only: 9434765919 is a valid one of another.
    private static func refusesRealNumbers(_ federation: Federation) async throws {
        let file = federation.root + "/Patient-real.ndjson"
        let number = #"{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9434765919"}"#
        try #"{"resourceType":"Patient","id":"real-1","identifier":[\#(number)],"gender":"male"}"#
            .write(toFile: file, atomically: true, encoding: .utf8)
        let report = try await federation.run(["ingest"], at: "RYJ", ["--format", "json", file]).json()
        let taken = report["files"].elements.first ?? .null
        #expect(taken["set_aside"].integer == 1)
        #expect(taken["new"].integer == 0)
        #expect(taken["reasons"].keys == ["not-a-synthetic-nhs-number"])
    }

    private static func verifies(_ federation: Federation) async throws {
        for member in Federation.members {
            let status = try await federation.run(["status"], at: member, ["--format", "json"]).json()
            #expect(status["organisation"].text == member)
            #expect(status["serving"] == .boolean(true))
            #expect(status["synthetic"] == .boolean(true))
            #expect(status["agreements"].integer == 1)
            let verified = try await federation.run(["audit", "verify"], at: member)
            #expect(verified.status == 0)
            #expect(verified.output.hasPrefix("the log is sound: "))
        }
    }
}
