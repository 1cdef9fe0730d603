import Foundation
import Testing

@testable import Policy

/// Runs every `Policies/*.cases.yaml` against the shipped policies.
@Suite struct PolicyCasesTests {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Policies").standardizedFileURL

    static let files = ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
        .filter { $0.hasSuffix(".cases.yaml") }.sorted()

    @Test func everyPolicyFileHasCases() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.directory.path)
        let policies = names.filter { $0.hasSuffix(".cedar") }.map { $0.replacing(".cedar", with: "") }
        #expect(policies.sorted() == Self.files.map { $0.replacing(".cases.yaml", with: "") })
    }

    @Test(arguments: files)
    func cases(name: String) throws {
        let engine = try PolicyEngine(directory: Self.directory)
        let text = try String(contentsOf: Self.directory.appending(path: name), encoding: .utf8)
        let results = try PolicyCases(yaml: text, file: name).results(engine)
        #expect(!results.isEmpty)
        for result in results {
            #expect(result.passed, "\(result.name): \(result.differences)")
        }
    }
}
