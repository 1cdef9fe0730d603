import Catalog
import Core
import Foundation
import Store
import TestSupport
import Testing
import Warehouse

@testable import Node

/// Which rows belong to an episode that bears a restricted code: the same on both engines.
@Suite(.serialized, .postgreSQLCluster)
struct EpisodeMarksTests {
    private static let site = NodeFederation.organisation("RJ1")

    /// Resources of two people, with what is expected of each.
    private static let resources: [(line: String, isRestricted: Bool)] = [
        // An encounter of which a condition is listed by its second coding, in another code system.
        (Written.encounter("e1", of: "p1", on: "2024-03-01"), true),
        (
            Written.event(
                "Condition", "c1", of: "p1", in: "e1",
                ["\(Written.snomed)|38341003", "\(Written.icd10)|A53.9"]), true
        ),
        (
            Written.event(
                "Observation", "o1", of: "p1", in: "e1", ["\(Written.snomed)|60621009"], on: "2024-03-01"),
            true
        ),
        (
            Written.event(
                "DiagnosticReport", "r1", of: "p1", in: "e1", ["\(Written.loinc)|24323-8"], on: "2024-03-20"),
            true
        ),
        // Without an encounter, on a day of it: what was prescribed tells what it was for.
        (
            Written.event("MedicationRequest", "m1", of: "p1", ["https://dmd.nhs.uk|1"], on: "2024-03-01"),
            true
        ),
        (
            Written.event("MedicationRequest", "m2", of: "p1", ["https://dmd.nhs.uk|1"], on: "2024-03-05"),
            false
        ),
        // An encounter that is part of it, and one that shares an episode of care with that.
        (Written.encounter("e2", of: "p1", on: "2024-03-09", partOf: "e1", care: "k1"), true),
        (
            Written.event("Procedure", "u2", of: "p1", in: "e2", ["\(Written.snomed)|1"], on: "2024-03-09"),
            true
        ),
        (Written.encounter("e5", of: "p1", on: "2024-04-09", care: "k0 k1"), true),
        (
            Written.event(
                "AllergyIntolerance", "a5", of: "p1", in: "e5", ["\(Written.snomed)|2"], on: "2024-01-01"),
            true
        ),
        // Another encounter on the same day is an episode of its own.
        (Written.encounter("e3", of: "p1", on: "2024-03-01"), false),
        (
            Written.event(
                "Observation", "o3", of: "p1", in: "e3", ["\(Written.snomed)|60621009"], on: "2024-03-01"),
            false
        ),
        // Listed without an encounter, without a point, in a system that nobody knows: its whole day goes.
        (Written.event("Condition", "c2", of: "p1", ["urn:local:icd|a500"], on: "2024-06-01"), true),
        (Written.encounter("e4", of: "p1", on: "2024-05-31", until: "2024-06-02"), true),
        (
            Written.event(
                "Observation", "o4", of: "p1", in: "e4", ["\(Written.snomed)|60621009"], on: "2024-06-02"),
            true
        ),
        (Written.event("Immunization", "i1", of: "p1", ["\(Written.snomed)|3"], on: "2024-06-01"), true),
        (
            Written.event(
                "Observation", "o6", of: "p1", in: "e3", ["\(Written.snomed)|60621009"], on: "2024-06-01"),
            true
        ),
        // The same number in a system that is known to be another.
        (Written.event("Observation", "o7", of: "p1", ["\(Written.loinc)|A53.9"], on: "2024-09-01"), false),
        // A security label is a code too.
        (
            Written.event(
                "Observation", "o8", of: "p1", ["\(Written.snomed)|60621009"], on: "2024-10-01", label: "HIV"),
            true
        ),
        // An encounter by its own type; nobody else's rows of that day.
        (Written.encounter("e9", of: "p2", on: "2024-06-01"), false),
        (
            Written.event("Observation", "o9", of: "p2", ["\(Written.snomed)|60621009"], on: "2024-03-01"),
            false
        ),
        (
            Written.event(
                "Condition", "c9", of: "p2", in: "gone", ["\(Written.icd10)|Z21"], on: "2023-01-01"), true
        ),
        (
            Written.event(
                "Observation", "o10", of: "p2", in: "gone", ["\(Written.snomed)|60621009"], on: "2023-02-01"),
            true
        ),
    ]

