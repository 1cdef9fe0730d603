import Catalog
import Core
import Foundation
import Store
import TestSupport
import Testing

@testable import Node

/// What becomes of each record, the same on both engines.
@Suite(.serialized, .postgreSQLCluster)
struct IngestTests {
    private func number(_ node: NodeContext, _ sql: String) async throws -> Int {
        Int(try await node.rows(sql).first?.first?.number ?? -1)
    }

    /// Every record is new, replaced, unchanged, superseded or set aside for a reason; and they add up.
    @Test(arguments: WarehouseKind.allCases)
    func everyRecordIsAccountedFor(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            typealias F = FHIRText
            try F.write(
                [
                    F.patient("p1", number: F.number(1), version: 2),
                    F.patient("p2", number: F.number(1)),  // one person at two practices
                    F.patient("p3"),  // a local key
                    F.patient("p4", number: "9990000000"),  // no such check digit
                    F.patient("p5", number: "9434765919"),  // a real number's range
                    F.patient(nil, number: F.number(2)),
                    F.patient("p1", number: F.number(1), sex: "male", version: 1),  // older
                    #"{"resourceType":"Patient","id":"p6""#, #"{"id":"p7"}"#, "",
                ], to: folder + "/Patient.ndjson")
            try F.write(
                [
                    F.condition("c1", of: "p1"), F.condition("c2", of: "p3"), F.condition("c3", of: "p4"),
                    F.condition("c4", of: "nobody"), F.condition("c5", of: "p1", onset: "2020-02-30"),
                    F.condition("c1", of: "p1"),
                ], to: folder + "/Condition.ndjson.gz")
            try F.write(
                [
                    F.observation("o1", of: "p1", value: "24.5"), F.observation("o2", of: "p2", value: "900"),
                    F.observation("o3", of: "p3", value: #""high""#),
                    #"{"resourceType":"Organization","id":"g1"}"#,
                ], to: folder + "/Observation.ndjson")
            let report = try await node.ingest([folder])
            #expect(
                report.files == [
                    IngestSite.file(
                        "Patient.ndjson", "patient", new: 3, superseded: 1,
                        ["invalid-nhs-number": 1, "not-a-synthetic-nhs-number": 1, "no-id": 1]),
                    IngestSite.file("Patient.ndjson", nil, ["bad-json": 1, "not-fhir": 1]),
                    IngestSite.file(
                        "Condition.ndjson.gz", "condition", new: 2, superseded: 1,
                        ["unknown-reference": 2, "invalid-date": 1]),
                    IngestSite.file(
                        "Observation.ndjson", "observation", new: 1, ["out-of-bounds": 1, "wrong-type": 1]),
                ])
            #expect(report.passedOver == ["Organization": 1])
            #expect(report.people == 2)
            #expect(report.published?.id == 1)
            let listing = try await node.quarantine()
            #expect(listing.map(\.count).reduce(0, +) == report.files.reduce(0) { $0 + $1.setAside })
            #expect(!"\(listing)".contains("9434765919"))
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func theSameInputTwiceChangesNothing(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            try FHIRText.write(
                [FHIRText.patient("p1", number: FHIRText.number(1)), FHIRText.patient("p2")],
                to: folder + "/Patient.ndjson")
            try FHIRText.write(
                [FHIRText.condition("c1", of: "p1"), FHIRText.condition("c2", of: "p2")],
                to: folder + "/Condition.ndjson")
            _ = try await node.ingest([folder])
            let tables = ["live.patient", "live.condition", "live.person", "live.subject"]
            func contents() async throws -> [Set<[Value]>] {
                var all: [Set<[Value]>] = []
                for table in tables { all.append(Set(try await node.rows("SELECT * FROM \(table)"))) }
                return all
            }
            let before = try await contents()
            let report = try await node.ingest([folder])
            #expect(
                report.files == [
                    IngestSite.file("Patient.ndjson", "patient", unchanged: 2),
                    IngestSite.file("Condition.ndjson", "condition", unchanged: 2),
                ])
            #expect(try await contents() == before)
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func theNewestVersionStays(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let path = folder + "/Patient.ndjson"
            func take(_ sex: String, version: Int) async throws -> IngestReport.File? {
                try FHIRText.write(
                    [FHIRText.patient("p1", number: FHIRText.number(1), sex: sex, version: version)], to: path
                )
                return try await node.ingest([path]).files.first
            }
            let first = try await take("female", version: 3)
            let newer = try await take("male", version: 5)
            let older = try await take("other", version: 4)
            #expect(first == IngestSite.file("Patient.ndjson", "patient", new: 1))
            #expect(newer == IngestSite.file("Patient.ndjson", "patient", replaced: 1))
            #expect(older == IngestSite.file("Patient.ndjson", "patient", superseded: 1))
            let rows = try await node.rows("SELECT sex FROM live.patient")
            #expect(rows == [[.text("male")]])
        }
    }

