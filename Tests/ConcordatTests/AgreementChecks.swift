import Foundation
import Testing

/// What is done with agreements at the command line, between five real nodes; other agreements are left as they are.
enum AgreementChecks {
    private static let sql = "SELECT sex, count(*) AS n FROM patient GROUP BY sex ORDER BY sex"

    static func check(_ federation: Federation) async throws {
        try await checksATextWithoutAHome(federation)
        try await rehearsesBeforeAnybodySigns(federation)
        try await agree(federation, version: 1)
        try await printsAPageToSign(federation)
        try await waitsForAPerson(federation)
        try await amends(federation)
        try await revokesWithNotice(federation)
    }

    private static func write(_ text: String, _ name: String, _ federation: Federation) throws -> String {
        let path = "\(federation.root)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    private static func draft(_ federation: Federation, version: Int) throws -> String {
        try write(
            """
            id: winter
            version: \(version)
            title: Winter pressure
            requester: QWE
            controllers: [RJ1]
            purpose: planning
            legalContext: { article6: e, article9: h, gateway: notConfidential }
            actions: [aggregate]
            datasets: { patient: [sex] }
            disclosureProfile: none
            pendingReview: 1
            validFrom: 2020-01-01
            validUntil: 2099-12-31
            examples: ['\(sql)']
            \(version > 1 ? "releaseCap: 50" : "")
            """, "winter-\(version).yaml", federation)
    }

