import Catalog
import Core
import Foundation
import Testing
import Warehouse

@testable import Node

/// What may stand in a mapping, and what is said of what may not.
@Suite struct MappingTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let change: String
        let with: String
        let says: String
        var testDescription: String { says }
    }

    static let good = """
        mapping: good
        title: A good one
        source: {delimiter: ","}
        key: [id]
        person: {nhs_number: nhs}
        codes: {sex: {values: {"1": male}, otherwise: quarantine}}
        repeats: {cause: {from: 1, to: 2}}
        rows:
          - dataset: registration
            columns:
              practice: upper(practice)
        """

    static let faults: [Fault] = [
        Fault(
            change: "key:", with: "keys:", says: "m.yaml: line 4: keys: is not known here; did you mean key?"),
        Fault(
            change: "dataset: registration", with: "dataset: registrations",
            says:
                "m.yaml: line 9: rows[0].dataset: there is no dataset 'registrations'; did you mean registration?"
        ),
        Fault(
            change: "practice: upper", with: "practise: upper",
            says: "m.yaml: line 11: rows[0].columns.practise: registration has no column 'practise'; "
                + "did you mean practice?"),
        Fault(
            change: "upper(practice)", with: "upper(practise)",
            says:
                "m.yaml: line 11: rows[0].columns.practice: the source has no column 'practise'; did you mean practice?"
        ),
        Fault(
            change: "upper(practice)", with: "read_text('/etc/passwd')",
            says: "m.yaml: line 11: rows[0].columns.practice: there is no function read_text in mappings; "
                + "there are abs, ceil, coalesce, concat, date, datetime, floor, greatest, icd10, least, left, length, "
                + "list, lookup, lower, lpad, nullif, number, opcs4, replace, right, round, split_part, substring, "
                + "trim, upper, whole"),
        Fault(
            change: "upper(practice)", with: "(SELECT 1)",
            says:
                "m.yaml: line 11: rows[0].columns.practice: holds something that a mapping may not: columns, "
                + "literals, operators, CASE and the functions of Schemas/README.md are all there is"),
        Fault(
            change: "upper(practice)", with: "practice FROM other",
            says:
                "m.yaml: line 11: rows[0].columns.practice: must be one expression over the source's columns"),
        Fault(
            change: "upper(practice)", with: "practice; DROP TABLE x",
            says:
                "m.yaml: line 11: rows[0].columns.practice: more than one statement is not supported (character 10)"
        ),
        Fault(
            change: "upper(practice)", with: "lpad(practice, 100000, 'x')",
            says: "m.yaml: line 11: rows[0].columns.practice: lpad takes a number from 0 to 256 there"),
        Fault(
            change: "upper(practice)", with: "lookup('sez', practice)",
            says:
                "m.yaml: line 11: rows[0].columns.practice: there is no table of codes 'sez'; did you mean sex?"
        ),
        Fault(
            change: "{nhs_number: nhs}", with: "{}",
            says: "m.yaml: line 5: person: needs nhs_number or local_id"),
        Fault(
            change: #"{delimiter: ","}"#, with: #"{dates: ["%d/%m/%y"]}"#,
            says:
                "m.yaml: line 3: source.dates: must have years of four digits (%Y): two digits do not tell a century"
        ),
    ]

    private func plan(_ yaml: String, _ columns: [String] = ["id", "nhs", "practice"]) async throws
        -> MappingPlan
    {
        let schema = SiteSchema(catalog: try NodeHome.catalog(), dialect: .duckdb)
        var planner = MappingPlanner(
            mapping: try TableMapping(yaml: yaml, file: "m.yaml"), schema: schema, columns: columns,
            file: "m.yaml")
        return try planner.plan()
    }

    @Test func aGoodOneIsPlanned() async throws {
        #expect(try await plan(Self.good).datasets.map(\.name) == ["registration"])
    }

    @Test(arguments: faults) func faultsNamePlaceAndRemedy(of fault: Fault) async throws {
        let yaml = Self.good.replacing(fault.change, with: fault.with)
        let error = await #expect(throws: MappingFault.self) { try await plan(yaml) }
        #expect(error?.description == fault.says)
    }

    @Test(arguments: [
        ("a,b", ["a", "b"]), ("\u{FEFF}\"a, b\",\"c \"\"d\"\"\" ,e\r", ["a, b", "c \"d\"", "e"]), ("", [""]),
    ])
    func namesOfColumns(line: String, names: [String]) {
        #expect(FileTableSource.names(line, delimiter: ",") == names)
    }
}
