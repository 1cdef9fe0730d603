import Foundation
import Testing

/// A person who objects and asks: from the command line to the next answer, and back. Under an agreement of its
/// own, so that nobody else's questions change.
enum PersonChecks {
    private static let site = "RJ1"
    private static let agreement = "person-checks"

    static func check(_ federation: Federation) async throws {
        try await agree(federation)
        let number = try somebody(federation)
        let before = try await count(federation)
        try await faults(federation, number)
        let id = try await objects(federation, number)
        #expect(try await count(federation) == before - 1)
        try await lists(federation, number)
        let withdrawn = try await federation.run(
            ["objection", "withdraw"], at: site, [String(id), "--reason", "The person asked for it"])
        #expect(withdrawn.status == 0)
        #expect(try await count(federation) == before)
        try await reports(federation, number)
        try await leavesNoNumber(federation, number)
    }

    private static func agree(_ federation: Federation) async throws {
        let file = federation.root + "/person-checks.json"
        func step(_ command: [String], _ member: String, _ rest: [String], keeping: Bool = true) async throws
        {
            let outcome = try await federation.run(["agreement"] + command, at: member, rest)
            try #require(outcome.status == 0, "\(command): \(outcome.errors)")
            if keeping { try Data(outcome.output.utf8).write(to: URL(filePath: file)) }
        }
        try await step(
            ["make"], "QWE",
            [
                "--id", agreement, "--title", "For <people> who object", "--controller", site, "--cag",
                "26/CAG/0001", "--action", "aggregate", "--profile", "none",
            ])
        try await step(["sign"], "QWE", [file])
        try await step(["countersign"], site, [file])
        for member in ["QWE", site] { try await step(["import"], member, [file], keeping: false) }
    }

    /// The first patient of the site's files who has an NHS number.
    static func somebody(_ federation: Federation) throws -> String {
        for line in try ProjectFiles.text("\(federation.data)/\(site)/Patient.ndjson").split(separator: "\n")
        {
            let patient = try JSONDecoder().decode(JSONDocument.self, from: Data(line.utf8))
            let identifier = patient["identifier"].elements.first {
                $0["system"].text == "https://fhir.nhs.uk/Id/nhs-number"
            }
            if let number = identifier?["value"].text { return number }
        }
        throw Program.Failure(description: "no patient of \(site) has a number")
    }

    /// People at the site, as it answers the requester.
    private static func count(_ federation: Federation) async throws -> Int64 {
        let outcome = try await federation.run(
            ["query"], ["--agreement", agreement, "--format", "json", "SELECT count(*) AS n FROM patient"])
        let row = try outcome.json()["rows"].elements.first
        return try #require(row?.elements.first?.integer, "\(outcome)")
    }

