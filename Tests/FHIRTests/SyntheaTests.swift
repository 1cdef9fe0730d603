import Catalog
import Core
import FHIR
import Foundation
import Testing

/// The shipped views over a foreign population of 615 people.
@Suite(.enabled(if: OutsideData.isHere, "CONCORDAT_OUTSIDE_DATA names no data"))
struct SyntheaTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let type: String
        let dataset: String
        let resources: Int
        let rows: Int
        var testDescription: String { type }
    }

    static let cases = [
        Case(type: "Patient", dataset: "patient", resources: 615, rows: 615),
        Case(type: "Condition", dataset: "condition", resources: 4546, rows: 4546),
        Case(type: "Observation", dataset: "observation", resources: 88674, rows: 88674 + 11325),
        Case(type: "Encounter", dataset: "encounter", resources: 18098, rows: 18098),
        Case(type: "MedicationRequest", dataset: "medication_request", resources: 4712, rows: 4712),
        Case(type: "Procedure", dataset: "procedure", resources: 14081, rows: 14081),
        Case(type: "Immunization", dataset: "immunization", resources: 7389, rows: 7389),
        Case(type: "AllergyIntolerance", dataset: "allergy_intolerance", resources: 374, rows: 374),
        Case(type: "DiagnosticReport", dataset: "diagnostic_report", resources: 6262, rows: 6262),
    ]

    @Test(arguments: cases)
    func readsWithoutFault(_ item: Case) throws {
        let catalog = try Catalog.load(from: schemas)
        let runner = try ViewRunner(view: try #require(catalog.views[item.dataset]))
        let path = OutsideData.path("fhir/synthea-615/\(item.type).ndjson.gz")
        var reader = try NDJSONReader(path: path)
        var (resources, rows, people, codes) = (0, 0, 0, 0)
        while let block = try reader.next() {
            let (result, unread) = runner.run(block)
            #expect(result.faults.isEmpty)
            #expect(unread.isEmpty)
            resources += result.resources
            rows += result.table.rowCount
            people += notNull(result.table, "person")
            codes += notNull(result.table, "code")
        }
        #expect(resources == item.resources)
        #expect(rows == item.rows)
        // These patients have no NHS number; everything else names its patient, and each fact has a code.
        #expect(people == (item.type == "Patient" ? 0 : item.rows))
        if catalog.datasets[item.dataset]?.column("code") != nil { #expect(codes == item.rows) }
    }

    private func notNull(_ table: Table, _ name: String) -> Int {
        guard let vector = table.column(name)?.vector else { return 0 }
        return vector.count - (vector.nulls ?? []).count(where: \.self)
    }
}
