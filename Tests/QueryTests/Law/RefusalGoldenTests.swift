import Core
import Foundation
import Testing

@testable import Query

/// `Golden/refusals.txt`: every refusal of `LawTests` and `FederatedPlannerTests`, whole, as a user reads it.
/// `RECORD_GOLDENS=1` rewrites it; the diff is what is reviewed.
@Suite struct RefusalGoldenTests {
    @Test("refusals, word by word")
    func golden() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/refusals.txt")
        let cases = LawTests.refused.map(\.sql) + FederatedPlannerTests.refused.map(\.sql)
        let text = cases.map(Self.refusal).joined(separator: "\n")
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }

    private static func refusal(_ sql: String) -> String {
        do {
            _ = try Planning.plan(sql)
            return "\(sql)\n  not refused\n"
        } catch let fault as SQLFault {
            let place = fault.position.map { " at \($0)" } ?? ""
            return """
                \(sql)
                  \(fault.sqlstate.rawValue)\(place): \(fault.message)
                  \(fault.hint ?? "no hint")

                """
        } catch {
            return "\(sql)\n  \(type(of: error))\n"
        }
    }
}
