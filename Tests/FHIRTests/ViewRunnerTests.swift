import Catalog
import Core
import FHIR
import Foundation
import Testing

/// The shipped views on resources in UK Core's shapes, and what happens to lines that are wrong.
@Suite struct ViewRunnerTests {
    private func rows(_ dataset: String, _ lines: String) throws -> ViewRunner.Rows {
        let catalog = try Catalog.load(from: schemas)
        let runner = try ViewRunner(view: try #require(catalog.views[dataset]))
        return runner.run(LineBlock(ndjson: lines.utf8)).rows
    }

    private func values(_ rows: ViewRunner.Rows, _ names: [String]) throws -> [[Value]] {
        let columns = try names.map { try #require(rows.table.column($0), "\($0)").vector }
        return (0..<rows.table.rowCount).map { row in columns.map { $0[row] } }
    }

    @Test func patientOfUKCore() throws {
        let rows = try rows(
            "patient",
            """
            {"resourceType":"Patient","id":"p1","meta":{"versionId":"3"},"extension":[{"url":\
            "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory",\
            "valueCodeableConcept":\
            {"coding":[{"system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland",\
            "code":"H"}]}}],\
            "identifier":[{"system":"https://example.nhs.uk/mrn","value":"7"},\
            {"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}],"gender":"female",\
            "birthDate":"1948-02","deceasedDateTime":"2021","address":[{"use":"old","extension":\
            [{"url":"urn:concordat:lsoa","valueCode":"E01000009"}]},{"use":"home","extension":\
            [{"url":"urn:concordat:lsoa","valueCode":"E01000001"}]}],\
            "generalPractitioner":[{"type":"Organization",\
            "identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"A81001"}}]}
            """)
        #expect(rows.faults == [])
        let born = Int32(Civil.days(year: 1948, month: 2, day: 1))
        let died = Int32(Civil.days(year: 2021, month: 1, day: 1))
        #expect(
            try values(
                rows,
                [
                    "person", "birth_date", "sex", "ethnic_category", "lsoa", "practice", "deceased",
                    "deceased_date", "resource_id", "birth_date_precision", "deceased_date_precision",
                    "version_id",
                ])
                == [
                    [
                        .text("9990000018"), .date(born), .text("female"), .text("H"), .text("E01000001"),
                        .text("A81001"), .boolean(true), .date(died), .text("p1"), .integer(6), .integer(4),
                        .text("3"),
                    ]
                ])
    }

    @Test func componentsAreRowsOfTheirOwn() throws {
        let rows = try rows(
            "observation",
            """
            {"resourceType":"Observation","id":"o1","status":"final",\
            "category":[{"coding":[{"code":"vital-signs"}]}],\
            "code":{"coding":[{"system":"http://loinc.org","code":"85354-9"},\
            {"system":"http://snomed.info/sct",\
            "code":"75367002"}]},"subject":{"reference":"https://a.example/Patient/p1/_history/2"},\
            "effectiveDateTime":"2024-06-01T00:30:00+01:00","component":[{"code":{"coding":\
            [{"system":"http://snomed.info/sct","code":"72313002"}]},"valueQuantity":{"value":120,\
            "unit":"mmHg",\
            "system":"http://unitsofmeasure.org","code":"mm[Hg]"}},\
            {"code":{"coding":[{"system":"http://loinc.org",\
            "code":"8462-4"}]},"valueQuantity":{"value":80.5,"unit":"mmHg"}}]}
            """)
        #expect(rows.faults == [])
        #expect(rows.rowSource == [0, 0, 0])
        let at = Value.timestamp(
            Int64(Civil.days(year: 2024, month: 5, day: 31)) * 86_400_000_000 + 84_600_000_000)
        let sct = Value.text("http://snomed.info/sct")
        #expect(
            try values(
                rows,
                [
                    "person", "code", "code_system", "category", "status", "value_quantity", "value_unit",
                    "effective_at", "resource_id", "parent_id",
                ])
                == [
                    [
                        .text("p1"), .text("75367002"), sct, .text("vital-signs"), .text("final"), .null,
                        .null, at,
                        .text("o1"), .null,
                    ],
                    [
                        .text("p1"), .text("72313002"), sct, .text("vital-signs"), .text("final"),
                        .double(120),
                        .text("mm[Hg]"), at, .text("o1#component-0"), .text("o1"),
                    ],
                    [
                        .text("p1"), .text("8462-4"), .text("http://loinc.org"), .text("vital-signs"),
                        .text("final"), .double(80.5), .text("mmHg"), at, .text("o1#component-1"),
                        .text("o1"),
                    ],
                ])
    }

