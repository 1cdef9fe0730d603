import Foundation
import Testing

/// The policy tools with the real program and real folders.
@Suite struct PolicyToolTests {
    private static let shipped = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Policies").standardizedFileURL

    /// A copy of the shipped policies with some files changed, written or (nil) taken out.
    private func inFolder(
        _ changes: [String: (String) -> String?] = [:], _ body: (String) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "policies-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: Self.shipped, to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, change) in changes {
            let file = folder.appending(path: name)
            let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            try? FileManager.default.removeItem(at: file)
            if let new = change(text) { try Data(new.utf8).write(to: file) }
        }
        try await body(folder.path)
    }

    private struct Checked: Decodable {
        struct Finding: Decodable {
            let file: String
            let line: Int
            let kind: String
            let severity: String
        }

        let errors: Int
        let findings: [Finding]
    }

    @Test func checkPrintsPlaceCaretAndRemedy() async throws {
        let own = "@id(\"own\") @minimum_poeple(\"10\")\npermit (principal, action, resource);\n"
        try await inFolder(["own.cedar": { _ in own }]) { folder in
            let outcome = try await Program.run(["policy", "check", folder])
            #expect(outcome.status == 1)
            let expected = """
                own.cedar:1:12: error: @minimum_poeple is not an annotation that is known
                  @id("own") @minimum_poeple("10")
                             ^
                  did you mean @minimum_people?
                """
            #expect(outcome.output.contains(expected), "\(outcome.output)")
            let json = try await Program.run(["policy", "check", folder, "--format", "json"])
            let checked = try JSONDecoder().decode(Checked.self, from: Data(json.output.utf8))
            #expect(checked.errors == checked.findings.count { $0.severity == "error" })
            #expect(
                checked.findings.contains {
                    $0.file == "own.cedar" && $0.line == 1 && $0.kind == "annotation"
                })
        }
    }

    @Test func checkOfAFolderThatIsNotThereEndsWith2() async throws {
        let outcome = try await Program.run(["policy", "check", "/nowhere/at/all"])
        #expect(outcome.status == 2)
        #expect(outcome.output.isEmpty)
    }

    @Test func testRunsCasesAndCountsCoverage() async throws {
        try await inFolder { folder in
            let outcome = try await Program.run(["policy", "test", folder, "--minimum-coverage", "50"])
            #expect(outcome.status == 0, "\(outcome)")
            let last = outcome.output.split(separator: "\n").last.map(String.init) ?? ""
            #expect(
                last.wholeMatch(
                    of: /\d+ passed, 0 failed; policies \d+ of \d+, clauses \d+ of \d+ covered/) != nil,
                "\(last)")
        }
        try await inFolder(["planning.cedar": { $0.replacing("\"10\"", with: "\"9\"") }]) { folder in
            let outcome = try await Program.run(["policy", "test", folder])
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("    expected  10\n    got       9\n"))
        }
    }

    @Test func explainSaysWhyAndWhatWouldHaveToChange() async throws {
        let file = Self.shipped.appending(path: "baseline.cases.yaml").path
        let refused = try await Program.run([
            "policy", "explain", file, "--case", "half signed permits nothing",
        ])
        #expect(refused.status == 3)
        #expect(refused.output.hasPrefix("REFUSED by RJ1: "))
        #expect(refused.output.contains("context.agreement.state = partly signed"))
        #expect(refused.output.contains("a party: RJ1 must sign the agreement"))
        let permitted = try await Program.run(["policy", "explain", file, "--case", "the last day counts"])
        #expect(permitted.status == 0)
        #expect(permitted.output.hasPrefix("PERMITTED by RJ1: "))
        let unknown = try await Program.run(["policy", "explain", file, "--case", "no such case"])
        #expect(unknown.status == 2)
        #expect(try await Program.run(["policy", "explain"]).status == 2)
    }

    @Test func diffEndsWith1OnlyWhereSomethingIsWider() async throws {
        let fewer: (String) -> String? = {
            $0.replacing("@minimum_people(\"10\")", with: "@minimum_people(\"5\")")
        }
        try await inFolder(["planning.cedar": fewer]) { folder in
            let arguments = [Self.shipped.path, folder, "--requests", "2000"]
            let wider = try await Program.run(["policy", "diff"] + arguments)
            #expect(wider.status == 1)
            #expect(wider.output.contains("      + every number stands for at least 5 people"))
            let back = try await Program.run([
                "policy", "diff", folder, Self.shipped.path, "--requests", "2000",
            ])
            #expect(back.status == 0, "\(back)")
            let json = try await Program.run(["policy", "diff"] + arguments + ["--format", "json"])
            #expect(json.status == 1)
            let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            #expect(document?["wider"] as? Bool == true)
        }
    }

    @Test func whoCanNamesRolesPurposesAndConditions() async throws {
        let policies = Self.shipped.path
        let who = try await Program.run([
            "policy", "who-can", "readRecord", "patient.sex", "--policies", policies,
        ])
        #expect(who.status == 0)
        #expect(who.output.contains("as clinician"))
        #expect(who.output.contains("legitimate relationship"))
        let dataset = try await Program.run(["policy", "who-can", "aggregate", "patients"])
        #expect(dataset.status == 2)
        #expect(dataset.errors.contains("'patients' is no dataset"))
    }

    @Test func explainAndWhoCanAskTheHomesOwnPolicies() async throws {
        let home = FileManager.default.temporaryDirectory.appending(path: "home-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: home) }
        let made = try await Program.run([
            "init", "--home", home, "--organisation", "RJ1", "--name", "A", "--role", "controller",
            "--synthetic",
            "--listen", "127.0.0.1:7443",
        ])
        #expect(made.status == 0, "\(made)")
        let asked = try await Program.run([
            "policy", "explain", "--home", home, "--agreement", "nothing", "--columns", "patient.sex",
        ])
        #expect(asked.status == 3, "\(asked)")
        #expect(asked.output.hasPrefix("REFUSED by RJ1: RJ1 knows no agreement of that name"))
        let who = try await Program.run(["policy", "who-can", "aggregate", "patient", "--home", home])
        #expect(who.status == 1, "\(who)")
        #expect(who.output == "Nobody may aggregate patient.\n")
    }
}
