import Core
import Foundation
import Testing

@testable import Policy

/// The folder of published examples, which is not part of the project.
private let outsideConsents = ProcessInfo.processInfo.environment["CONCORDAT_OUTSIDE_DATA"].map {
    $0 + "/consent"
}

/// The published examples of HL7 and of the NHS, against a few requests: `Golden/examples.txt` is reviewed.
/// `RECORD_GOLDENS=1` rewrites it.
@Suite(.enabled(if: outsideConsents != nil))
struct ConsentExamplesTests {

    private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Golden/examples.txt")

    private static let requests: [(name: String, make: @Sendable () throws -> ConsentRequest)] = [
        ("research aggregate 2024", { try ConsentEvaluatorTests.request(now: "2024-01-01") }),
        ("research aggregate 2026", { try ConsentEvaluatorTests.request() }),
        ("research extract 2024", { try ConsentEvaluatorTests.request(action: .extract, now: "2024-01-01") }),
        ("planning 1980", { try ConsentEvaluatorTests.request(purpose: "planning", now: "1980-01-01") }),
        ("planning 2015-01", { try ConsentEvaluatorTests.request(purpose: "planning", now: "2015-01-15") }),
    ]

    @Test func examplesAreReadAndEvaluated() throws {
        let folder = URL(filePath: try #require(outsideConsents))
        var lines: [String] = []
        var read = 0
        for part in ["hl7-r4", "uk"] {
            let place = folder.appending(path: part)
            let names = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
            for name in names {
                lines.append("\(part)/\(name)")
                guard name.hasSuffix(".json") else {
                    lines.append("    not JSON")
                    continue
                }
                let bytes = Array(try Data(contentsOf: place.appending(path: name)))
                do {
                    let consent = try FHIRConsent(resource: bytes)
                    read += 1
                    for (words, make) in Self.requests {
                        let answer = ConsentEvaluator.evaluate(consent, try make())
                        lines.append("    \(words): \(ConsentEvaluatorTests.words(answer))")
                    }
                } catch let fault as ConsentFault {
                    lines.append("    \(fault.rawValue)")
                }
            }
        }
        #expect(read == 19)
        let text = lines.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
            try text.write(to: Self.golden, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: Self.golden, encoding: .utf8) == text)
    }
}
