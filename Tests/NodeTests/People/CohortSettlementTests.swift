import Core
import Disclosure
import Foundation
import Store
import TestSupport
import Testing

@testable import Node

/// Before a publication goes it is settled who was counted in its releases; what fails is kept and tried again.
@Suite(.serialized, .postgreSQLCluster)
struct CohortSettlementTests {
    private static let hypertensive = """
        SELECT sex, count(*) AS n FROM patient p
        WHERE EXISTS (SELECT 1 FROM condition c WHERE c.person = p.person AND c.code = '38341003') GROUP BY sex
        """
    private static let listed = "SELECT count(*) AS n FROM condition WHERE in_codelist(code, 'hypertension')"

    private func withSite(
        _ warehouse: WarehouseKind = .duckdb, _ body: (ObjectionSite) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { root in
            let site = DoorSuite.first
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(organisation: site, role: .controller, warehouse: warehouse),
                ]
            ) { federation in
                try await federation.agree(.init(id: "one", controllers: [site]))
                try await federation.fill([site], patients: 200, seed: 3)
                try await body(
                    ObjectionSite(
                        site: try federation.node(site),
                        requester: try federation.node(NodeFederation.requester), root: root))
            }
        }
    }

    private func presence(_ site: ObjectionSite, _ person: Int64) async throws -> [ReleaseCohorts.Presence] {
        try await site.site.ledger.cohorts.releases(
            of: site.site.organisation.text, people: [UInt32(person)]
        ).map(\.isCounted)
    }

    private func numbers(_ site: ObjectionSite, _ sql: String) async throws -> Set<Int64> {
        Set(try await site.site.rows(sql).compactMap { $0[0].whole })
    }

    @Test(arguments: WarehouseKind.allCases)
    func everybodyOfACohortIsFoundAgainAndNobodyElse(_ warehouse: WarehouseKind) async throws {
        try await withSite(warehouse) { site in
            let objector = try await site.somebody()
            let all = try await numbers(site, "SELECT person_id FROM snapshot_1.person")
            let ill = try await numbers(
                site, "SELECT DISTINCT person_id FROM snapshot_1.condition WHERE code = '38341003'")
            _ = try await site.count("one")
            _ = try await site.count("one", Self.hypertensive)
            try await site.object(objector, "all", nil)
            _ = try await site.count("one")
            let objecting = try #require(
                try await numbers(
                    site, "SELECT person_id FROM snapshot_1.person WHERE person = '\(objector)'"
                ).first)
            // Two publications later the first is gone, and with it its tables of people.
            try await site.site.run(.publish)
            #expect(try await site.site.ledger.cohorts.waiting().count == 3)
            try await site.site.run(.publish)
            #expect(try await site.site.ledger.cohorts.waiting() == [])
            #expect(try await site.site.warehouse?.publications() == [2, 3])
            #expect(!ill.isEmpty && ill.count < all.count)
            for person in all {
                let expected: [ReleaseCohorts.Presence] = [
                    person == objecting ? .notCounted : .counted,
                    ill.contains(person) ? .counted : .notCounted, .counted,
                ]
                #expect(try await presence(site, person) == expected, "\(person)")
            }
        }
    }

    /// What fails keeps its publication, loses neither the new publication nor the release, and is tried again.
    @Test func aFailureIsKeptAndTriedAgain() async throws {
        try await withSite { site in
            _ = try await site.count("one", Self.hypertensive)
            _ = try await site.count("one")
            try await site.site.run(.publish)
            _ = try await site.site.rows("ALTER TABLE snapshot_1.condition RENAME TO hidden")
            try await site.site.run(.publish)
            #expect(try site.site.publications.current()?.id == 3)
            #expect(try await site.site.warehouse?.publications() == [1, 2, 3])
            #expect(try await site.site.ledger.cohorts.size().settled == 1)
            let status = try await StatusReport(context: site.site, isServing: false).make()
            #expect(status.warnings.contains { $0.hasPrefix("who was counted could not be settled for 1 ") })
            #expect(try await presence(site, 1) == [.counted, .unknown])
            _ = try await site.count("one")
            _ = try await site.site.rows("ALTER TABLE snapshot_1.hidden RENAME TO condition")
            try await site.site.run(.publish)
            #expect(try await site.site.warehouse?.publications() == [3, 4])
            // The last one waits for its publication to go.
            #expect(try await presence(site, 1).map { $0 == .unknown } == [true, false, false])
            #expect(
                try await StatusReport(context: site.site, isServing: false).make().warnings
                    .allSatisfy { !$0.hasPrefix("who was counted") })
        }
    }

    @Test func aPublicationThatIsGoneIsSaidToBe() async throws {
        try await withSite { site in
            _ = try await site.count("one")
            _ = try await site.site.rows("DROP SCHEMA snapshot_1 CASCADE")
            let outcome = try await CohortSettlement(context: site.site).settle()
            #expect((outcome.settled, outcome.lost, outcome.unsettled) == (0, 1, []))
            #expect(try await presence(site, 1) == [.unknown])
        }
    }

    /// A codelist that has changed since makes the finding uncertain, and the record says so.
    @Test func anotherCodelistIsNotTakenForTheOneOfThen() async throws {
        try await withSite { site in
            _ = try await site.count("one", Self.listed)
            let waiting = try await site.site.ledger.cohorts.waiting()
            #expect(waiting.map { Array($0.tables.keys) } == [["codelist.hypertension@1"]])
            let person = try #require(try await numbers(site, waiting[0].statement).first)
            // The same statement in a release of which another text of the codelist is noted.
            let note = ReleaseCohorts.Note(
                requester: "QWE", purpose: "planning", isLinked: false, kinds: ["count"],
                columns: ["condition.code"], tables: ["codelist.hypertension": "of then"])
            try await site.site.ledger.record(
                [],
                for: .init(
                    controller: site.site.organisation.text, agreement: "one", snapshot: "1", digest: "d"),
                query: "q", at: Date().addingTimeInterval(60),
                counted: .init(note, statements: [waiting[0].statement + " -- then"]))
            _ = try await CohortSettlement(context: site.site).settle()
            #expect(try await presence(site, person) == [.probablyCounted, .counted])
        }
    }

    @Test func retentionIsKept() async throws {
        try await withSite { site in
            _ = try await site.count("one")
            let days = Int64(site.site.configuration.countedRetentionDays)
            try await site.site.forgetCounted(at: Clock.now + (days - 1) * 86_400_000)
            #expect(try await presence(site, 1).count == 1)
            try await site.site.forgetCounted(at: Clock.now + (days + 1) * 86_400_000)
            #expect(try await presence(site, 1) == [])
            #expect(try await site.site.ledger.cohorts.waiting() == [])
        }
    }
}
