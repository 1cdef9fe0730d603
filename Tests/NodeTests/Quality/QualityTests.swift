import Catalog
import Core
import Foundation
import Store
import TestSupport
import Testing
import Warehouse

@testable import Node

/// The report on data quality against an oracle that counts in Swift, on both engines.
@Suite(.serialized, .postgreSQLCluster)
struct QualityTests {
    static func report(
        _ node: NodeContext, _ request: QualityRequest = QualityRequest()
    ) async throws -> QualityReport {
        let json = try await node.run(.quality(request))
        return try JSONDecoder().decode(QualityReport.self, from: Data(json.utf8))
    }

    @Test(arguments: WarehouseKind.allCases, [7 as UInt64, 1_948])
    func everyNumberIsWhatTheRecordsSay(_ kind: WarehouseKind, _ seed: UInt64) async throws {
        try await IngestSite.with(kind, unknownUnits: .mark) { node, folder in
            let today = Int(Clock.days(Clock.now))
            let records = QualityRecords(seed: seed, today: today)
            try FHIRText.write(records.lines, to: folder + "/all.ndjson")
            let ingested = try await node.ingest([folder + "/all.ndjson"])
            try #require(ingested.files.allSatisfy { $0.setAside == 0 }, "seed \(seed)")
            let condition = try QualityOracle(records: records, catalog: node.catalog, today: today)
                .dataset("condition")
            // The records have something of everything.
            #expect(condition.dates.allSatisfy { $0.beforeBirth > 0 && $0.inFuture > 0 && $0.before1900 > 0 })
            #expect((condition.dates[0].afterDeath ?? 0) > 0 && condition.spans[0].reversed > 0)
            #expect(condition.codes[0].malformed > 0 && condition.codes[0].notShown > 0)
            for ofPublication in [false, true] {
                let report = try await Self.report(node, QualityRequest(ofPublication: ofPublication))
                let oracle = QualityOracle(
                    records: records, catalog: node.catalog, today: today, ofPublication: ofPublication)
                #expect(report.people == oracle.people, "seed \(seed)")
                for name in ["patient", "condition", "observation", "encounter"] {
                    var found = try #require(report.datasets.first { $0.name == name })
                    found.latestUpdate = nil
                    #expect(found == (try oracle.dataset(name)), "seed \(seed)")
                }
                #expect(report.source == (ofPublication ? "publication" : "live"))
            }
        }
    }

    @Test func aReportShowsNothingOfAPerson() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let today = Int(Clock.days(Clock.now))
            let records = QualityRecords(seed: 5, today: today)
            try FHIRText.write(records.lines, to: folder + "/all.ndjson")
            _ = try await node.ingest([folder + "/all.ndjson"])
            let json = try await node.run(.quality(QualityRequest()))
            let report = try JSONDecoder().decode(QualityReport.self, from: Data(json.utf8))
            let csv = report.measures.rows.map { $0.joined(separator: ",") }.joined(separator: "\n")
            for text in [json, report.page, csv] {
                #expect(!text.contains("9990000018"))
                #expect(!text.contains("Mrs Rarely Seen"))
                for number in records.numbers { #expect(!text.contains(number)) }
                for id in records.people.keys { #expect(!text.contains(id)) }
            }
            #expect(json.contains(QualityReport.notice))
            #expect(report.page.contains("Not for release outside of the controller"))
        }
    }