    private static func checksATextWithoutAHome(_ federation: Federation) async throws {
        let file = try write(
            "id: Winter\ntitel: x\nlegalContext: { article6: f }\n", "wrong.yaml", federation)
        let outcome = try await Program.run(["agreement", "check", file])
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("\(file):1:5: id: must be 1 to 64 lower-case letters"))
        #expect(
            outcome.output.contains("\(file):2:1: titel: is not a field of an agreement: did you mean title?")
        )
        #expect(outcome.output.contains("\(file):3:27: legalContext.article6: f is not open to public"))
        let json = try await Program.run(["agreement", "check", "--format", "json", file]).json()
        #expect(json.elements.first?.keys == ["column", "field", "line", "message"])
        let right = try await Program.run(["agreement", "check", try draft(federation, version: 1)])
        #expect(right.status == 0)
        let unknown = try write(
            try ProjectFiles.text(try draft(federation, version: 1)).replacing(
                "[sex]", with: "[sex, shoe_size]"),
            "unknown.yaml", federation)
        let named = try await Program.run(["agreement", "check", unknown])
        #expect(named.status == 1)
        #expect(named.output.contains("datasets.patient.[1]: shoe_size is not a column of patient"))
        let rows = try write(
            try ProjectFiles.text(try draft(federation, version: 1))
                .replacing("examples: ['", with: "examples: ['SELECT sex FROM patient', '"),
            "rows.yaml", federation)
        let example = try await Program.run(["agreement", "check", rows])
        #expect(example.status == 1)
        #expect(
            example.output.contains(
                "examples.[0]: cannot be asked: the statement would return one row a person"))
    }

    private static func rehearsesBeforeAnybodySigns(_ federation: Federation) async throws {
        let file = try draft(federation, version: 1)
        let outcome = try await federation.run(
            ["agreement", "rehearse"], at: "RJ1",
            [
                "--format", "json", "--recent", "2", "--query",
                "SELECT lsoa, count(*) FROM patient GROUP BY lsoa", file,
            ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try outcome.json()
        let questions = report["questions"].elements
        #expect(questions.count >= 2)
        #expect(questions[0]["rule"] == .null)
        #expect(questions[0]["tables"].elements.first?["rows"].elements.isEmpty == false)
        // The agreement names `sex` alone.
        #expect(questions[1]["rule"].text == "columns-outside-agreement")
        let text = try await federation.run(["agreement", "rehearse"], at: "RJ1", [file])
        #expect(text.output.contains("what would leave:"))
    }

    private static func agree(_ federation: Federation, version: Int) async throws {
        let yaml = try draft(federation, version: version)
        let made = try await federation.run(
            ["agreement", version == 1 ? "make" : "amend"], (version == 1 ? [] : ["winter"]) + [yaml])
        try #require(made.status == 0, "\(made.errors)")
        var file = try write(made.output, "winter.json", federation)
        let signed = try await federation.run(["agreement", "sign"], [file])
        file = try write(signed.output, "winter.json", federation)
        let countersigned = try await federation.run(["agreement", "countersign"], at: "RJ1", [file])
        file = try write(countersigned.output, "winter.json", federation)
        for member in ["QWE", "RJ1"] {
            #expect(try await federation.run(["agreement", "import"], at: member, [file]).status == 0)
        }
    }

    private static func printsAPageToSign(_ federation: Federation) async throws {
        for member in ["QWE", "RJ1"] {
            let page = try await federation.run(
                ["agreement", "show"], at: member, ["--format", "html", "winter"])
            #expect(page.status == 0)
            #expect(page.output.hasPrefix("<!DOCTYPE html>"))
            #expect(page.output.contains("Guy&#39;s and St Thomas&#39; NHS Foundation Trust (RJ1)"))
            #expect(page.output.contains("Signed electronically") && !page.output.contains("Not signed yet"))
        }
        let text = try await federation.run(["agreement", "show"], at: "RJ1", ["winter"])
        #expect(text.output.contains("Article 6(1)(e): a task in the public interest"))
        let yaml = try await federation.run(
            ["agreement", "show"], at: "RJ1", ["--format", "yaml", "winter"])
        let again = try write(yaml.output, "again.yaml", federation)
        #expect(try await Program.run(["agreement", "check", again]).status == 0)
        let json = try await federation.run(
            ["agreement", "show"], at: "RJ1", ["--format", "json", "winter"])
        #expect(try json.json()["id"].text == "winter")
        #expect(try await federation.run(["agreement", "show"], at: "RJ1", ["nothing"]).status == 1)
    }

    private static func ask(_ federation: Federation) async throws -> Program.Outcome {
        try await federation.run(["query"], ["--agreement", "winter", "--format", "json", sql])
    }

    private static func waitsForAPerson(_ federation: Federation) async throws {
        let first = try await ask(federation)
        #expect(first.status == 3)
        let site = try first.json()["error"]["sites"].elements.first ?? .null
        #expect(site["rules"] == .array([.text("pending-review")]))
        #expect(site["reason"].text == "the release waits for a person at RJ1; ask again later")
        let list = try await federation.run(["release", "list"], at: "RJ1", ["--format", "json"]).json()
        let id = try #require(list.elements.first?["id"].text)
        let shown = try await federation.run(["release", "show"], at: "RJ1", [id])
        #expect(shown.status == 0 && shown.output.contains("what would leave:"))
        #expect(try await federation.run(["release", "approve"], at: "RJ1", [id]).status == 0)
        #expect(try await federation.run(["release", "approve"], at: "RJ1", [id]).status == 1)
        #expect(try await ask(federation).status == 0)
    }

    private static func amends(_ federation: Federation) async throws {
        let second = try draft(federation, version: 2)
        let diff = try await federation.run(["agreement", "diff"], at: "RJ1", ["winter", second])
        #expect(diff.output.contains("most questions answered by each controller: new: 50"))
        let same = try await federation.run(
            ["agreement", "amend"], ["winter", try draft(federation, version: 1)])
        #expect(same.status == 1 && same.errors.contains("version: must be above 1"))
        try await agree(federation, version: 2)
        let states = try await federation.run(["agreement", "list"], at: "RJ1", ["--format", "json"]).json()
        #expect(
            states.elements.filter { $0["id"].text == "winter" }.map { $0["state"].text } == [
                "in force", "in force",
            ])
        let words = try await federation.run(["agreement", "diff"], at: "QWE", ["winter"])
        #expect(words.output.contains("version 2 compared with version 1"))
        let changes = try await federation.run(
            ["agreement", "diff"], at: "QWE", ["winter", "--format", "json"]
        ).json()
        #expect(changes["from"].integer == 1 && changes["to"].integer == 2)
        #expect(changes["changes"].elements.contains { $0.text?.contains("new: 50") == true })
    }

    /// Over the real network: the requester has heard of it when the command ends.
    private static func revokesWithNotice(_ federation: Federation) async throws {
        let suspended = try await federation.run(
            ["agreement", "suspend"], at: "RJ1", ["--reason", "an incident", "winter"])
        #expect(suspended.status == 0)
        #expect(suspended.output.contains("those whom it concerns have been told"))
        let refused = try await ask(federation)
        #expect(refused.status == 3)
        let reason = try refused.json()["error"]["sites"].elements.first?["reason"].text
        // The requester's own words: the site was not even asked.
        #expect(reason?.hasPrefix("RJ1 suspended the agreement on ") == true)
        #expect(
            try await federation.run(
                ["agreement", "resume"], at: "RJ1", ["--reason", "all clear", "winter"]
            ).status == 0)
        let revoked = try await federation.run(
            ["agreement", "revoke"], at: "RJ1", ["--reason", "ended", "winter"])
        #expect(revoked.status == 0)
        let list = try await federation.run(["agreement", "list"], ["--format", "json"]).json()
        let halted = list.elements.filter { $0["id"].text == "winter" }.map { $0["halted"].text }
        #expect(halted == ["RJ1 revoked", "RJ1 revoked"])
        #expect(try await ask(federation).status == 3)
    }
}
