import Foundation
import Testing

/// Commands that need no home: tools over files.
@Suite struct ToolCommandTests {
    private func inFolder(_ files: [String: String], _ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tools-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
        try await body(folder.path)
    }

    private static func viewTest(expecting id: String) -> String {
        """
        {"title": "t", "description": "d", "fhirVersion": ["4.0.1"],
         "resources": [{"resourceType": "Patient", "id": "p1"}],
         "tests": [{"title": "one", "tags": ["shareable"],
           "view": {"resource": "Patient", "select": [{"column": [{"name": "id", "path": "id", "type": "id"}]}]},
           "expect": [{"id": "\(id)"}]}]}
        """
    }

    @Test func viewTestCountsAndReports() async throws {
        try await inFolder(["good.json": Self.viewTest(expecting: "p1")]) { folder in
            let report = folder + "/report.out"
            let outcome = try await Program.run(["view", "test", folder, "--output", report])
            #expect(outcome.status == 0)
            #expect(outcome.output == "1 passed, 0 failed\n")
            #expect(try ProjectFiles.text(report).contains(#""passed""#))
        }
        try await inFolder(["bad.json": Self.viewTest(expecting: "p2")]) { folder in
            let outcome = try await Program.run(["view", "test", folder])
            #expect(outcome.status == 1)
            #expect(outcome.output.hasPrefix("bad.json: one: "))
            #expect(outcome.output.hasSuffix("0 passed, 1 failed\n"))
            let json = try await Program.run(["view", "test", folder, "--format", "json"])
            #expect(
                json.status == 1 && json.output.contains(#""bad.json""#) && !json.output.contains(" failed\n")
            )
        }
    }

    @Test func viewRunPrintsRows() async throws {
        let view = """
            {"resource": "Patient", "select": [{"column": [
              {"name": "id", "path": "id"}, {"name": "sex", "path": "gender"}]}]}
            """
        let patients = """
            {"resourceType": "Patient", "id": "p1", "gender": "female"}
            {"resourceType": "Patient", "id": "p2"}

            """
        try await inFolder(["view.json": view, "Patient.ndjson": patients]) { folder in
            let files = [folder + "/view.json", folder + "/Patient.ndjson"]
            let rows = try await Program.run(["view", "run"] + files + ["--format", "csv"])
            #expect(rows.status == 0)
            #expect(rows.output == "id,sex\np1,female\np2,\n")
            let json = try await Program.run(["view", "run"] + files + ["--format", "ndjson"])
            #expect(json.output.hasPrefix(#"{"id":"p1","sex":"female"}"#))
        }
    }

    @Test func anInvalidViewIsRefusedWithItsPlace() async throws {
        let view = #"{"resource": "Patient", "select": [{"column": [{"name": "id", "path": "id.("}]}]}"#
        try await inFolder(["view.json": view, "p.ndjson": ""]) { folder in
            let outcome = try await Program.run(["view", "run", folder + "/view.json", folder + "/p.ndjson"])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("select[0].column[0]"))
        }
    }

    @Test(arguments: [
        ["--odbc", "DSN=warehouse;UID=reader;PWD=hunter2"],
        ["--source", "postgresql://reader:hunter2@server/db"],
        ["--source", "host=server password=hunter2"],
        ["--proxy", "http://reader:hunter2@proxy.example:3128", "--bulk", "https://fhir.example"],
    ])
    func passwordsAreNotTakenFromACommandLine(option: [String]) async throws {
        let outcome = try await Program.run(
            ["ingest", "--home", "/nowhere"]
                + (option[0] == "--proxy" ? [] : ["--mapping", "omop-visit"]) + option)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("write \(option[0]) @FILE"), "\(outcome.errors)")
        #expect(!(outcome.errors + outcome.output).contains("hunter2"))
    }

    @Test func policyConformanceCountsWhatDiffers() async throws {
        let request = """
            {"description": "r", "principal": {"type": "User", "id": "a"}, "action": {"type": "Action", "id": "x"},
             "resource": {"type": "Thing", "id": "t"}, "context": {}, "decision": "%@", "reason": ["policy0"],
             "errors": []}
            """
        func files(_ decision: String) -> [String: String] {
            [
                "case.json": """
                {"policies": "p.cedar", "entities": "p.entities.json", "schema": "p.cedarschema",
                 "shouldValidate": true,
                 "requests": [\(request.replacingOccurrences(of: "%@", with: decision))]}
                """,
                "p.cedar": "permit(principal, action, resource);", "p.entities.json": "[]",
                "p.cedarschema": """
                entity User; entity Thing;
                action x appliesTo { principal: [User], resource: [Thing] };
                """,
            ]
        }
        try await inFolder(files("allow")) { folder in
            let outcome = try await Program.run(["policy", "conformance", folder])
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.output.hasSuffix(" agree, 0 differ\n"))
        }
        try await inFolder(files("deny")) { folder in
            let outcome = try await Program.run(["policy", "conformance", folder])
            #expect(outcome.status == 1, "\(outcome)")
            #expect(outcome.output.hasSuffix(" agree, 1 differ\n"))
            let json = try await Program.run(["policy", "conformance", folder, "--format", "json"])
            #expect(try json.json()["differ"].integer == 1)
            #expect(try json.json()["differences"].elements.count == 1 && json.status == 1)
        }
    }
}
