import Core
import Exchange
import Foundation
import Store
import TestSupport
import Testing

@testable import Node

/// Questions over datasets that only tables fill, from ingest to release, on both engines.
@Suite(.serialized, .postgreSQLCluster) struct TableQuestionTests {
    private struct Case: Sendable {
        let sql: String
        /// Key, rows (or people), in order of the key.
        let released: [String]
    }

    private static let cases = [
        Case(
            sql: """
                SELECT b.name AS band, count(*) AS attendances FROM emergency_attendance e
                JOIN patient p USING (person)
                JOIN reference.age_band b ON date_part('year', age(p.birth_date)) BETWEEN b.lo AND b.hi
                GROUP BY b.name
                """, released: ["20-24 2", "70-74 1"]),
        Case(
            sql: """
                SELECT count(DISTINCT a.person) AS people FROM admission a
                JOIN emergency_attendance e ON e.person = a.person
                WHERE a.admitted_at >= e.arrived_at AND a.admitted_at < e.arrived_at + interval '30 days'
                """, released: ["1"]),
        Case(
            sql: "SELECT department_type, count(*) AS n FROM emergency_attendance GROUP BY department_type",
            released: ["01 2", "03 1"]),
        Case(sql: "SELECT count(*) AS n FROM registration WHERE end_date IS NULL", released: ["2"]),
    ]

    private func fill(_ node: NodeContext, _ folder: String) async throws {
        let (one, two) = (TableText.number(1), TableText.number(2))
        let young = String(Calendar(identifier: .gregorian).component(.year, from: Date()) - 22)
        let old = String(Calendar(identifier: .gregorian).component(.year, from: Date()) - 72)
        try IngestSite.write(
            """
            NHS_NUMBER,GENERAL_MEDICAL_PRACTICE_CODE,START_DATE,END_DATE,PERSON_BIRTH_DATE,\
            PERSON_STATED_GENDER_CODE,ETHNIC_CATEGORY,LSOA
            \(one),A81001,2020-01-01,,\(young)-01-01,2,A,E01000001
            \(two),A81001,2020-01-01,,\(old)-01-01,1,A,E01000001

            """, to: folder + "/gp.csv")
        try IngestSite.write(
            """
            EC_Ident,NHS_Number,NHS_Number_Status_Indicator,Local_Patient_Identifier,Arrival_Date,Arrival_Time,\
            EC_Departure_Date,EC_Departure_Time,EC_Department_Type,EC_Acuity_SNOMED_CT,\
            EC_Chief_Complaint_SNOMED_CT,EC_Discharge_Status_SNOMED_CT
            1,\(one),01,A,2026-03-20,10:00,,,1,,,
            2,\(one),01,A,2026-01-20,10:00,,,1,,,
            3,\(two),01,B,2026-01-20,10:00,,,3,,,

            """, to: folder + "/ecds.csv")
        try IngestSite.write(
            TableText.apc([TableText.episode(1, person: 1), TableText.episode(2, person: 2)]),
            to: folder + "/apc.csv")
        for (mapping, file) in [("gp-registrations", "gp"), ("ecds", "ecds"), ("hes-apc", "apc")] {
            _ = try await node.tables(mapping, ["\(folder)/\(file).csv"])
        }
        try await node.run(.publish)
    }

    @Test(arguments: WarehouseKind.allCases)
    func areAnsweredAsOverAnyDataset(kind: WarehouseKind) async throws {
        try await withTemporaryDirectory { root in
            let site = DoorSuite.first
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(organisation: site, role: .controller, warehouse: kind),
                ]
            ) { federation in
                try await federation.agree(.init(id: "tables", controllers: [site]))
                try await fill(try federation.node(site), root)
                for test in Self.cases {
                    let requester = try federation.node(NodeFederation.requester)
                    var question = try await QuestionByHand(test.sql, under: "tables", at: requester)
                    question.nameReferences(of: requester)
                    let result = try await question.ask(try federation.node(site), from: requester).body
                    #expect(result.outcome == .answered, "\(result.refusal?.words ?? "") in \(test.sql)")
                    guard let block = result.releases.first??.block else { continue }
                    let rows = block.keys.rows.enumerated().map { row, key in
                        (key.map(\.text) + [block.aggregates[0].rows[row].map(String.init) ?? "-"])
                            .joined(separator: " ")
                    }
                    #expect(rows.sorted() == test.released, "\(test.sql)")
                }
            }
        }
    }
}
