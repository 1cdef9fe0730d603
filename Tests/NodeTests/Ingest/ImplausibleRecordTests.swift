import Core
import Foundation
import Store
import TestSupport
import Testing
import Warehouse

@testable import Node

/// Units are put into the catalog's form, those that are none for their code are set aside or marked, births in the future
/// are set aside: from FHIR, tables and views.
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

    private static let observations = [
        FHIRText.patient("p1", number: FHIRText.number(1)),
        pressure("known", unit: "mm[Hg]"), pressure("spelled", unit: "MM Hg"), pressure("other", unit: "kPa"),
        pressure("none", unit: nil), pressure("part", unit: "kPa", parts: true),
        pressure("spelled-part", unit: "mmHg", parts: true),
        // A unit of another code is none of this one's.
        pressure("foreign", unit: "kg/m²"),
        // A code without bounds may be in any unit.
        pressure("any", unit: "MM Hg").replacing(
            #"{"coding":[{"system":"http://loinc.org","code":"8480-6"}]}"#,
            with: #"{"coding":[{"system":"http://loinc.org","code":"no-bounds"}]}"#),
    ]

    private static let units =
        "SELECT coalesce(parent_id, resource_id) AS id, value_unit FROM live.observation "
        + "WHERE value_quantity IS NOT NULL ORDER BY 1"

    @Test(arguments: WarehouseKind.allCases)
    func aUnitThatIsNotKnownForItsCodeIsSetAside(kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            try FHIRText.write(Self.observations, to: folder + "/all.ndjson")
            let report = try await node.ingest([folder + "/all.ndjson"])
            let file = try #require(report.files.first { $0.dataset == "observation" })
            #expect(file.new == 5 && file.degraded == 1 && file.addsUp)
            #expect(file.reasons == ["unknown-unit": 3])
            // Another spelling is the same unit; what has no bounds is as it came.
            #expect(
                try await node.rows(Self.units) == [
                    [.text("any"), .text("MM Hg")], [.text("known"), .text("mm[Hg]")],
                    [.text("none"), .null], [.text("spelled"), .text("mm[Hg]")],
                    [.text("spelled-part"), .text("mm[Hg]")],
                ])
            #expect(try node.quarantined().map(\.reasons) == Array(repeating: ["unknown-unit"], count: 3))
            // To have no unit is not to have a wrong one.
            #expect(
                try await node.rows("SELECT resource_id, degraded FROM live.observation WHERE degraded <> ''")
                    == [[.text("none"), .text("no-unit ")]])
            let findings = try await QualityTests.report(node).findings.filter { $0.area == "quarantine" }
            #expect(findings.map(\.words) == ["3 records of observation set aside: unknown-unit"])
            #expect(findings.first?.remedy.contains("units.csv") == true)
            let again = try await node.ingest([folder + "/all.ndjson"])
            #expect(again.files.first { $0.dataset == "observation" }?.unchanged == 5)
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func aSiteMayHaveThemMarked(kind: WarehouseKind) async throws {
        try await IngestSite.with(kind, unknownUnits: .mark) { node, folder in
            try FHIRText.write(Self.observations, to: folder + "/all.ndjson")
            let report = try await node.ingest([folder + "/all.ndjson"])
            let file = try #require(report.files.first { $0.dataset == "observation" })
            #expect(file.new == 8 && file.setAside == 0 && file.degraded == 4)
            // All rows of a resource bear the mark: it is one record.
            let listed = try await DegradedRecords(holding: node.holding(of: nil)).list(entries: true)
            guard case .listing(_, let rows) = listed else {
                Issue.record("no listing")
                return
            }
            #expect(
                rows
                    == [("foreign", "unknown"), ("none", "no"), ("other", "unknown"), ("part", "unknown")]
                    .map { ["observation", $0, "\($1)-unit"] })
            let (mapping, csv) = (folder + "/m.yaml", folder + "/rows.csv")
            try IngestSite.write(Self.mapping, to: mapping)
            try IngestSite.write(
                ([Self.columns] + Self.rows).map { $0.joined(separator: ",") + "\n" }.joined(), to: csv)
            let tables = try await node.tables(mapping, [csv])
            #expect(tables.files.first?.degraded == 2)
            #expect(
                try await node.rows(
                    "SELECT resource_id, value_unit FROM live.observation WHERE degraded <> '' "
                        + "AND resource_id LIKE 'pressures%' ORDER BY 1")
                    == [[.text("pressures/2#0"), .text("kPa")], [.text("pressures/3#0"), .null]])
        }
    }

    @Test(.enabled(if: OutsideData.isHere, "CONCORDAT_OUTSIDE_DATA names no data"))
    func aForeignPopulationLosesNothing() async throws {
        try await IngestSite.with(.duckdb) { node, _ in
            let report = try await node.ingest(
                ["Patient", "Observation"].map { OutsideData.path("fhir/synthea-615/\($0).ndjson.gz") })
            let file = try #require(report.files.first { $0.dataset == "observation" })
            #expect(file.records == 88_674 && file.addsUp && file.reasons["unknown-unit"] == nil)
            let marks = try await node.warehouse?.engine.withSession {
                try await DegradedRecords(holding: node.holding(of: nil)).counts(in: $0)
            }
            // Blood pressures that have no unit.
            #expect(marks?.first { $0.mark == "no-unit" }?.records == 343)
        }
    }

    /// The remedy: a spelling of the site's own, then `quarantine retry`.
    @Test func whatTheSiteSaysOfASpellingCountsOnRetry() async throws {
        try await withTemporaryDirectory { root in
            let (home, file) = (root + "/home", root + "/all.ndjson")
            let open = try await NodeHome.make(
                at: home, NodeFederation.organisation("RJ1"), roles: [.controller])
            try FHIRText.write(
                [
                    FHIRText.patient("p1", number: FHIRText.number(1)),
                    Self.pressure("odd", unit: "mmHg sitting"), Self.pressure("other", unit: "kPa"),
                ], to: file)
            try await opened(open) { node in
                _ = try await node.ingest([file])
                #expect(try node.quarantined().count == 2)
            }
            try IngestSite.write(
                "written,unit,source\nMMHG sitting,mm[Hg],told by the ward\n", to: home + "/units.csv")
            try await opened(open) { node in
                _ = try await QuarantineAdministration(context: node).retry { _, _, _, _ in }
                #expect(try await node.rows(Self.units) == [[.text("odd"), .text("mm[Hg]")]])
                #expect(try node.quarantined().map(\.reasons) == [["unknown-unit"]])
            }
        }
    }

    /// A home for the body, closed and let go of at its end.
    private func opened(_ open: NodeHome.Opener, _ body: (NodeContext) async throws -> Void) async throws {
        let node = try await open()
        try await body(node)
        await node.close()
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
        ["2", TableText.number(2), "120", "kPa", ""], ["3", TableText.number(3), "120", "", ""],
        ["4", TableText.number(4), "", "kPa", ""],
        ["5", TableText.number(5), "120", "mm[Hg]", "2190-01-01"],
        ["6", TableText.number(6), "120", "MM Hg", ""],
    ]
    /// Of the rows that are in, the units.
    private static let settled: [[Value]] = [
        [.text("pressures/1#0"), .text("mm[Hg]")], [.text("pressures/3#0"), .null],
        [.text("pressures/4#0"), .text("kPa")],
        [.text("pressures/6#0"), .text("mm[Hg]")],
    ]
    private static let reasons = ["birth-in-future": 1, "unknown-unit": 1]
    private static let columns = ["id", "nhs", "value", "unit", "born"]

    @Test(arguments: WarehouseKind.allCases)
    func rowsOfTablesAreJudgedAlike(kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let (mapping, csv) = (folder + "/m.yaml", folder + "/rows.csv")
            try IngestSite.write(Self.mapping, to: mapping)
            try IngestSite.write(
                ([Self.columns] + Self.rows).map { $0.joined(separator: ",") + "\n" }.joined(), to: csv)
            let report = try await node.tables(mapping, [csv])
            var expected = IngestSite.file("rows.csv", "observation patient", new: 4, Self.reasons)
            expected.degraded = 1
            #expect(report.files == [expected])
            #expect(
                try await node.rows("SELECT resource_id, value_unit FROM live.observation ORDER BY 1")
                    == Self.settled)
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
            #expect(report.files.first?.reasons == Self.reasons)
            #expect(
                try await node.rows("SELECT resource_id, value_unit FROM whole.observation ORDER BY 1")
                    == Self.settled)
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
