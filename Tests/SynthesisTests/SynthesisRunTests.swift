import Core
import Foundation
import Testing

@testable import Synthesis

@Suite struct SynthesisRunTests {
    private func run(_ parameters: PopulationParameters) throws -> (String, SynthesisRun.Summary) {
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
        return (directory, try SynthesisRun(parameters, directory: directory).write())
    }

    private func lines(_ path: String) throws -> [Substring] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    }

    @Test func sameParametersGiveSameBytes() throws {
        let parameters = try PopulationParameters(patients: 2_500, seed: 7, sites: 2, overlap: 0.1)
        let (first, _) = try run(parameters)
        let (second, _) = try run(parameters)
        defer { for path in [first, second] { try? FileManager.default.removeItem(atPath: path) } }
        for name in [
            "site-1/Patient.ndjson", "site-2/Observation.ndjson", "site-1/opt-out.dat", "reference/imd.csv",
        ] {
            let left = try Data(contentsOf: URL(filePath: "\(first)/\(name)"))
            #expect(left.count > 0)
            #expect(left == (try Data(contentsOf: URL(filePath: "\(second)/\(name)"))))
        }
    }

    @Test func everyLineIsJSONAndEveryNumberIsSynthetic() throws {
        let (directory, summary) = try run(try PopulationParameters(patients: 400, seed: 1))
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var numbers: Set<String> = []
        for type in SynthesisedType.allCases {
            let lines = try lines("\(directory)/site-1/\(type.rawValue).ndjson")
            #expect(lines.count == summary.resources[type.rawValue])
            for line in lines {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                #expect(object?["resourceType"] as? String == type.rawValue)
                if type == .patient, let list = object?["identifier"] as? [[String: String]] {
                    numbers.insert(list[0]["value"] ?? "")
                }
            }
        }
        #expect(numbers.count == 400)
        #expect(numbers.allSatisfy { NHSNumber($0)?.isSynthetic == true })
    }

    @Test func overlapIsTheShareOfPeopleAtTwoSites() throws {
        let (directory, summary) = try run(
            try PopulationParameters(patients: 5_000, seed: 3, sites: 3, overlap: 0.1))
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect((400...600).contains(summary.patientsAtTwoSites))
        let rows = try (1...3).map { try lines("\(directory)/site-\($0)/Patient.ndjson").count }.reduce(0, +)
        #expect(rows == 5_000 + summary.patientsAtTwoSites)
    }

    @Test func parametersOutOfRangeAreRefused() {
        #expect(throws: SynthesisError.self) { try PopulationParameters(patients: 0, seed: 1) }
        #expect(throws: SynthesisError.self) { try PopulationParameters(patients: 10, seed: 1, overlap: 1.5) }
    }
}
