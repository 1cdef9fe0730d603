import Core
import Foundation
import TestSupport
import Testing
import Warehouse

@testable import Node

/// Who patients are, through ingest: merges, corrections, conflicts, deletions.
@Suite(.postgreSQLCluster) struct IdentityTests {
    private static let (a, b) = (FHIRText.number(1), FHIRText.number(2))

    private struct Site {
        let node: NodeContext
        let folder: String

        /// Ingests patients, then a condition of each id that is given.
        @discardableResult
        func take(_ patients: [PatientText], conditions: [String] = []) async throws -> IngestReport {
            let path = folder + "/in.ndjson"
            try FHIRText.write(
                patients.map(\.json) + conditions.map { FHIRText.condition("c-" + $0, of: $0) }, to: path)
            return try await node.ingest([path])
        }

        func delete(_ id: String) async throws {
            let path = folder + "/delete.json"
            try IngestSite.write(
                BundleText.bundle("transaction", [], deletes: ["Patient/\(id)"]), to: path)
            _ = try await node.ingest([path])
        }

        /// Patient -> whom its condition is of: a number, or `local`.
        func people() async throws -> [String: String] {
            let rows = try await node.rows(
                """
                SELECT d.subject, p.person FROM live.condition d JOIN live.person p ON p.person_id = d.person_id
                """)
            return Dictionary(
                uniqueKeysWithValues: rows.map { row in
                    (row[0].text, row[1].text.hasPrefix("local:") ? "local" : row[1].text)
                })
        }

        /// How many people are in a new publication.
        func published() async throws -> Int {
            try await ControllerAdministration(context: node).publish().people
        }

        func conflicts() async throws -> [[String]] {
            guard
                case .listing(_, let rows) = try await IdentityAdministration(context: node).run(.list)
            else { throw TestFailure(description: "no listing") }
            return rows.map { Array($0.dropFirst()) }
        }
    }

    private func with(_ kind: WarehouseKind, _ body: (Site) async throws -> Void) async throws {
        try await IngestSite.with(kind) { node, folder in try await body(Site(node: node, folder: folder)) }
    }

