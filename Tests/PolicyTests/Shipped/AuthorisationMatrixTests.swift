import Foundation
import Testing

@testable import Policy

/// `Golden/authorisation.txt` is the reviewed matrix of the shipped policies: `RECORD_GOLDENS=1` rewrites it, and
/// the diff is what is reviewed.
@Suite struct AuthorisationMatrixTests {
    private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Golden/authorisation.txt").standardizedFileURL

    @Test func theShippedPoliciesAllowWhatWasReviewed() throws {
        let text = try AuthorisationMatrix(PolicyEngine(directory: PolicyCasesTests.directory)).text
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
            try text.write(to: Self.golden, atomically: true, encoding: .utf8)
        }
        let reviewed = try String(contentsOf: Self.golden, encoding: .utf8)
        let changed = text.split(separator: "\n", omittingEmptySubsequences: false)
            .difference(from: reviewed.split(separator: "\n", omittingEmptySubsequences: false))
        #expect(changed.isEmpty, "review what changed, then record: RECORD_GOLDENS=1 swift test")
    }

    /// Rows hold every place once, whatever the outcomes.
    @Test func rowsHoldEveryPlaceOnce() {
        let dimensions: [AuthorisationRows.Dimension] = [
            .init(name: "a", values: ["1", "2", "3"]), .init(name: "b", values: ["x", "y"]),
        ]
        let outcome = { (place: [String]) in
            AuthorisationMatrix.Outcome(lines: place[0] == "2" && place[1] == "y" ? ["odd"] : ["even"])
        }
        let rows = AuthorisationRows.compressed(dimensions, outcome)
        #expect(rows.map { $0.words(dimensions) } == ["a 1, 3", "a 2; b x", "a 2; b y"])
        for place in AuthorisationRows.places(dimensions) {
            let matching = rows.filter { row in zip(row.values, place).allSatisfy { $0.contains($1) } }
            #expect(matching.map(\.outcome) == [outcome(place)])
        }
    }
}
