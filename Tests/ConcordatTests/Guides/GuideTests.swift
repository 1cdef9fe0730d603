import Foundation
import Testing

/// Every command of the guides, in a folder of its own, in the order in which a reader meets them.
@Suite("Guides", .timeLimit(.minutes(15))) struct GuideTests {
    private static let guides = URL(filePath: ProjectFiles.schemas).deletingLastPathComponent()
        .appending(path: "Docs/guides").path

    @Test(arguments: ["analyst", "governance-lead", "engineer"])
    func everyCommandDoesWhatThePageSays(name: String) async throws {
        let guide = Guide(markdown: try ProjectFiles.text("\(Self.guides)/\(name).md"))
        #expect(guide.steps.count > 8)
        try await inFolder { folder in
            let program = URL(filePath: try Program.path).deletingLastPathComponent().path
            let outcome = try await FederationYard.shared.within {
                try await Program.run(
                    other: "env",
                    [
                        "-C", folder, "PATH=\(program):\(ProcessInfo.processInfo.environment["PATH"] ?? "")",
                        "bash", "-c", guide.script,
                    ])
            }
            #expect(outcome.status == 0, "\(name): \(outcome.errors)")
            for (place, step) in guide.steps.enumerated() {
                let output = try? ProjectFiles.text("\(folder)/step-\(place).out")
                let missing = Guide.missing(step.expected, in: output ?? "")
                #expect(
                    missing.isEmpty,
                    "\(name).md:\(step.line) does not show \(missing) but \(output ?? "nothing")")
            }
        }
    }

    @Test func aPageIsReadAsItsReaderDoes() {
        let guide = Guide(
            markdown: """
                ```sh
                echo one
                ```
                and
                ```text
                one
                ```
                ```sh refused
                false
                ```
                ```json
                {}
                ```
                """)
        #expect(guide.steps.map(\.commands) == ["echo one", "false"])
        #expect(guide.steps.map(\.isRefused) == [false, true])
        #expect(guide.steps.map(\.expected) == [["one"], []])
        #expect(Guide.shows(" female |    735", "female | 440"))
        #expect(!Guide.shows(" male |    735", "female | 440"))
        #expect(Guide.shows("ERROR:  the birth_date of one", "ERROR: …birth_date…"))
        #expect(Guide.missing(["a", "b"], in: "b\na\n") == ["b"])
    }

    private func inFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "guide-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.path)
    }
}
