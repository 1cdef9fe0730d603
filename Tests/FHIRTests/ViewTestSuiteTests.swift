import FHIR
import Foundation
import Testing

/// What `concordat view test` runs, on a folder of its own.
@Suite struct ViewTestSuiteTests {
    private static let suite = """
        {"title":"t","resources":[{"resourceType":"Patient","id":"a","n":1.50},{"resourceType":"Patient","id":"b"}],"tests":[
        {"title":"rows in any order","view":{"resource":"Patient","select":[{"column":[{"name":"id","path":"id"}]}]},
         "expect":[{"id":"b"},{"id":"a"}],"expectColumns":["id"]},
        {"title":"a count","view":{"resource":"Patient","select":[{"column":[{"name":"id","path":"id"}]}]},"expectCount":2},
        {"title":"an error","view":{"resource":"Patient"},"expectError":true},
        {"title":"no \\"error\\"","view":{"resource":"Patient","select":[{"column":[{"name":"id","path":"id"}]}]},"expectError":true},
        {"title":"another value","view":{"resource":"Patient","select":[{"column":[{"name":"id","path":"id"}]}]},"expect":[{"id":"a"},{"id":"c"}]},
        {"title":"a column that is not there","view":{"resource":"Patient","select":[{"column":[{"name":"id","path":"id"}]}]},
         "expect":[{"id":"a","x":1},{"id":"b"}]},
        {"title":"too few","view":{"resource":"Patient","select":[{"column":[{"name":"id","path":"id"}]}]},"expect":[{"id":"a"}]},
        {"title":"other columns","view":{"resource":"Patient","select":[{"column":[{"name":"id","path":"id"}]}]},
         "expect":[{"id":"a"},{"id":"b"}],"expectColumns":["id","x"]},
        {"title":"an unexpected error","view":{"resource":"Patient","select":[{"column":[{"name":"id","path":"@@"}]}]},"expect":[]}]}
        """

    @Test func countsAndTellsWhatFailed() throws {
        let files: [String: [UInt8]] = [
            "a.json": Array(Self.suite.utf8),
            "tests.schema.json": Array(#"{"$id":"x","properties":{}}"#.utf8),
            "b.json": Array("{".utf8), "readme.txt": [],
        ]
        try TemporaryFolder.with(files) { folder in
            let report = try ViewTestSuite.run(directory: folder)
            #expect(report.passed == 3)
            #expect(
                report.failures == [
                    "a.json: no \"error\": gave 2 rows, an error was expected",
                    "a.json: another value: gave (\"b\"), (\"c\") was expected",
                    "a.json: a column that is not there: has no column x",
                    "a.json: too few: gave 2 rows, 1 were expected",
                    "a.json: other columns: gave the columns id",
                    "a.json: an unexpected error: gave an error: select[0].column[0].path: FHIRPath: syntax at "
                        + "character 1: a date or time must follow @",
                    "b.json: (the file): is not a JSON object",
                ])
            let json = try #require(
                try JSONSerialization.jsonObject(with: report.json) as? [String: [String: Any]])
            #expect(json.keys.sorted() == ["a.json", "b.json"])
            let tests = try #require(json["a.json"]?["tests"] as? [[String: Any]])
            #expect(tests.count == 9)
            #expect(tests[3]["name"] as? String == "no \"error\"")
            #expect((tests[0]["result"] as? [String: Any])?["passed"] as? Bool == true)
            #expect((tests[3]["result"] as? [String: Any])?["passed"] as? Bool == false)
        }
    }

    @Test func aFolderWithoutTestsIsRefused() throws {
        #expect(throws: ViewTestSuite.Fault.self) {
            try TemporaryFolder.with([:]) { _ = try ViewTestSuite.run(directory: $0) }
        }
        #expect(throws: ViewTestSuite.Fault.self) { try ViewTestSuite.run(directory: "/nowhere/at/all") }
    }
}
