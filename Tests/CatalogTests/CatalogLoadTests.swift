import Catalog
import Core
import Foundation
import Testing

private let schemas = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Schemas").path

@Suite struct CatalogLoadTests {
    static let columns: [String: [String]] = [
        "patient": [
            "person", "birth_date", "sex", "ethnic_category", "lsoa", "practice", "deceased", "deceased_date",
            "site",
        ],
        "condition": [
            "person", "code", "code_system", "category", "clinical_status", "verification_status", "rank",
            "onset_date", "abatement_date", "recorded_date", "encounter_id", "site",
        ],
        "observation": [
            "person", "code", "code_system", "category", "status", "value_quantity", "value_comparator",
            "value_unit", "value_code", "effective_at", "encounter_id", "site",
        ],
        "encounter": [
            "person", "encounter_id", "class", "type_code", "status", "start_at", "end_at", "site",
        ],
        "medication_request": ["person", "code", "code_system", "status", "intent", "authored_on", "site"],
        "procedure": [
            "person", "code", "code_system", "status", "performed_start", "performed_end", "encounter_id",
            "site",
        ],
        "immunization": ["person", "code", "code_system", "status", "occurrence_at", "site"],
        "allergy_intolerance": ["person", "code", "code_system", "clinical_status", "recorded_date", "site"],
        "diagnostic_report": ["person", "code", "code_system", "status", "issued_at", "site"],
        "registration": ["person", "practice", "start_date", "end_date", "site"],
        "medication_issue": [
            "person", "code", "bnf_code", "quantity", "days_supply", "issued_at", "site",
        ],
        "admission": [
            "person", "spell_id", "admitted_at", "discharged_at", "admission_method", "discharge_method",
            "primary_diagnosis", "diagnoses", "procedures", "treatment_function", "provider", "commissioner",
            "site",
        ],
        "emergency_attendance": [
            "person", "arrived_at", "departed_at", "department_type", "acuity", "chief_complaint", "disposal",
            "site",
        ],
        "outpatient": ["person", "appointment_at", "attended", "treatment_function", "provider", "site"],
        "waiting": [
            "person", "clock_start", "clock_stop", "treatment_function", "priority", "list_type", "site",
        ],
        "death": [
            "person", "date_of_death", "underlying_cause", "contributory_causes", "registered_date", "site",
        ],
    ]

    @Test func shippedDatasetsHaveTheColumnsOfTheModel() throws {
        let catalog = try Catalog.load(from: schemas)
        #expect(catalog.datasets.mapValues { $0.columns.map(\.name) } == Self.columns)
        for dataset in catalog.datasets.values {
            #expect(dataset.hidden.contains { $0.name == "version_id" }, "\(dataset.name)")
            for column in dataset.columns {
                #expect(!column.summary.isEmpty, "\(dataset.name).\(column.name)")
            }
        }
    }

    @Test func tablesThatNoResourceFillsAreDatasetsLikeAllOthers() throws {
        let catalog = try Catalog.load(from: schemas)
        let admission = try #require(catalog.datasets["admission"])
        #expect(admission.resource == nil)
        #expect(catalog.views["admission"] == nil)
        #expect(admission.column("spell_id")?.columnClass == .identifier)
        #expect(admission.column("provider")?.granularity == .area)
        #expect(admission.column("admitted_at")?.type == .timestamp)
        let diagnoses = try #require(admission.column("diagnoses"))
        #expect(diagnoses.isList && diagnoses.isFreeText)
        #expect(diagnoses.codeSystem == "http://hl7.org/fhir/sid/icd-10")
        // Every dataset bears what decides whether a row is of a restricted episode.
        for dataset in catalog.datasets.values where dataset.name != "patient" {
            #expect(dataset.hidden.contains { $0.name == "codings" }, "\(dataset.name)")
        }
    }