    @Test func unitsAndCodesOfOtherSitesAreNamedFirst() async throws {
        try await IngestSite.with(.duckdb, unknownUnits: .mark) { node, folder in
            var lines = (0..<12).map { FHIRText.patient("p\($0)", number: FHIRText.number($0)) }
            for place in 0..<12 {
                lines.append(
                    """
                    {"resourceType":"Observation","id":"o\(place)","status":"final",\
                    "subject":{"reference":"Patient/p\(place)"},"effectiveDateTime":"2026-01-01",\
                    "code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},\
                    "valueQuantity":{"value":120,"unit":"mm-Hg"}}
                    """)
                lines.append(FHIRText.condition("c\(place)", of: "p\(place)", code: "59621000"))
            }
            try FHIRText.write(lines, to: folder + "/all.ndjson")
            _ = try await node.ingest([folder + "/all.ndjson"])
            let report = try await Self.report(node)
            #expect(
                report.degraded == [.init(dataset: "observation", mark: "unknown-unit", records: 12)])
            #expect(
                report.identity?.contains(.init(what: "NHS number without a status", count: 12)) == true)
            let units = try #require(report.findings.first { $0.area == "units" })
            #expect(
                units.words
                    == "12 rows of 8480-6 (Systolic blood pressure) in 'mm-Hg': the catalog knows 'mm[Hg]'"
            )
            #expect(
                units.remedy
                    == "it may be 'mm[Hg]' in another spelling: say so in the home's units.csv and load these "
                    + "records again, or send the UCUM code from the source")
            #expect(units.severity == .high)
            let list = try #require(report.codelists.first { $0.name == "hypertension" })
            #expect(
                list.entries == [
                    .init(code: "38341003", term: "Hypertensive disorder", rows: 0, people: 0, columns: []),
                    .init(
                        code: "59621000", term: "Essential hypertension", rows: 12, people: 12,
                        columns: ["condition.code"]),
                ])
            #expect(list.found == 1)
            #expect(
                report.findings.map(\.words).contains(
                    "none of the 2 codes of codelist 'asthma' is in use here"))
            #expect(report.findings.map(\.severity) == report.findings.map(\.severity).sorted())
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func areasThatNoReferenceTableHasAreCounted(_ kind: WarehouseKind) async throws {
        try await withTemporaryDirectory { root in
            let open = try await NodeHome.make(
                at: root + "/node", NodeFederation.organisation("RJ1"), roles: [.controller], warehouse: kind)
            try FileManager.default.createDirectory(
                atPath: root + "/node/references", withIntermediateDirectories: true)
            try IngestSite.write(
                "lsoa,lsoa_year,rank,decile,population\r\nE01000001,2011,29199,9,1300\r\n",
                to: root + "/node/references/imd@2019.csv")
            let node = try await open()
            let lines = ["E01000001", "E01000001", "E01035581"].enumerated().map { place, area in
                """
                {"resourceType":"Patient","id":"p\(place)","gender":"female","address":[{"use":"home",\
                "extension":[{"url":"urn:concordat:lsoa","valueCode":"\(area)"}]}]}
                """
            }
            try FHIRText.write(lines + [FHIRText.patient("p9")], to: root + "/all.ndjson")
            _ = try await node.ingest([root + "/all.ndjson"])
            let report = try await Self.report(node)
            let patient = try #require(report.datasets.first { $0.name == "patient" })
            #expect(patient.columns.first { $0.name == "lsoa" } == .init(name: "lsoa", filled: 3, outside: 1))
            #expect(patient.columns.first { $0.name == "practice" }?.outside == nil)
            #expect(
                report.findings.map(\.words).contains(
                    "1 value of patient.lsoa (33.3 %) not in reference.imd"))
            await node.close()
        }
    }

    @Test func whatIsWrongInTheQuestionIsTold() async throws {
        try await IngestSite.with(.duckdb) { node, _ in
            func failure(_ request: QualityRequest) async -> String {
                do { return try await node.run(.quality(request)) } catch { return "\(error)" }
            }
            #expect(
                await failure(QualityRequest(ofPublication: true))
                    == "nothing is published: run 'concordat publish', or look at the data with --live")
            #expect(
                await failure(QualityRequest(datasets: ["people"])).hasPrefix(
                    "there is no dataset 'people': "))
            #expect(
                await failure(QualityRequest(controller: "rj1"))
                    == "--controller takes an ODS code: 3 to 10 upper-case letters and digits")
            let empty = try await Self.report(node)
            #expect(empty.findings.first?.words == "nothing is published: no question is answered")
        }
    }

    @Test func onlyTheRowsOfOneControllerAreCounted() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let lines = [
                FHIRText.patient("p1", number: FHIRText.number(1)), FHIRText.condition("c1", of: "p1"),
            ]
            try FHIRText.write(lines, to: folder + "/all.ndjson")
            _ = try await node.ingest([folder + "/all.ndjson"])
            let own = try await Self.report(node, QualityRequest(controller: "RJ1"))
            #expect(own.datasets.reduce(0) { $0 + $1.rows } == 2)
            #expect(own.people.people == 1)
        }
    }

    /// A code that is restricted by law is not told of few people, nor that nobody has it.
    @Test func fewPeopleWithARestrictedCodeAreNotTold() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let code = try #require(node.catalog.restrictedCodes.min())
            let codes = Dictionary(
                QualityTerms(node.catalog).lists.flatMap(\.codes)
            ) { first, _ in first }
            #expect(codes[code] == nil, "no shipped list has it: this one does")
            let csv = folder + "/mine.csv"
            try IngestSite.write("code,term\n\(code),Restricted\n73211009,Diabetes\n", to: csv)
            _ = try await node.run(
                .reference(.addCodelist(path: csv, name: "mine", version: "1", origin: .init())))
            func entries(_ people: Int) async throws -> CodelistQuality {
                let lines = (0..<people).flatMap {
                    [
                        FHIRText.patient("p\($0)", number: FHIRText.number($0)),
                        FHIRText.condition("c\($0)", of: "p\($0)", code: code),
                    ]
                }
                try FHIRText.write(lines, to: folder + "/all.ndjson")
                _ = try await node.ingest([folder + "/all.ndjson"])
                return try #require(try await Self.report(node).codelists.first { $0.name == "mine" })
            }
            let few = try await entries(9)
            #expect(few.entries.map(\.code) == ["73211009"] && few.found == 0 && few.rows == 0)
            let many = try await entries(10)
            #expect(many.entries.count == 2 && many.found == 1 && many.rows == 10)
        }
    }

    @Test func twoReportsAreComparedNumberByNumber() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let people = (0..<2).map { FHIRText.patient("p\($0)", number: FHIRText.number($0)) }
            try FHIRText.write(people + [FHIRText.condition("c1", of: "p1")], to: folder + "/one.ndjson")
            _ = try await node.ingest([folder + "/one.ndjson"])
            // As it is printed, and read again.
            let there = try QualityComparison.read(
                Data(try ScriptJSON.encode(try await Self.report(node)).utf8))
            #expect(QualityComparison(there: there, here: try await Self.report(node)).differences == [])
            let other = FHIRText.condition("c2", of: "p0", code: "59621000")
            try FHIRText.write([other], to: folder + "/two.ndjson")
            _ = try await node.ingest([folder + "/two.ndjson"])
            let found = QualityComparison(there: there, here: try await Self.report(node)).differences
            #expect(
                found.filter { $0.kind == "codelist" } == [
                    .init(
                        kind: "codelist", dataset: "hypertension", column: "", item: "59621000",
                        measure: "people",
                        there: 0, here: 1),
                    .init(
                        kind: "codelist", dataset: "hypertension", column: "", item: "59621000",
                        measure: "rows",
                        there: 0, here: 1),
                ])
            #expect(
                found.contains(
                    .init(
                        kind: "dataset", dataset: "condition", column: "", item: "", measure: "rows",
                        there: 1,
                        here: 2)))
            #expect(found.allSatisfy { $0.dataset == "condition" || $0.dataset == "hypertension" })
            #expect(throws: NodeError.self) { try QualityComparison.read(Data("{}".utf8)) }
        }
    }

    /// Lists of codes count each member; deaths that a register says count as the patient record's; restricted codes
    /// are not shown.
    @Test(arguments: WarehouseKind.allCases)
    func tablesOfCareAreCounted(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, _ in
            try await node.warehouse?.engine.withSession { session in
                try await session.execute(
                    """
                    INSERT INTO live.person (person_id, person, record_key) VALUES (1, '9990000018', 1);
                    INSERT INTO live.subject (controller, subject, person_id) VALUES ('RJ1', 's1', 1);
                    INSERT INTO live.death (resource_id, controller, person_id, date_of_death)
                      VALUES ('d1', 'RJ1', 1, DATE '2021-04-10');
                    INSERT INTO live.admission
                      (resource_id, controller, person_id, admitted_at, discharged_at, primary_diagnosis, diagnoses)
                    VALUES
                      ('a1', 'RJ1', 1, TIMESTAMP '2020-03-05 10:00:00', TIMESTAMP '2020-03-04 09:00:00', 'I10',
                       'I10 E11.9 I10'),
                      ('a2', 'RJ1', 1, TIMESTAMP '2021-05-06 10:00:00', NULL, NULL, 'I10  SMITH N97.0')
                    """)
            }
            let report = try await Self.report(node, QualityRequest(datasets: ["admission", "death"]))
            let admission = try #require(report.datasets.first { $0.name == "admission" })
            #expect(admission.rows == 2)
            #expect(admission.spans == [.init(start: "admitted_at", end: "discharged_at", reversed: 1)])
            #expect(admission.dates.first?.afterDeath == 1)
            #expect(admission.latestEvent == "2021-05-06")
            var diagnoses = CodeColumnQuality(column: "diagnoses")
            let system = QualityRecords.icd10
            diagnoses.declaredSystem = system
            (diagnoses.values, diagnoses.distinct) = (6, 4)
            (diagnoses.malformed, diagnoses.malformedCodes) = (1, 1)
            (diagnoses.notShown, diagnoses.notShownValues) = (2, 2)
            diagnoses.systems = [.init(system: system, rows: 6, codes: 4, isKnown: true)]
            diagnoses.top = [
                .init(code: "I10", system: system, term: nil, rows: 3, people: 1),
                .init(code: "E11.9", system: system, term: nil, rows: 1, people: 1),
            ]
            #expect(admission.codes.first { $0.column == "diagnoses" } == diagnoses)
            #expect(report.people.people == 1)
            #expect(report.people.withoutPatientRecord == 1)
            #expect(report.datasets.first { $0.name == "death" }?.dates.first?.afterDeath == nil)
        }
    }

    @Test func suddenDropsAreSeen() {
        func months(_ rows: [Int]) -> [DatasetQuality.Month] {
            rows.enumerated().map { .init(month: "m\($0)", rows: $1) }
        }
        let steady = Array(repeating: 100, count: 12)
        #expect(QualityFindings.drops(months(steady + [3])) == [])
        #expect(
            QualityFindings.drops(months(steady + [20, 90, 100, 0]))
                == [.init(month: "m12", rows: 20, usual: 100, goesOn: false)])
        #expect(
            QualityFindings.drops(months(steady + [49, 0, 0, 0, 0, 0, 0, 0, 5]))
                == [.init(month: "m12", rows: 49, usual: 100, goesOn: true)])
        #expect(QualityFindings.drops(months(Array(repeating: 19, count: 12) + [0, 0, 0])) == [])
    }

    @Test(arguments: [
        ("http://snomed.info/sct", "38341003", true), ("http://snomed.info/sct", "999791000000106", true),
        ("http://snomed.info/sct", "999791000000100", false), ("http://snomed.info/sct", "1119349007", true),
        ("http://snomed.info/sct", "9990000018", false), ("http://snomed.info/sct", "J. Smith", false),
        ("http://loinc.org", "4548-4", true), ("http://loinc.org", "59261-8", true),
        ("http://loinc.org", "4548-5", false), ("http://loinc.org", "9990000018", false),
        ("http://hl7.org/fhir/sid/icd-10", "I10", true), ("http://hl7.org/fhir/sid/icd-10", "E11.9", true),
        ("http://hl7.org/fhir/sid/icd-10", "I10X", true), ("http://hl7.org/fhir/sid/icd-10", "SMITH", false),
        ("https://fhir.hl7.org.uk/CodeSystem/OPCS-4", "K49.1", true),
        ("https://fhir.hl7.org.uk/CodeSystem/OPCS-4", "K4", false),
    ])
    func codesHaveTheFormOfTheirSystem(_ system: String, _ code: String, _ isOne: Bool) {
        #expect(CodeForm(system: system)?.matches(code) == isOne)
    }

    /// Every code that is shipped has the form of its system.
    @Test func shippedCodesHaveTheForm() throws {
        for bound in try NodeHome.catalog().bounds {
            #expect(CodeForm(system: bound.system)?.matches(bound.code) == true, "\(bound.code)")
        }
    }
}
