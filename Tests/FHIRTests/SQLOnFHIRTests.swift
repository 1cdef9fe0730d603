import FHIR
import Foundation
import Testing

/// The official SQL-on-FHIR v2 cases that stand in the outside data: every one of them is run, by what
/// `concordat view test` runs them with.
@Suite(.enabled(if: OutsideData.isHere, "CONCORDAT_OUTSIDE_DATA names no data"))
struct SQLOnFHIRTests {
    static var files: [String] {
        guard OutsideData.isHere else { return [] }
        let all =
            (try? FileManager.default.contentsOfDirectory(atPath: OutsideData.path("sql-on-fhir"))) ?? []
        return all.filter { $0.hasSuffix(".json") && $0 != "tests.schema.json" }.sorted()
    }

    @Test(arguments: files)
    func cases(_ file: String) {
        let outcomes = ViewTestSuite.run(file: OutsideData.path("sql-on-fhir/" + file))
        #expect(!outcomes.isEmpty)
        #expect(ViewTestSuite.Report(outcomes: outcomes).failures == [])
    }

    @Test func theSchemaIsNoTest() throws {
        #expect(ViewTestSuite.run(file: OutsideData.path("sql-on-fhir/tests.schema.json")).isEmpty)
    }
}
