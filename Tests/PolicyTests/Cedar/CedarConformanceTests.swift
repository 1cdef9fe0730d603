import Foundation
import Testing

@testable import Policy

/// Cedar's own tests, handwritten and generated, where outside data is given.
///
/// `CONCORDAT_OUTSIDE_DATA` names the folder that holds `cedar`, in the layout of cedar-integration-tests.
@Suite struct CedarConformanceTests {
    static let root = ProcessInfo.processInfo.environment["CONCORDAT_OUTSIDE_DATA"]
        .map { URL(filePath: $0).appending(path: "cedar") }

    @Test("Cedar's handwritten tests", .enabled(if: root != nil, "CONCORDAT_OUTSIDE_DATA is not set"))
    func handwritten() throws {
        let root = try #require(Self.root)
        var notes: [String] = []
        let outcome = try CedarConformance.run(directory: root) { notes.append($0) }
        #expect(outcome.firstDifferences == [])
        #expect(outcome.differ == 0)
        #expect(outcome.agree > 80)
        #expect(outcome.packed == ["corpus-800.tar.gz"])
        #expect(notes == ["corpus-800.tar.gz is packed: unpack it with tar xzf corpus-800.tar.gz"])
    }

    @Test("Cedar's generated tests", .enabled(if: root != nil, "CONCORDAT_OUTSIDE_DATA is not set"))
    func generated() throws {
        let archive = try #require(Self.root).appending(path: "corpus-800.tar.gz")
        let folder = FileManager.default.temporaryDirectory.appending(path: "cedar-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let tar = try Process.run(
            URL(filePath: "/usr/bin/tar"), arguments: ["xzf", archive.path, "-C", folder.path])
        tar.waitUntilExit()
        #expect(tar.terminationStatus == 0)
        let outcome = try CedarConformance.run(directory: folder)
        #expect(outcome.firstDifferences == [])
        #expect(outcome.differ == 0)
        #expect(outcome.cases == 800)
        #expect(outcome.agree == 7200)
    }
}

/// The runner itself, over cases of our own.
@Suite struct CedarConformanceRunnerTests {
    private static let policies = "permit(principal, action, resource) when { principal.age > 17 };"
    private static let schema =
        "entity U { age?: Long }; entity G; action go appliesTo { principal: U, resource: G, context: {} };"

    private func folder(decision: String, reason: String, validates: Bool = false) throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cedar-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "corpus"), withIntermediateDirectories: true)
        let entity = #"[{"uid": {"type": "U", "id": "u"}, "attrs": {"age": 40}, "parents": []}]"#
        let test = """
            {"policies": "corpus-tests/x.cedar", "entities": "corpus-tests/x.entities.json",
            "schema": "corpus-tests/x.cedarschema", "shouldValidate": \(validates), "requests": [
            {"description": "one", "principal": {"type": "U", "id": "u"}, "action": {"type": "Action", "id": "go"},
            "resource": {"type": "G", "id": "g"}, "context": {}, "decision": "\(decision)",
            "reason": [\(reason)], "errors": []}]}
            """
        for (name, text) in [
            ("x.cedar", Self.policies), ("x.cedarschema", Self.schema), ("x.entities.json", entity),
            ("x.json", test),
        ] {
            try Data(text.utf8).write(to: folder.appending(path: "corpus/\(name)"))
        }
        return folder
    }

    @Test func countsWhatAgreesPerRequestAndPerCase() throws {
        let folder = try folder(decision: "allow", reason: "\"policy0\"")
        defer { try? FileManager.default.removeItem(at: folder) }
        let outcome = try CedarConformance.run(directory: folder)
        #expect(outcome.cases == 1)
        #expect(outcome.agree == 2)
        #expect(outcome.differ == 0)
    }

    @Test func namesWhatDiffers() throws {
        let folder = try folder(decision: "deny", reason: "", validates: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let outcome = try CedarConformance.run(directory: folder)
        #expect(outcome.agree == 0)
        #expect(
            outcome.firstDifferences == [
                "corpus/x.json: validation should pass: policy0: 1:53: 'age' of U is optional: "
                    + "ask first whether it is there, with 'has'",
                "corpus/x.json: one: expected deny",
            ])
    }

    @Test func aFolderWithoutCasesIsAnError() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cedar-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: CedarFault.self) { try CedarConformance.run(directory: folder) }
    }
}