    /// A patient's number was wrong and is corrected: what was recorded before belongs to the person of now.
    @Test(arguments: WarehouseKind.allCases)
    func aCorrectedNumberTakesTheRecordsAlong(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let (patients, conditions) = (folder + "/Patient.ndjson", folder + "/Condition.ndjson")
            try FHIRText.write([FHIRText.patient("p1", version: 1)], to: patients)
            try FHIRText.write([FHIRText.condition("c1", of: "p1")], to: conditions)
            _ = try await node.ingest([patients, conditions])
            try FHIRText.write(
                [FHIRText.patient("p1", number: FHIRText.number(1), version: 2)], to: patients)
            _ = try await node.ingest([patients])
            let whose = """
                SELECT p.person FROM live.condition c JOIN live.person p ON p.person_id = c.person_id
                """
            #expect(try await node.rows(whose) == [[.text(FHIRText.number(1))]])
            // The person of before has nothing left and is not counted.
            try await node.run(.publish)
            #expect(try await number(node, "SELECT count(*) FROM snapshot_2.person") == 1)
        }
    }

    /// An older version must not undo the correction, neither in a later file nor in the same one.
    @Test(arguments: WarehouseKind.allCases)
    func anOlderVersionDoesNotChangeWhoAPatientIs(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let (patients, conditions) = (folder + "/Patient.ndjson", folder + "/Condition.ndjson")
            let (right, wrong) = (FHIRText.number(1), FHIRText.number(2))
            func patient(_ number: String, _ version: Int) -> String {
                FHIRText.patient("p1", number: number, version: version)
            }
            try FHIRText.write([patient(wrong, 2), patient(right, 5), patient(wrong, 3)], to: patients)
            _ = try await node.ingest([patients])
            try FHIRText.write([patient(wrong, 4)], to: patients)
            try FHIRText.write([FHIRText.condition("c1", of: "p1")], to: conditions)
            _ = try await node.ingest([patients, conditions])
            for dataset in ["patient", "condition"] {
                let whose = try await node.rows(
                    """
                    SELECT p.person FROM live.\(dataset) d JOIN live.person p ON p.person_id = d.person_id
                    """)
                #expect(whose == [[.text(right)]], "\(dataset)")
            }
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func onePersonWithTwoPatientsIsOnePatientRow(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let own = FHIRText.number(1)
            try FHIRText.write(
                [
                    FHIRText.patient("p1", number: own, sex: "female", version: 1),
                    FHIRText.patient("p2", number: own, sex: "male", version: 2),
                ], to: folder + "/Patient.ndjson")
            try FHIRText.write(
                [FHIRText.condition("c1", of: "p1"), FHIRText.condition("c2", of: "p2")],
                to: folder + "/Condition.ndjson")
            _ = try await node.ingest([folder])
            #expect(try await node.rows("SELECT sex FROM snapshot_1.patient") == [[.text("male")]])
            #expect(
                try await number(node, "SELECT count(DISTINCT person_id) FROM snapshot_1.condition") == 1)
            #expect(try await number(node, "SELECT count(*) FROM snapshot_1.condition") == 2)
        }
    }

    /// A publication is frozen: what is ingested afterwards is in the next one only.
    @Test(arguments: WarehouseKind.allCases)
    func aPublicationIsFrozen(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let path = folder + "/Patient.ndjson"
            try FHIRText.write([FHIRText.patient("p1", number: FHIRText.number(1), version: 1)], to: path)
            #expect(try await node.ingest([path]).published?.id == 1)
            let rows = "SELECT sex FROM snapshot_1.patient"
            try FHIRText.write(
                [
                    FHIRText.patient("p1", number: FHIRText.number(1), sex: "male", version: 2),
                    FHIRText.patient("p2", number: FHIRText.number(2)),
                ], to: path)
            #expect(try await node.ingest([path]).published == nil)
            #expect(try await node.rows(rows) == [[.text("female")]])
            #expect(try node.publications.current()?.id == 1)
            try await node.run(.publish)
            #expect(try await node.rows(rows) == [[.text("female")]])
            #expect(try node.publications.current()?.id == 2)
            #expect(try node.publications.current()?.people == 2)
            #expect(
                Set(try await node.rows("SELECT sex FROM snapshot_2.patient")) == [
                    [.text("male")], [.text("female")],
                ])
            // Two are kept, for questions under way; the third drops the first.
            try await node.run(.publish)
            await #expect(throws: (any Error).self) { _ = try await node.rows(rows) }
        }
    }

    /// Nothing is taken in where a path is wrong.
    @Test(arguments: WarehouseKind.allCases)
    func aMissingFileIsNamed(_ kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            await #expect(throws: NodeError.self) { _ = try await node.ingest([folder + "/absent.ndjson"]) }
            await #expect(throws: NodeError.self) { _ = try await node.ingest([folder]) }
            let people = try await number(node, "SELECT count(*) FROM live.person")
            #expect(people == 0)
        }
    }
}