    @Test(arguments: WarehouseKind.allCases)
    func wholeEpisodesAreMarked(_ kind: WarehouseKind) async throws {
        try await withTemporaryDirectory { root in
            try await NodeHome.with(Self.site, at: root + "/home", warehouse: kind) { node in
                let file = root + "/all.ndjson"
                try FHIRText.write(
                    [
                        FHIRText.patient("p1", number: FHIRText.number(1)),
                        FHIRText.patient("p2", number: FHIRText.number(2)),
                    ] + Self.resources.map(\.line), to: file)
                let report = try await node.ingest([file])
                #expect(report.files.reduce(0) { $0 + $1.setAside } == 0)
                let expected = Set(Self.resources.filter(\.isRestricted).map { Written.id($0.line) })
                #expect(try await Self.marked(at: node) == expected)
                // The publication that ingest made has the mark in every table, and nothing else is missing.
                let publication = try #require(try node.publications.current())
                let column = try #require(
                    publication.restricted.lists.first { $0.name == "restricted-sexual-health" }?.column)
                var marked = 0
                for dataset in publication.rows.keys.sorted() {
                    let rows = try await node.rows(
                        "SELECT count(*), count(CASE WHEN \(column) THEN 1 END), count(\(column)) "
                            + "FROM snapshot_1.\(dataset)")[0]
                    #expect(rows[0] == rows[2], "\(dataset) has rows without a mark")
                    marked += Int(rows[1].number ?? 0)
                }
                #expect(marked == expected.count)
                #expect(publication.restricted.unjudged == 0)
            }
        }
    }

    /// The ids of every record in `live` that the shipped list of sexual health restricts.
    static func marked(at node: NodeContext) async throws -> Set<String> {
        let warehouse = try #require(node.warehouse)
        let lists = node.restrictedLists
        let place = try #require(lists.firstIndex { $0.frozen.name == "restricted-sexual-health" })
        let marks = EpisodeMarks(
            schema: warehouse.schema, controller: warehouse.controller, lists: lists)
        return try await warehouse.engine.withSession { session in
            var found: Set<String> = []
            try await marks.prepare(in: session)
            for dataset in marks.events {
                _ = try await marks.mark(dataset, in: session)
                let rows = try await session.query(
                    """
                    SELECT DISTINCT coalesce(d.parent_id, d.resource_id) FROM live.\(dataset.name) d
                    WHERE \(EpisodeMarks.condition(place))
                    """)
                found.formUnion(rows.rows.map { $0[0].text })
            }
            try await marks.drop(in: session)
            return found
        }
    }
}

/// Resources with any number of codings.
enum Written {
    static let snomed = "http://snomed.info/sct"
    static let icd10 = "http://hl7.org/fhir/sid/icd-10"
    static let loinc = "http://loinc.org"

    static func encounter(
        _ id: String, of patient: String, on day: String, until end: String? = nil, partOf: String? = nil,
        care: String = ""
    ) -> String {
        let cares = care.split(separator: " ").map { #"{"reference":"EpisodeOfCare/\#($0)"}"# }
        return "{"
            + ([
                #""resourceType":"Encounter","id":"\#(id)","status":"finished","class":{"code":"AMB"}"#,
                #""subject":{"reference":"Patient/\#(patient)"}"#,
                #""period":{"start":"\#(day)T09:00:00Z","end":"\#(end ?? day)T10:00:00Z"}"#,
            ] + (partOf.map { [#""partOf":{"reference":"Encounter/\#($0)"}"#] } ?? [])
            + (cares.isEmpty ? [] : [#""episodeOfCare":[\#(cares.joined(separator: ","))]"#])).joined(
                separator: ",")
            + "}"
    }

    /// - Parameter codings: each `SYSTEM|CODE`.
    static func event(
        _ type: String, _ id: String, of patient: String, in encounter: String? = nil, _ codings: [String],
        on day: String? = nil, label: String? = nil
    ) -> String {
        let list = codings.map { coding in
            let parts = coding.split(separator: "|").map(String.init)
            return #"{"system":"\#(parts[0])","code":"\#(parts[1])"}"#
        }.joined(separator: ",")
        let shape = shapes[type] ?? ("code", "subject", "")
        var fields = [
            #""resourceType":"\#(type)","id":"\#(id)""#, #""\#(shape.code)":{"coding":[\#(list)]}"#,
            #""\#(shape.person)":{"reference":"Patient/\#(patient)"}"#,
        ]
        if let encounter { fields.append(#""encounter":{"reference":"Encounter/\#(encounter)"}"#) }
        if let day, !shape.day.isEmpty {
            fields.append(#""\#(shape.day)":"\#(day)\#(shape.day == "issued" ? "T00:00:00Z" : "")""#)
        }
        if let label {
            fields.append(
                #""meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"\#(label)"}]}"#
            )
        }
        return "{" + fields.joined(separator: ",") + "}"
    }

    private static let shapes: [String: (code: String, person: String, day: String)] = [
        "Condition": ("code", "subject", "recordedDate"),
        "Observation": ("code", "subject", "effectiveDateTime"),
        "Procedure": ("code", "subject", "performedDateTime"),
        "DiagnosticReport": ("code", "subject", "issued"),
        "MedicationRequest": ("medicationCodeableConcept", "subject", "authoredOn"),
        "Immunization": ("vaccineCode", "patient", "occurrenceDateTime"),
        "AllergyIntolerance": ("code", "patient", "recordedDate"),
    ]

    static func id(_ line: String) -> String {
        (try? JSON.decode(Identified.self, from: Array(line.utf8)))?.id ?? ""
    }

    private struct Identified: Codable { let id: String }
}
