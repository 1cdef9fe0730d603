import Core
import Foundation
import Testing

@testable import Query

/// `Golden/NAME.plan`: a statement, a line of four dashes, and what EXPLAIN says of it.
/// `RECORD_GOLDENS=1` rewrites what stands below the dashes.
@Suite struct ExplanationTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    static var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".plan") }.sorted()
    }

    @Test("EXPLAIN", arguments: names)
    func golden(_ name: String) throws {
        let file = Self.folder.appending(path: name)
        let parts = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n----\n")
        let plan = try Planning.plan(parts[0])
        let text = Explanation(plan).text
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
            try "\(parts[0])\n----\n\(text)".write(to: file, atomically: true, encoding: .utf8)
            return
        }
        #expect(parts.count == 2 && parts[1] == text)
    }

    @Test("there are goldens")
    func present() { #expect(Self.names.count >= 15) }

    @Test("the JSON form says the same")
    func json() throws {
        let explanation = Explanation(
            try Planning.plan("SELECT count(DISTINCT person) FROM patient"), releaseForm: .merged)
        let decoded = try JSONDecoder().decode(
            Explanation.self, from: try JSONEncoder().encode(explanation))
        #expect(decoded == explanation)
        #expect(decoded.fragments[0].columns[0].merge?.hasPrefix("union at the linker") == true)
    }
}
