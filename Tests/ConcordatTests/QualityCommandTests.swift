import Foundation
import Testing

/// `concordat quality` as a script and a person have it.
@Suite struct QualityCommandTests {
    private static let patients = (0..<3).map { place in
        #"{"resourceType":"Patient","id":"p\#(place)","gender":"divers","birthDate":"1960-05-04"}"#
    }

    private static let observation = """
        {"resourceType":"Observation","id":"o1","status":"final","subject":{"reference":"Patient/p1"},\
        "code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]},"effectiveDateTime":"2020-02-03",\
        "valueQuantity":{"value":48,"unit":"mmol/mol"}}
        """

    @Test func findingsComeFirstAndFormatsAgree() async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "quality-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let node = root + "/node"
        let lines = Self.patients + [Self.observation]
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: root + "/all.ndjson"))
        let made = try await Program.run([
            "init", "--home", node, "--organisation", "RJ1", "--name", "A & B", "--role", "controller",
            "--synthetic",
        ])
        #expect(made.status == 0)
        // As a site that takes unknown units in; otherwise the record would be set aside.
        let file = URL(filePath: node + "/concordat.yaml")
        let settings = try ProjectFiles.text(file.path)
        #expect(settings.contains("unknownUnits: quarantine"))
        try Data(settings.replacing("unknownUnits: quarantine", with: "unknownUnits: mark").utf8).write(
            to: file)
        #expect(try await Program.run(["ingest", "--home", node, root + "/all.ndjson"]).status == 0)

        func quality(_ arguments: String...) async throws -> Program.Outcome {
            try await Program.run(["quality", "--home", node] + arguments)
        }
        let text = try await quality()
        #expect(text.status == 0)
        let notice =
            "For the controller's own staff: small numbers are shown. "
            + "Not for release outside of the controller."
        #expect(text.output.hasPrefix(notice + "\n\nA & B (RJ1): live data, looked at "))
        let unit = "1 row of 4548-4 (HbA1c) in 'mmol/mol': the catalog knows '%'"
        #expect(text.output.contains("[high] " + unit))

        let document = try await quality("--format", "json").json()
        #expect(document["form"].text == "concordat-quality-1")
        #expect(document["notice"].text == notice)
        #expect(document["people"]["without_number"].integer == 3)
        #expect(document["findings"].elements.contains { $0["words"].text == unit })
        let sex = document["datasets"].elements.first { $0["name"].text == "patient" }?["columns"].elements
            .first { $0["name"].text == "sex" }
        #expect(sex?["outside"].integer == 3)

        let page = try await quality("--format", "html").output
        #expect(page.hasPrefix("<!DOCTYPE html>\n"))
        #expect(page.contains("<h1>Data quality: A &amp; B (RJ1)</h1>"))
        #expect(page.contains(notice.replacing("'", with: "&#39;")))
        let kept = root + "/report.json"
        try Data(try await quality("--format", "json").output.utf8).write(to: URL(filePath: kept))
        let same = try await quality("--against", kept, "--format", "csv")
        #expect(same.output == "kind,dataset,column,item,measure,there,here\r\n")
        #expect(try await quality("--against", root + "/all.ndjson").status == 2)
        #expect(try await quality("--format", "csv").output.contains("\r\npeople,,,,without number,3\r\n"))
    }

    @Test func theExitCodeSaysWhetherSomethingIsUrgent() async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "quality-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let made = try await Program.run([
            "init", "--home", root, "--organisation", "RJ1", "--name", "A", "--role", "controller",
            "--synthetic",
        ])
        #expect(made.status == 0)
        func status(_ arguments: String...) async throws -> Int32 {
            try await Program.run(["quality", "--home", root] + arguments).status
        }
        // Nothing is published: that is urgent.
        #expect(try await status("--fail-on", "high") == 1)
        #expect(try await status() == 0)
        #expect(try await status("--publication") == 1)
        #expect(try await status("--fail-on", "urgent") == 2)
        #expect(try await status("--format", "xml") == 2)
    }
}
