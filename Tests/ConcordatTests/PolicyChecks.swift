import Foundation
import Testing

/// Policies as bundles and the decision log, at sites that are serving: what the shipped policies say stays in force.
enum PolicyChecks {
    static func check(_ federation: Federation) async throws {
        let folder = ProjectFiles.policies
        let bundle = FileManager.default.temporaryDirectory.appending(
            path: "bundle-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: bundle) }
        try await shippedFolderIsSaid(federation)
        let signed = try await federation.run(["policy", "sign"], at: "RJ1", ["--version", "7", folder])
        #expect(signed.status == 0, "\(signed.errors)")
        try Data(signed.output.utf8).write(to: bundle)
        let foreign = try await federation.run(["policy", "load"], at: "RYJ", [bundle.path])
        #expect(foreign.status == 1)
        #expect(foreign.errors.contains("the bundle is RJ1's: a node takes over its own organisation's only"))
        let loaded = try await federation.run(["policy", "load"], at: "RJ1", [bundle.path])
        #expect(loaded.status == 0, "\(loaded.errors)")
        #expect(loaded.output.hasPrefix("version 7 is in force from now on"))
        try await decisionsNameTheVersion(federation)
    }

    private static func shippedFolderIsSaid(_ federation: Federation) async throws {
        let status = try await federation.run(["status"], at: "RJ1", ["--format", "json"]).json()
        #expect(status["policy"]["version"].text?.hasPrefix("shipped-") == true)
        #expect(status["policy"]["digest"].text?.count == 64)
        let again = try await federation.run(["policy", "reload"], at: "RJ1", [])
        #expect(again.output.hasPrefix("nothing changed: version shipped-"))
    }

    /// The receipt's decision is found in the log of the site that made it, and nowhere else.
    private static func decisionsNameTheVersion(_ federation: Federation) async throws {
        let answer = try await federation.ask("SELECT count(*) AS n FROM encounter").json()
        let sites = answer["receipt"]["sites"].elements
        let site = try #require(sites.first { $0["site"].text == "RJ1" })
        #expect(site["policy_version"].text == "7")
        let decision = try #require(site["decision"].text)
        let shown = try await federation.run(["audit", "show"], at: "RJ1", [String(decision.prefix(12))])
        #expect(shown.status == 0, "\(shown.errors)")
        for words in [decision, "answered", "version of the policies", "in the log: "] {
            #expect(shown.output.contains(words), "\(words)")
        }
        let elsewhere = try await federation.run(["audit", "show"], at: "RYJ", [decision])
        #expect(elsewhere.status == 1)
        #expect(elsewhere.errors.contains("the log of RYJ has no decision of that name"))
    }
}
