import Catalog
import Core
import Foundation

/// A small catalog with the shape of `Schemas/`, for tests of the query room.
enum TestCatalog {
    static let catalog = Catalog(
        datasets: [patient, condition, observation, encounter, medicationRequest],
        references: [imd, ageBand],
        codelists: [diabetes],
        bounds: [
            MeasurementBound(
                system: "http://loinc.org", code: "8480-6", unit: "mm[Hg]", lower: 40, upper: 300,
                name: "Systolic blood pressure")
        ],
        digest: String(repeating: "0", count: 64), terminologies: [snomed])

    /// Diabetes mellitus over its two types; hypertension alone.
    static let snomed: Terminology = {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).ctx")
        defer { try? FileManager.default.removeItem(at: file) }
        do {
            _ = try TerminologyWriter(
                concepts: [38_341_003, 44_054_006, 46_635_009, 73_211_009],
                terms: PackedTexts(["Hypertensive disorder", "Type 2", "Type 1", "Diabetes mellitus"]),
                ties: [(1, 3), (2, 3)]
            ).write(to: file.path)
            return try Terminology(
                path: file.path,
                manifest: ReferenceManifest(
                    name: "snomed", version: "20260401", origin: ReferenceOrigin(), rows: 4,
                    digest: String(repeating: "4", count: 64), loadedAt: nil))
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// 2026-03-01 12:30:00 UTC in microseconds.
    static let now: Int64 = 1_772_368_200_000_000

    private static let person = DatasetColumn(name: "person", type: .text, columnClass: .identifier)
    private static let site = DatasetColumn(name: "site", type: .text, columnClass: .open)

    private static func open(_ name: String, _ type: ColumnType, domain: [String]? = nil) -> DatasetColumn {
        DatasetColumn(name: name, type: type, columnClass: .open, domain: domain)
    }

    private static func sensitive(_ name: String, _ type: ColumnType, freeText: Bool = false) -> DatasetColumn
    {
        DatasetColumn(name: name, type: type, columnClass: .sensitive, isFreeText: freeText)
    }

    private static func quasi(
        _ name: String, _ type: ColumnType, _ granularity: DatasetColumn.Granularity
    ) -> DatasetColumn {
        DatasetColumn(name: name, type: type, columnClass: .quasiIdentifier, granularity: granularity)
    }

    static let patient = Dataset(
        name: "patient", summary: "One row a person.",
        columns: [
            person, site, quasi("birth_date", .date, .year),
            open("sex", .text, domain: ["female", "male", "other", "unknown"]),
            sensitive("ethnic_category", .text), quasi("lsoa", .text, .area),
            quasi("practice", .text, .area), open("deceased", .boolean), quasi("deceased_date", .date, .year),
        ],
        resource: "Patient")

    static let condition = Dataset(
        name: "condition", summary: "One row a recorded condition.",
        columns: [
            person, site, sensitive("code", .text), open("code_system", .text), open("category", .text),
            open("clinical_status", .text), open("verification_status", .text), open("rank", .integer),
            sensitive("onset_date", .date), sensitive("abatement_date", .date),
            sensitive("recorded_date", .date),
            DatasetColumn(name: "encounter_id", type: .text, columnClass: .identifier),
        ],
        resource: "Condition")

    static let observation = Dataset(
        name: "observation", summary: "One row a measurement or finding.",
        columns: [
            person, site, sensitive("code", .text), open("code_system", .text), open("category", .text),
            open("status", .text), sensitive("value_quantity", .double), open("value_comparator", .text),
            open("value_unit", .text), sensitive("value_code", .text), sensitive("effective_at", .timestamp),
            DatasetColumn(name: "encounter_id", type: .text, columnClass: .identifier),
        ],
        resource: "Observation")

    static let encounter = Dataset(
        name: "encounter", summary: "One row a contact with care.",
        columns: [
            person, site, DatasetColumn(name: "encounter_id", type: .text, columnClass: .identifier),
            open("class", .text), sensitive("type_code", .text), open("status", .text),
            sensitive("start_at", .timestamp), sensitive("end_at", .timestamp),
        ],
        resource: "Encounter")

    static let medicationRequest = Dataset(
        name: "medication_request", summary: "One row a prescription.",
        columns: [
            person, site, sensitive("code", .text), open("code_system", .text), open("status", .text),
            open("intent", .text), sensitive("authored_on", .timestamp),
        ],
        resource: "MedicationRequest")

    static let imd = ReferenceTable(
        kind: .reference, name: "imd",
        columns: [
            open("lsoa", .text), open("lsoa_year", .integer), open("rank", .integer),
            open("decile", .integer), open("population", .integer),
        ],
        version: "2019", digest: String(repeating: "1", count: 64),
        rows: Table(
            [
                ("lsoa", .text), ("lsoa_year", .integer),
                ("rank", .integer), ("decile", .integer),
                ("population", .integer),
            ],
            rows: [
                [.text("E01000001"), .integer(2011), .integer(29199), .integer(9), .integer(1296)],
                [.text("E01000002"), .integer(2011), .integer(30379), .integer(10), .integer(1156)],
            ]))

    static let ageBand = ReferenceTable(
        kind: .reference, name: "age_band",
        columns: [open("name", .text), open("lo", .integer), open("hi", .integer)],
        version: "1", digest: String(repeating: "2", count: 64),
        rows: Table(
            [
                ("name", .text), ("lo", .integer),
                ("hi", .integer),
            ],
            rows: [
                [.text("0-64"), .integer(0), .integer(64)], [.text("65+"), .integer(65), .integer(120)],
            ]))

    static let diabetes = ReferenceTable(
        kind: .codelist, name: "diabetes",
        columns: [open("code", .text), open("term", .text)],
        version: "2024-05-01", digest: String(repeating: "3", count: 64),
        rows: Table(
            [("code", .text), ("term", .text)],
            rows: [
                [.text("44054006"), .text("Type 2 diabetes mellitus")],
                [.text("46635009"), .text("Type 1 diabetes mellitus")],
            ]))
}