    private static func faults(_ federation: Federation, _ number: String) async throws {
        let wrong = String(number.dropLast()) + (number.hasSuffix("0") ? "1" : "0")
        for rest in [["--nhs-number", wrong], ["--nhs-number", "-"]] {
            let outcome = try await Program.run(
                [
                    "objection", "record", "--home", federation.home(site), "--scope", "all", "--decision",
                    "upheld", "--reason", "r",
                ] + rest, input: wrong + "\n")
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("that is not an NHS number"))
            #expect(!(outcome.output + outcome.errors).contains(wrong))
        }
        let mixed = try await federation.run(
            ["objection", "record"], at: site,
            ["--nhs-number", number, "--scope", "agreement", "--decision", "upheld", "--reason", "r"])
        #expect(mixed.status == 2)
        #expect(!(mixed.output + mixed.errors).contains(number))
        let stranger = try await federation.run(
            ["person", "report"], at: site, ["--nhs-number", "9999999999"])
        #expect(stranger.status == 1)
        #expect(
            stranger.errors == "concordat: nothing is held here about a person with this NHS number\n")
        #expect(stranger.output == "")
    }

    private static func objects(_ federation: Federation, _ number: String) async throws -> Int64 {
        let outcome = try await Program.run(
            [
                "objection", "record", "--home", federation.home(site), "--nhs-number", "-", "--scope",
                "agreement", "--agreement", agreement, "--decision", "upheld", "--reason",
                "Grounds <of> their own & situation", "--format", "json",
            ], input: number + "\n")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(!(outcome.output + outcome.errors).contains(number))
        let words = try #require(try outcome.json()["done"].text)
        #expect(words.hasSuffix("(agreement \(agreement)) is upheld: in force from the next question on"))
        return try #require(Int64(words.split(separator: " ")[1]))
    }

    private static func lists(_ federation: Federation, _ number: String) async throws {
        let hidden = try await federation.run(["objection", "list"], at: site, ["--format", "csv"])
        #expect(hidden.status == 0)
        #expect(!hidden.output.contains(number))
        #expect(hidden.output.contains("…\(number.suffix(3)),agreement \(agreement),upheld,"))
        let shown = try await federation.run(
            ["objection", "list"], at: site, ["--reveal", "--format", "json"])
        #expect(try shown.json().elements.last?["nhs_number"].text == number)
    }

    private static func reports(_ federation: Federation, _ number: String) async throws {
        func report(_ format: String, _ rest: [String] = []) async throws -> Program.Outcome {
            let outcome = try await Program.run(
                [
                    "person", "report", "--home", federation.home(site), "--nhs-number", "-", "--format",
                    format,
                ]
                    + rest, input: number + "\n")
            #expect(outcome.status == 0, "\(outcome.errors)")
            return outcome
        }
        let json = try await report("json").json()
        #expect(json["nhsNumber"].text == number)
        #expect(json["records"] == .null)
        #expect(json["holdings"].elements.first { $0["dataset"].text == "patient" }?["records"].integer == 1)
        let objection = try #require(json["objections"].elements.last)
        #expect(objection["decision"].text == "upheld")
        #expect(objection["withdrawnOn"].text != nil)
        #expect(
            json["uses"].elements.first { $0["agreement"].text == agreement }?["isObjectedTo"]
                == .boolean(false))
        // The question above was answered with the person, without, and with: the third is the first again.
        let counted = json["releases"].elements.filter { $0["agreement"].text == agreement }
        #expect(counted.map { $0["question"].text } == ["How many records there are, from patient"])
        #expect(json["releases"].elements.allSatisfy { $0["requester"]["code"].text == "QWE" })

        let text = try await report("text").output
        #expect(text.contains("THIS LETTER IS ABOUT NOBODY"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 78 })
        for title in ["What we hold", "Your objections", "Opt-outs", "Your rights"] {
            #expect(text.contains(". \(title)\n"), "\(title)")
        }
        let page = try await report("html", ["--records"]).output
        #expect(page.hasPrefix("<!DOCTYPE html>"))
        #expect(page.contains("Grounds &lt;of&gt; their own &amp; situation"))
        #expect(page.contains("For &lt;people&gt; who object"))
        #expect(page.contains("Your records: your details as a patient"))
        #expect(
            !page.contains("<script") && !page.contains("http-equiv=\"refresh\"") && !page.contains("src="))
        #expect(page.contains("@page { size: A4;"))
    }

    /// Neither what the node logs nor its transparency log bears the number.
    private static func leavesNoNumber(_ federation: Federation, _ number: String) async throws {
        #expect(try await federation.run(["audit", "verify"], at: site).status == 0)
        let mark = Data(number.utf8)
        let home = federation.home(site)
        let logs = FileManager.default.enumerator(atPath: home + "/tlog")?.compactMap { $0 as? String } ?? []
        #expect(!logs.isEmpty)
        var paths =
            logs.map { "\(home)/tlog/\($0)" } + ["\(home)/control.sqlite", "\(home)/control.sqlite-wal"]
        paths += (try FileManager.default.contentsOfDirectory(atPath: federation.root))
            .filter { $0.hasSuffix(".log") }.map { "\(federation.root)/\($0)" }
        for path in paths {
            let bytes = FileManager.default.contents(atPath: path) ?? Data()
            #expect(bytes.range(of: mark) == nil, "\(path)")
        }
    }
}