    @Test func inlineNHSNumberIsKeptApart() throws {
        let rows = try rows(
            "condition",
            """
            {"resourceType":"Condition","id":"c","subject":{"identifier":{"system":\
            "https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}},"onsetPeriod":{"start":"2019-03"}}
            """)
        #expect(rows.faults == [])
        let onset = Value.date(Int32(Civil.days(year: 2019, month: 3, day: 1)))
        #expect(
            try values(rows, ["person", "subject_nhs_number", "onset_date", "onset_date_precision"])
                == [[.null, .text("9990000018"), onset, .integer(6)]])
    }

    @Test func wrongLinesAreSetAsideByPlaceAndReason() throws {
        let good = #"{"resourceType":"Patient","id":"a","birthDate":"1990-01-01"}"#
        let deep = String(repeating: "[", count: 80) + String(repeating: "]", count: 80)
        let lines = [
            good, #"{"resourceType":"Patient","#, "[1]", #"{"id":"x"}"#, "",
            #"{"resourceType":"Patient","birthDate":"1990-02-30"}"#, #"{"resourceType":"Device"}"#,
            #"{"resourceType":"Patient","x":\#(deep)}"#, #"{"resourceType":"Patient","gender":{}}"#,
            #"{"resourceType":"Patient","gender":["male","female"]}"#, good,
        ]
        let catalog = try Catalog.load(from: schemas)
        let runner = try ViewRunner(view: try #require(catalog.views["patient"]))
        let (rows, unread) = runner.run(LineBlock(ndjson: lines.joined(separator: "\n").utf8))
        let offsets = lines.indices.map { index in lines[..<index].reduce(0) { $0 + $1.utf8.count + 1 } }
        func fault(_ line: Int, _ reason: LineFault.Reason, _ column: String? = nil) -> LineFault {
            LineFault(line: line, byteOffset: offsets[line - 1], reason: reason, column: column)
        }
        #expect(
            rows.faults == [
                fault(2, .badJSON), fault(3, .notFHIR), fault(4, .notFHIR),
                fault(6, .invalidDate, "birth_date_precision"),
                fault(8, .tooDeep), fault(9, .wrongType, "sex"), fault(10, .notSingleton, "sex"),
            ])
        #expect(unread == ["Device": 1])
        #expect(rows.rowSource == [0, 9])
        #expect(rows.resources == 2)
    }

    @Test func severalViewsReadOneBlock() throws {
        let catalog = try Catalog.load(from: schemas)
        let runners = try ["patient", "condition"].map {
            try ViewRunner(view: try #require(catalog.views[$0]))
        }
        let lines =
            #"{"resourceType":"Patient","id":"a"}"# + "\r\n" + #"{"resourceType":"Condition","id":"b"}"#
        let result = ViewRunner.run(runners, over: LineBlock(ndjson: lines.utf8))
        #expect(result.views.map(\.table.rowCount) == [1, 1])
        #expect(result.views.map(\.rowSource) == [[0], [1]])
        #expect(result.faults == [])
    }

    /// Bytes changed at random: whatever comes, each line is read or set aside, and rows and lines agree.
    @Test(arguments: [1, 20, 300] as [UInt64])
    func damagedLinesAreReadOrSetAside(_ seed: UInt64) throws {
        let catalog = try Catalog.load(from: schemas)
        let runners = try catalog.views.values.map { try ViewRunner(view: $0) }
        let good = Array(
            (#"{"resourceType":"Observation","id":"o","code":{"coding":[{"system":"http://loinc.org","#
                + #""code":"1"}]},"#
                + #""subject":{"reference":"Patient/p"},"effectiveDateTime":"2024-06-01T00:30:00.5+01:00","#
                + #""valueQuantity":{"value":1.50e1,"unit":"x"},"#
                + #""component":[{"valueQuantity":{"value":2}}]}"#)
                .utf8)
        var state = seed
        func random(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        let marks = Array("{}[]\":,0-9.eTZ+x\\".utf8) + [0, 0x80, 0xFF]
        let lines = (0..<1500).map { _ in
            var line = good
            for _ in 0...random(3) { line[random(line.count)] = marks[random(marks.count)] }
            return line
        }
        let result = ViewRunner.run(runners, over: LineBlock(ndjson: lines.joined(separator: [0x0A])))
        let read = result.views.reduce(0) { $0 + $1.resources + $1.faults.count }
        #expect(read + result.faults.count + result.unread.values.reduce(0, +) == 1500, "seed \(seed)")
        for view in result.views { #expect(view.table.rowCount == view.rowSource.count, "seed \(seed)") }
    }

    @Test func refusesWhatItCannotEvaluate() throws {
        let view =
            #"{"resource":"Patient","select":[{"column":[{"name":"a","path":"name.aggregate($this)"}]}]}"#
        let decoded = try ViewDefinition.decode(Data(view.utf8))
        #expect(
            throws: CatalogFault(
                path: "select[0].column[0].path",
                message: "FHIRPath: unsupported: the function aggregate with 1 arguments")
        ) { try ViewRunner(view: decoded) }
    }
}
