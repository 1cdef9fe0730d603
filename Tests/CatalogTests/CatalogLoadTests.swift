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
