import Audit
import Core
import Exchange
import Foundation
import GRDB
import Policy
import Store
import TestSupport
import Testing

@testable import Node

/// An objection takes a person out of the next question that it is about, and out of nothing else.
@Suite(.serialized, .postgreSQLCluster)
struct ObjectionTests {
    private static let site = DoorSuite.first

    /// One controller, two agreements with it.
    private func withSite(
        _ warehouse: WarehouseKind, _ body: (ObjectionSite) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { root in
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(organisation: Self.site, role: .controller, warehouse: warehouse),
                ]
            ) { federation in
                try await federation.agree(.init(id: "one", controllers: [Self.site]))
                try await federation.agree(.init(id: "two", controllers: [Self.site]))
                try await federation.fill([Self.site], patients: 120, seed: 5)
                try await body(
                    ObjectionSite(
                        site: try federation.node(Self.site),
                        requester: try federation.node(NodeFederation.requester), root: root))
            }
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func scopesReachWhatTheyName(_ warehouse: WarehouseKind) async throws {
        try await withSite(warehouse) { site in
            let everybody = try await site.count("one")
            let person = try await site.somebody()
            #expect(try await site.count("two") == everybody)

            let ofAgreement = try await site.object(person, "agreement", "one")
            #expect(try await site.count("one") == everybody - 1)
            #expect(try await site.count("two") == everybody)
            try await site.withdraw(ofAgreement)
            #expect(try await site.count("one") == everybody)

            let ofPurpose = try await site.object(person, "purpose", "planning")
            #expect(try await site.count("one") == everybody - 1)
            #expect(try await site.count("two") == everybody - 1)
            #expect(try await site.count("two", purpose: "commissioning") == everybody - 1)
            try await site.withdraw(ofPurpose)

            let ofNarrower = try await site.object(person, "purpose", "commissioning")
            #expect(try await site.count("one") == everybody)
            #expect(try await site.count("one", purpose: "commissioning") == everybody - 1)
            try await site.withdraw(ofNarrower)

            let declined = try await site.object(person, "all", nil, "declined")
            #expect(try await site.count("one") == everybody)
            let ofAll = try await site.object(person, "all", nil)
            #expect(try await site.count("one") == everybody - 1)
            #expect(try await site.count("two") == everybody - 1)
            let other = try await site.object(try await site.somebody(after: person), "agreement", "two")
            #expect(try await site.count("two") == everybody - 2)
            for id in [declined, ofAll, other] { try await site.withdraw(id) }
            #expect(try await site.count("one") == everybody)
            #expect(try await site.count("two") == everybody)
        }
    }

