import Core
import Foundation
import Store
import TestSupport
import Testing
import Warehouse

@testable import Node

/// Units that the catalog does not know are marked, births in the future are set aside: from FHIR, tables and views.
@Suite(.postgreSQLCluster) struct ImplausibleRecordTests {
    private static func pressure(_ id: String, unit: String?, parts: Bool = false) -> String {
        let value = #""valueQuantity":{"value":120\#(unit.map { #","unit":"\#($0)""# } ?? "")}"#
        let code = #""code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]}"#
        let lead =
            #"{"resourceType":"Observation","id":"\#(id)","status":"final","#
            + #""subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-01-01","#
        guard parts else { return lead + code + "," + value + "}" }
        return lead + #""code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"component":[{"#
            + code + "," + value + "}]}"
    }

    @Test(arguments: WarehouseKind.allCases)
    func aUnitThatIsNotKnownForItsCodeIsMarked(kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let other = #"{"coding":[{"system":"http://loinc.org","code":"no-bounds"}]}"#
            try FHIRText.write(
                [
                    FHIRText.patient("p1", number: FHIRText.number(1)),
                    Self.pressure("known", unit: "mm[Hg]"), Self.pressure("other", unit: "mmHg"),
                    Self.pressure("none", unit: nil), Self.pressure("part", unit: "mmHg", parts: true),
                    // A code without bounds may be in any unit.
                    Self.pressure("any", unit: "furlong").replacing(
                        #"{"coding":[{"system":"http://loinc.org","code":"8480-6"}]}"#, with: other),
                ], to: folder + "/all.ndjson")
            let report = try await node.ingest([folder + "/all.ndjson"])
            let file = try #require(report.files.first { $0.dataset == "observation" })
            #expect(file.new == 5 && file.setAside == 0 && file.degraded == 3)
            let marked = try await node.rows(
                """
                SELECT DISTINCT coalesce(parent_id, resource_id) AS id, rtrim(degraded) AS mark FROM live.observation
                WHERE degraded <> '' ORDER BY 1
                """)
            #expect(
                marked == ["none", "other", "part"].map { [.text($0), .text("unknown-unit")] })
            // All rows of a resource bear it: it is one record.
            let listed = try await DegradedRecords(holding: node.holding(of: nil)).list(entries: false)
            guard case .listing(_, let rows) = listed else {
                Issue.record("no listing")
                return
            }
            #expect(rows == [["observation", "unknown-unit", "3"]])
            let again = try await node.ingest([folder + "/all.ndjson"])
            #expect(again.files.first { $0.dataset == "observation" }?.unchanged == 5)
        }
    }

    private static let mapping = """
        mapping: pressures
        title: Blood pressures and births
        key: [id]
        person: {nhs_number: nhs}
        rows:
          - dataset: observation
            columns: {code: "'8480-6'", code_system: "'http://loinc.org'", value_quantity: number(value), value_unit: unit}
          - dataset: patient
            when: born IS NOT NULL
            columns: {birth_date: date(born)}
        """
    private static let rows = [
        ["1", TableText.number(1), "120", "mm[Hg]", "1960-01-01"],
        ["2", TableText.number(2), "120", "mmHg", ""], ["3", TableText.number(3), "120", "", ""],
        ["4", TableText.number(4), "", "mmHg", ""],
        ["5", TableText.number(5), "120", "mm[Hg]", "2190-01-01"],
    ]
    private static let columns = ["id", "nhs", "value", "unit", "born"]

    @Test(arguments: WarehouseKind.allCases)
    func rowsOfTablesAreJudgedAlike(kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let (mapping, csv) = (folder + "/m.yaml", folder + "/rows.csv")
            try IngestSite.write(Self.mapping, to: mapping)
            try IngestSite.write(
                ([Self.columns] + Self.rows).map { $0.joined(separator: ",") + "\n" }.joined(), to: csv)
            let report = try await node.tables(mapping, [csv])
            var expected = IngestSite.file(
                "rows.csv", "observation patient", new: 4, ["birth-in-future": 1])
            expected.degraded = 2
            #expect(report.files == [expected])
            #expect(
                try await node.rows(
                    "SELECT resource_id FROM live.observation WHERE degraded <> '' ORDER BY 1")
                    == ["2", "3"].map { [.text("pressures/\($0)#0")] })
        }
    }

    @Test func rowsOfViewsAreJudgedAlike() async throws {
        try await IngestSite.with(.postgresql) { node, folder in
            let mapping = folder + "/m.yaml"
            try IngestSite.write(Self.mapping, to: mapping)
            let values = Self.rows.map {
                "(" + $0.map(SQLQuoting.literal).joined(separator: ", ") + ")"
            }
            try await node.warehouse?.engine.withSession {
                try await $0.execute(
                    "CREATE TABLE public.t (\(Self.columns.map { $0 + " text" }.joined(separator: ", "))); "
                        + "INSERT INTO public.t VALUES \(values.joined(separator: ", "))")
            }
            let report = try await TableAdministration(context: node).ingest(
                TableIngestCommand(mapping: mapping, origin: .view, table: "public.t")
            ) { _, _, _, _ in }
            #expect(report.files.first?.reasons == ["birth-in-future": 1])
            #expect(
                try await node.rows(
                    "SELECT resource_id FROM whole.observation WHERE degraded <> '' ORDER BY 1")
                    == ["2", "3"].map { [.text("pressures/\($0)#0")] })
        }
    }

    @Test func nobodyIsBornTomorrow() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let today = Int(Clock.days(Clock.now))
            func patient(_ id: String, _ born: String) -> String {
                PatientText(id: id, birthDate: born).json
            }
            try FHIRText.write(
                [
                    patient("today", Civil.formatDate(today)),
                    // Somewhere it is tomorrow already.
                    patient("tomorrow", Civil.formatDate(today + 1)),
                    patient("later", Civil.formatDate(today + 2)),
                    patient("year", "\(Civil.date(days: today).year + 1)"),
                    patient("this-year", "\(Civil.date(days: today).year)"),
                    PatientText(id: "unknown", birthDate: nil).json,
                    FHIRText.condition("c", of: "later"),
                ], to: folder + "/all.ndjson")
            _ = try await node.ingest([folder + "/all.ndjson"])
            #expect(
                try node.quarantined().map { "\($0.dataset ?? "") \($0.reasons)" }.sorted() == [
                    #"condition ["unknown-reference"]"#, #"patient ["birth-in-future"]"#,
                    #"patient ["birth-in-future"]"#,
                ])
            let ids = try await node.rows("SELECT resource_id FROM live.patient ORDER BY 1").map {
                $0[0].text
            }
            #expect(ids == ["this-year", "today", "tomorrow", "unknown"])
        }
    }
}