    @Test(arguments: [
        (
            #"{"table":"t","description":"x","column":[]}"#,
            "t.json: column person: is missing or not an identifier"
        ),
        (#"{"table":"t","description":"x"}"#, "t.json: column: is missing"),
        (
            #"{"table":"t","description":"x","column":[{"name":"a","type":"date","description":"","tag":[]}]}"#,
            "t.json: column a: has no class"
        ),
        (
            #"{"table":"u","description":"x","column":[{"name":"person","type":"string","description":"p","#
                + #""tag":[{"name":"concordat/class","value":"identifier"}]}]}"#,
            "t.json: name: is not the file's name"
        ),
    ])
    func faultsOfTables(json: String, says: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "catalog-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let datasets = folder.appending(path: "datasets")
        try FileManager.default.createDirectory(at: datasets, withIntermediateDirectories: true)
        try Data(json.utf8).write(to: datasets.appending(path: "t.json"))
        let fault = #expect(throws: CatalogFault.self) { try Catalog.load(from: folder.path) }
        #expect(fault?.description == says)
    }

    @Test func governanceTagsAreRead() throws {
        let patient = try #require(try Catalog.load(from: schemas).datasets["patient"])
        let birth = try #require(patient.column("birth_date"))
        #expect(birth.columnClass == .quasiIdentifier)
        #expect(birth.granularity == .year)
        #expect(patient.column("sex")?.domain == ["male", "female", "other", "unknown"])
        #expect(patient.column("person")?.isPerson == true)
    }

    @Test func shippedTables() throws {
        let catalog = try Catalog.load(from: schemas)
        let bands = try #require(catalog.references["age_band"])
        #expect(bands.rows.rowCount == 19)
        #expect(bands.rows.row(0) == [.text("0-4"), .integer(0), .integer(4)])
        #expect(bands.version == "ESP2013")
        #expect(catalog.codelists["diabetes"]?.columns.map(\.name) == ["code", "term"])
        #expect(catalog.bounds.contains { $0.code == "999791000000106" && $0.unit == "mmol/mol" })
    }

    @Test func aNodesOwnTablesAreAddedAndDoNotChangeTheSharedDigest() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["references", "codelists"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        let imd =
            "lsoa,lsoa_year,rank,decile,population:integer\r\n"
            + "E01000001,2011,29199,9,1296\r\n"
        try Data(imd.utf8).write(to: folder.appending(path: "references/imd@2019.csv"))
        try Data("code,term\n1,\"a, b\"\n".utf8).write(to: folder.appending(path: "codelists/mine@2.csv"))
        let catalog = try Catalog.load(from: schemas, references: folder.path)
        #expect(
            catalog.references["imd"]?.rows.rows == [
                [.text("E01000001"), .integer(2011), .integer(29199), .integer(9), .integer(1296)]
            ])
        // What picks one area, as its name does, is an area.
        let areas = catalog.references["imd"]?.columns.filter { $0.granularity == .area }.map(\.name)
        #expect(areas == ["lsoa", "rank", "population"])
        #expect(catalog.codelists["mine"]?.rows.rows == [[.text("1"), .text("a, b")]])
        #expect(catalog.digest == (try Catalog.load(from: schemas).digest))
    }

    struct Fault: Sendable {
        let json: String
        let fault: String
    }

    @Test(arguments: [
        Fault(json: "{}", fault: "resource: is missing"),
        Fault(json: "{", fault: "The given data was not valid JSON."),
        Fault(json: #"{"resource":"Patient","select":[]}"#, fault: "select: is empty"),
        Fault(
            json: #"{"resource":"Patient","select":[{"column":[{"name":"a"}]}]}"#,
            fault: "select[0].column[0].path: is missing"),
        Fault(
            json: #"{"resource":"Patient","select":[{"column":[{"name":"a b","path":"id"}]}]}"#,
            fault: "column a b: is not a name of SQL"),
        Fault(
            json: #"{"resource":"Patient","select":[{"forEach":"a","repeat":["b"],"column":[]}]}"#,
            fault: "select[0]: only one of forEach, forEachOrNull and repeat may be there"),
    ])
    func viewsThatAreWrongAreRefusedWithTheirPlace(_ item: Fault) {
        let error = #expect(throws: CatalogFault.self) { try ViewDefinition.decode(Data(item.json.utf8)) }
        #expect(error?.description == item.fault)
    }
}
