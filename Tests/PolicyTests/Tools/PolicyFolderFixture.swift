import Foundation
import Testing

@testable import Policy

/// The shipped folder of policies with some texts in the place of others, as the tools' tests change it.
enum PolicyFolderFixture {
    static func shipped() throws -> PolicyFiles { try PolicyFiles(directory: PolicyCasesTests.directory) }

    /// The shipped vocabulary and data, with these policies alone.
    static func with(_ policies: String, cases: String? = nil) throws -> PolicyFiles {
        var texts = try shipped().texts.filter {
            !$0.key.hasSuffix(".cedar") && !$0.key.hasSuffix(".cases.yaml")
        }
        texts["own.cedar"] = policies
        texts["own.cases.yaml"] = cases
        return PolicyFiles(name: "own", texts: texts)
    }

    /// The shipped folder with a change in one text.
    static func shipped(_ file: String, _ old: String, _ new: String) throws -> PolicyFiles {
        var texts = try shipped().texts
        let text = try #require(texts[file])
        #expect(text.contains(old))
        texts[file] = text.replacing(old, with: new)
        return PolicyFiles(name: "changed", texts: texts)
    }

    static let names = PolicyCheck.Names(
        profiles: ["concordat", "hes-2018", "none"],
        codelists: [
            "codelist.diabetes", "codelist.restricted-sexual-health",
            "codelist.restricted-assisted-reproduction", "codelist.restricted-gender-recognition",
        ],
        datasets: ["patient": ["sex", "birth_date", "lsoa"], "condition": ["code"]])
}