    /// The same question has another place in the ledger if, and only if, other people object to it.
    @Test func theLedgerKnowsWhichObjectionsApplied() async throws {
        try await withSite(.duckdb) { site in
            _ = try await site.count("one")
            #expect(try await site.charges() == 1)
            let person = try await site.somebody()
            let unrelated = try await site.object(person, "agreement", "two")
            let declined = try await site.object(person, "all", nil, "declined")
            _ = try await site.count("one")
            #expect(try await site.charges() == 1)
            let first = try await site.object(person, "agreement", "one")
            _ = try await site.count("one")
            #expect(try await site.charges() == 2)
            // One more objection of the same person changes nobody's place.
            let second = try await site.object(person, "all", nil)
            _ = try await site.count("one")
            #expect(try await site.charges() == 2)
            for id in [unrelated, declined, first, second] { try await site.withdraw(id) }
            // Back among those of whom the first answer was made.
            _ = try await site.count("one")
            #expect(try await site.charges() == 2)
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func whoComesLaterIsNotCountedEither(_ warehouse: WarehouseKind) async throws {
        try await withSite(warehouse) { site in
            let everybody = try await site.count("one")
            let (objector, other) = (FHIRText.number(50_001), FHIRText.number(50_002))
            try await site.object(objector, "all", nil)
            #expect(try await site.count("one") == everybody)
            let path = site.root + "/later.ndjson"
            try FHIRText.write(
                [FHIRText.patient("later-1", number: objector), FHIRText.patient("later-2", number: other)],
                to: path)
            _ = try await site.site.ingest([path])
            try await site.site.run(.publish)
            #expect(try await site.count("one") == everybody + 1)
        }
    }

    @Test func theLogSaysWhatWasDecidedAndNotAboutWhom() async throws {
        try await withSite(.duckdb) { site in
            let person = try await site.somebody()
            let log = try LogWatch(site.site)
            let id = try await site.object(person, "purpose", "planning")
            try await site.withdraw(id)
            let records = try log.records
            #expect(records.map { $0.details["act"] } == ["objection-recorded", "objection-withdrawn"])
            #expect(records.map { $0.details["scope"] } == ["purpose planning", "purpose planning"])
            #expect(records.allSatisfy { $0.details["digest"]?.count == 64 })
            #expect(records.allSatisfy { !$0.canonicalJSON.contains(person) })
            // Nor can the person be found by trying out all numbers on a digest that needs no key.
            let digests = Set(records.compactMap { $0.details["digest"] })
            let tried = ["\(person)", "\(id),\(person)", "\(id) \(person) purpose planning"].map {
                Digest(of: Array($0.utf8)).description
            }
            #expect(digests.isDisjoint(with: tried))
        }
    }

    /// What a crash between record and log leaves is logged by the next command about objections.
    @Test func aMissingEntryIsMadeUpFor() async throws {
        try await withSite(.duckdb) { site in
            let person = try #require(NHSNumber(try await site.somebody()))
            let log = try LogWatch(site.site)
            _ = try await site.site.objections.record(person, .all, .upheld, reason: "r", at: .now)
            #expect(try log.records.isEmpty)
            try await site.site.run(.people(.listObjections(reveal: false)))
            #expect(try log.records.map { $0.details["act"] } == ["objection-recorded"])
            try await site.site.run(.people(.listObjections(reveal: true)))
            #expect(
                try log.records.map { $0.details["act"] } == ["objection-recorded", "objections-revealed"])
        }
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let command: PeopleCommand
        let words: String
    }

    static let wrong = [
        Wrong(
            testDescription: "check digit",
            command: .recordObjection(
                number: "9434765918", scope: "all", of: nil, decision: "upheld", reason: "r"),
            words:
                "that is not an NHS number: ten digits of which the last checks the others (modulus 11)"),
        Wrong(
            testDescription: "a real number on a synthetic node",
            command: .recordObjection(
                number: "9434765919", scope: "all", of: nil, decision: "upheld", reason: "r"),
            words: "this node holds synthetic people only: their NHS numbers begin with 999"),
        Wrong(
            testDescription: "unknown agreement",
            command: .recordObjection(
                number: "9990000018", scope: "agreement", of: "none", decision: "upheld", reason: "r"),
            words: "no agreement 'none' is known here; 'concordat agreement list' has them"),
        Wrong(
            testDescription: "no reason",
            command: .recordObjection(
                number: "9990000018", scope: "all", of: nil, decision: "upheld", reason: " "),
            words: "give a reason: the person may ask for it"),
        Wrong(
            testDescription: "unknown person",
            command: .report(number: "9990000018", format: .text, records: false),
            words: "nothing is held here about a person with this NHS number"),
    ]

    @Test func faultsNameTheRemedyAndNoNumber() async throws {
        try await withSite(.duckdb) { site in
            for one in Self.wrong {
                do {
                    try await site.site.run(.people(one.command))
                    Issue.record("\(one.testDescription) was taken")
                } catch let failure as TestFailure {
                    #expect(failure.description == one.words)
                }
            }
            #expect(try await site.site.objections.all() == [])
        }
    }
}

/// A controller that people object at, and who asks it.
struct ObjectionSite: Sendable {
    let site: NodeContext
    let requester: NodeContext
    let root: String

    static let everybody = "SELECT count(*) AS n FROM patient"

    /// Asks, and gives the one number of the answer.
    func count(_ agreement: String, _ sql: String = everybody, purpose: String = "planning") async throws
        -> Int64
    {
        var question = try await QuestionByHand(sql, under: agreement, at: requester)
        question.purpose = purpose
        question.nameReferences(of: requester)
        let result = try await question.ask(site, from: requester).body
        #expect(result.outcome == .answered, "\(result.refusal?.words ?? "")")
        let rows = result.releases.first??.block.aggregates[0].rows[0]
        return try TestFailure.unwrap(rows ?? nil, "nothing was released")
    }

    /// The NHS number of a person who is in the data.
    func somebody(after number: String = "0") async throws -> String {
        let rows = try await site.rows(
            """
            SELECT person FROM snapshot_1.person WHERE nhs_number > \(number) ORDER BY nhs_number LIMIT 1
            """)
        return try TestFailure.unwrap(rows.first, "nobody has a number")[0].text
    }

    /// - Returns: the objection's id.
    @discardableResult
    func object(
        _ number: String, _ scope: String, _ of: String?, _ decision: String = "upheld"
    ) async throws -> Int64 {
        try await site.run(
            .people(.recordObjection(number: number, scope: scope, of: of, decision: decision, reason: "r")))
        return try TestFailure.unwrap(try await site.objections.all().last, "nothing was recorded").id
    }

    func withdraw(_ id: Int64) async throws {
        try await site.run(.people(.withdrawObjection(id: id, reason: "r")))
    }

    /// How many questions were charged: those that the ledger did not answer.
    func charges() async throws -> Int {
        try await site.store.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM release_charge") ?? 0
        }
    }
}