    @Test(arguments: WarehouseKind.allCases)
    func aMergeBringsRecordsTogetherAndCanBeTakenBack(_ kind: WarehouseKind) async throws {
        try await with(kind) { site in
            let y = PatientText(id: "y", numbers: [(Self.a, "01")])
            // The link comes first: it waits for the patient whom it names.
            try await site.take(
                [PatientText(id: "x", links: [("replaced-by", "y")], version: 1)], conditions: ["x"])
            #expect(try await site.people() == ["x": "local"])
            try await site.take([y], conditions: ["y"])
            #expect(try await site.people() == ["x": Self.a, "y": Self.a])
            #expect(try await site.published() == 1)
            try await site.take([PatientText(id: "x", version: 2)])
            #expect(try await site.people() == ["x": "local", "y": Self.a])
            #expect(try await site.published() == 2)
            #expect(try await site.conflicts() == [])
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func numbersThatAreNotVerifiedLinkNobody(_ kind: WarehouseKind) async throws {
        try await with(kind) { site in
            var older = PatientText(id: "o", numbers: [(Self.b, "02")])
            older.url =
                "https://fhir.hl7.org.uk/STU3/StructureDefinition/"
                + "Extension-CareConnect-NHSNumberVerificationStatus-1"
            var former = PatientText(id: "f", numbers: [(FHIRText.number(4), nil)])
            former.use = "old"
            let report = try await site.take(
                [
                    PatientText(id: "v", numbers: [(Self.a, "01")]),
                    PatientText(id: "t", numbers: [(FHIRText.number(3), "05")]), older, former,
                ], conditions: ["v", "t", "o", "f"])
            #expect(
                try await site.people() == ["v": Self.a, "t": "local", "o": "local", "f": "local"])
            #expect(report.notes.count == 1 && report.notes[0].hasPrefix("2 patients have an NHS number"))
            guard
                case .listing(_, let rows) = try await IdentityAdministration(context: site.node).run(.report)
            else { return }
            #expect(
                rows == [
                    ["patients", "4"], ["people", "4"], ["people under a local key", "3"],
                    ["people whose records were moved", "0"], ["NHS number verified (01)", "1"],
                    ["NHS number not verified (02: present but not traced)", "1"],
                    ["NHS number not verified (05: trace to be resolved)", "1"], ["no NHS number", "1"],
                ])
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func conflictsAreKeptApartListedAndEnd(_ kind: WarehouseKind) async throws {
        try await with(kind) { site in
            try await site.take(
                [
                    PatientText(id: "x", numbers: [(Self.a, "01")], version: 1),
                    PatientText(
                        id: "y", numbers: [(Self.a, nil)], birthDate: "1931-11-30", version: 1),
                    PatientText(id: "z", numbers: [(Self.b, nil)], links: [("replaces", "x")], version: 1),
                ], conditions: ["x", "y", "z"])
            #expect(try await site.people() == ["x": Self.a, "y": "local", "z": Self.b])
            #expect(
                try await site.conflicts() == [["linked-numbers", "2", "0"], ["shared-number", "2", "1"]])
            #expect(try await site.published() == 3)
            let list = try await IdentityAdministration(context: site.node).run(.list)
            guard case .listing(_, let rows) = list,
                case .listing(_, let shown) = try await IdentityAdministration(context: site.node).run(
                    .show(id: String(rows[1][0].prefix(10))))
            else { return }
            #expect(shown == [["shared-number", "x", "kept"], ["shared-number", "y", "not used"]])
            // The source corrects both: a date, and a number.
            try await site.take([
                PatientText(id: "y", numbers: [(Self.a, nil)], version: 2),
                PatientText(id: "z", numbers: [(Self.a, nil)], links: [("replaces", "x")], version: 2),
            ])
            #expect(try await site.people() == ["x": Self.a, "y": Self.a, "z": Self.a])
            #expect(try await site.conflicts() == [])
            #expect(try await site.published() == 1)
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func aDeletedPatientTiesNobody(_ kind: WarehouseKind) async throws {
        try await with(kind) { site in
            try await site.take(
                [
                    PatientText(id: "x", links: [("replaced-by", "y")]),
                    PatientText(id: "y", links: [("replaced-by", "z")]),
                    PatientText(id: "z", numbers: [(Self.a, "01")]),
                ], conditions: ["x", "y", "z"])
            #expect(try await site.people() == ["x": Self.a, "y": Self.a, "z": Self.a])
            try await site.delete("y")
            #expect(try await site.people()["x"] == "local")
            #expect(try await site.published() == 2)
            // It comes again as somebody else: what was recorded of it follows.
            try await site.take([PatientText(id: "y", numbers: [(Self.b, "01")])])
            #expect(try await site.people() == ["x": Self.b, "y": Self.b, "z": Self.a])
            #expect(try await site.published() == 2)
        }
    }

    /// Whoever opted out under a number that is not theirs for certain may have: they are not counted.
    @Test(arguments: WarehouseKind.allCases)
    func anOptOutHoldsForWhoeverBearsTheNumber(_ kind: WarehouseKind) async throws {
        try await with(kind) { site in
            try await site.take(
                [
                    PatientText(id: "x", numbers: [(Self.a, "02")]), PatientText(id: "n"),
                    PatientText(id: "y", numbers: [(Self.b, "01")]),
                    PatientText(
                        id: "w", numbers: [(FHIRText.number(5), "03")], links: [("replaced-by", "y")]),
                ], conditions: ["x", "n", "y", "w"])
            let list = site.folder + "/list.csv"
            func counted(_ numbers: [String]) async throws -> [String] {
                try IngestSite.write(numbers.map { $0 + ",\n" }.joined(), to: list)
                _ = try await ConsentAdministration(context: site.node).importList(
                    list, "national-data-opt-out", listedAt: nil)
                let publication = try await ControllerAdministration(context: site.node).publish()
                return try await site.node.rows(
                    """
                    SELECT s.subject FROM \(publication.schema).condition d
                    JOIN live.subject s ON s.person_id = d.person_id
                    WHERE d.allowed_national_data_opt_out_or_unnumbered GROUP BY 1 ORDER BY 1
                    """
                ).map { $0[0].text }
            }
            #expect(try await counted([Self.b]) == ["n"])
            #expect(try await counted([Self.b, FHIRText.number(5)]) == ["n", "w", "y"])
            #expect(try await counted([Self.a, Self.b, FHIRText.number(5)]) == ["n", "w", "x", "y"])
        }
    }

    /// The same versions in any order, in any batches, and twice, make the same people.
    @Test(
        arguments: zip(
            [1, 2, 3, 4] as [UInt64], [.duckdb, .duckdb, .duckdb, .postgresql] as [WarehouseKind]))
    func theOrderMakesNoDifference(_ seed: UInt64, _ kind: WarehouseKind) async throws {
        var random = SeededGenerator(seed: seed)
        let ids = (0..<8).map { "p\($0)" }
        let numbers = (1...4).map(FHIRText.number)
        var versions: [PatientText] = []
        for id in ids {
            for version in 1...Int.random(in: 1...3, using: &random) {
                var patient = PatientText(id: id, version: version)
                for _ in 0..<[0, 1, 1, 1, 2].randomElement(using: &random)! {
                    patient.numbers.append(
                        (
                            numbers.randomElement(using: &random)!,
                            ["01", "02", nil].randomElement(using: &random)!
                        ))
                }
                for _ in 0..<[0, 0, 1, 2].randomElement(using: &random)! {
                    patient.links.append(
                        (
                            ["replaced-by", "replaces", "seealso"].randomElement(using: &random)!,
                            (ids + ["absent"]).randomElement(using: &random)!
                        ))
                }
                patient.birthDate = ["1960-05-04", "1960-05-14", "1931-11-30", nil].randomElement(
                    using: &random)!
                versions.append(patient)
            }
        }
        let newest = ids.compactMap { id in versions.last { $0.id == id } }
        let expected = try await people(newest.shuffled(using: &random), [newest.count], kind)
        for _ in 0..<2 {
            let order = versions.shuffled(using: &random) + versions.shuffled(using: &random).prefix(3)
            let sizes = (0..<order.count).map { _ in Int.random(in: 1...6, using: &random) }
            #expect(try await people(order, sizes, kind) == expected, "seed \(seed)")
        }
    }

    /// Patient -> person, by the records; some pieces are ingested twice.
    private func people(
        _ versions: [PatientText], _ sizes: [Int], _ kind: WarehouseKind
    ) async throws -> [String: String] {
        var found: [String: String] = [:]
        try await with(kind) { site in
            var rest = versions[...]
            for (place, size) in sizes.enumerated() where !rest.isEmpty {
                let piece = Array(rest.prefix(size))
                rest = rest.dropFirst(size)
                let conditions = Array(Set(piece.map(\.id))).sorted()
                try await site.take(piece, conditions: conditions)
                if place.isMultiple(of: 3) { try await site.take(piece, conditions: conditions) }
            }
            let rows = try await site.node.rows(
                """
                SELECT d.subject, p.person, j.person_id = d.person_id FROM live.condition d
                JOIN live.person p ON p.person_id = d.person_id JOIN live.subject j ON j.subject = d.subject
                """)
            #expect(rows.allSatisfy { $0[2] == .boolean(true) })
            // Local keys are a node's own: whoever shares one is called by the first of them.
            let sharing = Dictionary(grouping: rows) { $0[1].text }
            found = Dictionary(
                uniqueKeysWithValues: rows.map { row in
                    let (id, person) = (row[0].text, row[1].text)
                    guard person.hasPrefix("local:") else { return (id, person) }
                    return (id, "local:" + (sharing[person]?.map { $0[0].text }.min() ?? ""))
                })
            let warehouse = try #require(site.node.warehouse)
            let said = try await warehouse.engine.withSession { session in
                try await PatientRegister(warehouse).everybody(session)
            }
            let resolved = IdentityResolution(said).people
            #expect(
                resolved.allSatisfy { id, person in
                    switch person {
                    case .number(let number): found[id] == number
                    case .local: found[id]?.hasPrefix("local:") == true
                    }
                })
        }
        return found
    }
}

extension PatientRegister {
    /// Every patient as the warehouse has them.
    func everybody(_ session: any EngineSession) async throws -> [PatientIdentity] {
        try await session.query(
            "SELECT resource_id, number_claims, links, birth_date, birth_date_precision, sex FROM live.patient"
        )
        .rows.map { row in
            PatientIdentity(
                id: row[0].text, claims: row[1].text, links: row[2].text,
                demographics: Demographics(
                    date: row[3].text, digits: row[4].whole.map { Int($0) }, sex: row[5].text))
        }
    }
}
