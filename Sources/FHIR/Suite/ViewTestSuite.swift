package import Foundation

/// A folder of SQL-on-FHIR test files, and what running them gave.
///
///     let report = try ViewTestSuite.run(directory: "tests")
///     for failure in report.failures { print(failure) }
///     print("\(report.passed) passed, \(report.failed) failed")
///
/// Format: SQL on FHIR v2, "tests.schema.json" (`https://sql-on-fhir.org/ig/tests`).
package enum ViewTestSuite {
    /// One test of one file.
    package struct Outcome: Hashable, Sendable {
        package let file: String
        package let name: String
        /// Why it failed; nil if it passed. It may tell of rows: they are of a test file, not of people.
        package let failure: String?
    }

    package struct Report: Hashable, Sendable {
        package let outcomes: [Outcome]

        package init(outcomes: [Outcome]) { self.outcomes = outcomes }

        package var passed: Int { outcomes.count { $0.failure == nil } }
        package var failed: Int { outcomes.count - passed }

        /// `file: test: reason`, one a failed test.
        package var failures: [String] {
            outcomes.compactMap { outcome in
                outcome.failure.map { "\(outcome.file): \(outcome.name): \($0)" }
            }
        }
    }

    /// Why a folder could not be run at all.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package let path: String
        package let message: String
        package var description: String { "\(path): \(message)" }
    }

    /// Runs every `*.json` file of a folder that is a test file; one that is a JSON Schema is passed over.
    /// - Throws: `Fault` if the folder cannot be read or holds no tests. A file that is damaged is a failed
    /// test.
    package static func run(directory: String) throws(Fault) -> Report {
        guard let all = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw Fault(path: directory, message: "is not a folder that can be read")
        }
        var outcomes: [Outcome] = []
        for name in all.filter({ $0.hasSuffix(".json") }).sorted() {
            outcomes += run(file: directory + "/" + name)
        }
        guard !outcomes.isEmpty else { throw Fault(path: directory, message: "holds no test file") }
        return Report(outcomes: outcomes)
    }

    /// The tests of one file; none if it is a JSON Schema or a report of ours.
    package static func run(file path: String) -> [Outcome] {
        let name = String(path.split(separator: "/").last ?? "")
        func damaged(_ reason: String) -> [Outcome] {
            [Outcome(file: name, name: "(the file)", failure: reason)]
        }
        guard let data = FileManager.default.contents(atPath: path) else { return damaged("cannot be read") }
        guard let whole = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else {
            return damaged("is not a JSON object")
        }
        if whole["$schema"] != nil || whole["properties"] != nil { return [] }
        guard let tests = whole["tests"] as? [[String: Any]] else {
            return isReport(whole) ? [] : damaged("has no tests")
        }
        guard let block = LineBlock(memberResources: "resources", of: data) else {
            return damaged("has no resources")
        }
        return tests.map { test in
            let title = test["title"] as? String ?? ""
            return Outcome(file: name, name: title, failure: ViewTest(test, block).failure)
        }
    }

    private static func isReport(_ whole: [String: Any]) -> Bool {
        whole.values.contains { ($0 as? [String: Any])?["tests"] is [Any] }
    }
}

extension ViewTestSuite.Report {
    /// The report in the official form. Source: SQL on FHIR v2, "test-report.schema.json"
    /// (`http://hl7.org/fhir/uv/sql-on-fhir/test-report`).
    package var json: Data {
        var bytes = Array("{".utf8)
        for (place, file) in files.enumerated() {
            bytes += Array((place == 0 ? "\n  " : ",\n  ").utf8)
            bytes.append(jsonString: file.utf8)
            bytes += Array(": { \"tests\": [".utf8)
            for (number, outcome) in outcomes.filter({ $0.file == file }).enumerated() {
                bytes += Array((number == 0 ? "\n    { \"name\": " : ",\n    { \"name\": ").utf8)
                bytes.append(jsonString: outcome.name.utf8)
                bytes += Array(", \"result\": { \"passed\": \(outcome.failure == nil)".utf8)
                if let failure = outcome.failure {
                    bytes += Array(", \"reason\": ".utf8)
                    bytes.append(jsonString: failure.utf8)
                }
                bytes += Array(" } }".utf8)
            }
            bytes += Array("\n  ] }".utf8)
        }
        return Data(bytes + Array("\n}\n".utf8))
    }

    private var files: [String] {
        var seen: [String] = []
        for outcome in outcomes where seen.last != outcome.file { seen.append(outcome.file) }
        return seen
    }
}
