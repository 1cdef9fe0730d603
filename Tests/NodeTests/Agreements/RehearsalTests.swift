import Audit
import Core
import Exchange
import Foundation
import GRDB
import Policy
import Store
import Testing

@testable import Node

extension AgreementSuite {
    /// What a controller sees before it signs.
    @Suite struct RehearsalTests {
        private static let bySex = "SELECT sex, count(*) AS n FROM patient GROUP BY sex ORDER BY sex"
        private static let byArea = "SELECT lsoa, count(*) AS n FROM patient GROUP BY lsoa"

        private func draft(
            _ nodes: AgreementFederation, _ controller: OrganisationCode = AgreementSuite.first,
            profile: String = "concordat", more: String = ""
        ) throws -> AgreementSource {
            .text(
                try nodes.federation.yaml(
                    .init(id: "new", controllers: [controller], profile: profile, more: more)))
        }

        private func report(
            _ source: AgreementSource, at node: NodeContext, _ queries: [String] = [], recent: Int = 0
        ) async throws -> RehearsalReport {
            let text = try await node.run(
                .agreement(.rehearse(source, queries: queries, recent: recent, json: true)))
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(RehearsalReport.self, from: Data(text.utf8))
        }

        @Test func whatWouldLeaveIsWhatLeaves() async throws {
            let nodes = try AgreementFederation()
            let first = try nodes.first
            let more = "examples: ['\(Self.bySex)']"
            let rehearsed = try await report(
                try draft(nodes, profile: "none", more: more), at: first, [Self.byArea])
            #expect(rehearsed.questions.map(\.origin) == ["example", "given"])
            #expect(rehearsed.questions.allSatisfy { $0.rule == nil })
            // Then it is signed, and asked: the same numbers.
            try await nodes.federation.agree(
                .init(id: "new", controllers: [AgreementSuite.first], more: more))
            let answer = try await nodes.ask(
                "SELECT sex, count(*) AS n FROM patient GROUP BY sex", under: "new", at: first)
            let block = try #require(answer.releases[0]?.block)
            let left = (0..<block.keys.rowCount).map { row in
                block.keys.row(row).map(\.text) + ["\(block.aggregates[0].rows[row] ?? -1)"]
            }
            #expect(Set(rehearsed.questions[0].tables[0].rows) == Set(left))
            #expect(rehearsed.questions[0].tables[0].cellsWithheld == 0)
        }

        @Test func nothingIsRecordedChargedOrSent() async throws {
            let nodes = try AgreementFederation()
            let first = try nodes.first
            func rows() async throws -> [Int] {
                try await first.store.read { db in
                    try ["release_charge", "release_ledger", "release_review", "recent_question"].map {
                        try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? -1
                    }
                }
            }
            let before = try await rows()
            let log = try LogWatch(first)
            _ = try await report(
                try draft(nodes, profile: "none", more: "pendingReview: 1\nreleaseCap: 1"), at: first,
                [Self.bySex, Self.byArea])
            #expect(try await rows() == before)
            let records = try log.records
            #expect(records.map(\.kind) == [.administration])
            #expect(records[0].details["act"] == "rehearsal")
            #expect(records[0].details["questions"] == "2" && records[0].details["permitted"] == "2")
            #expect(records[0].canonicalJSON.contains("SELECT") == false)
        }

        @Test func refusalsConditionsAndWithheldNumbersAreShown() async throws {
            let nodes = try AgreementFederation()
            let first = try nodes.real
            let people = try await first.rows(
                "SELECT person FROM \(try #require(try first.publications.current()).schema).person ORDER BY person"
            )
            // Everybody but forty has not opted out.
            let list = people.dropFirst(40).map { "\($0[0].text),\n" }.joined()
            let path = nodes.federation.root + "/allowed.dat"
            try list.write(toFile: path, atomically: true, encoding: .utf8)
            let source = try draft(nodes, AgreementSuite.real)
            let stale = try await report(source, at: first, [Self.bySex])
            #expect(stale.questions[0].rule == "opt-out")
            #expect(stale.questions[0].reason == "opt-out list stale (national-data-opt-out)")
            try await first.run(
                .importOptOut(path: path, scheme: "national-data-opt-out", listedAt: nil))
            _ = try await first.run(.publish)
            let report = try await report(
                source, at: first,
                [
                    Self.byArea, "SELECT count(*) FROM patient WHERE birth_date = DATE '1950-04-01'",
                    "SELECT count(*) FROM nowhere",
                ])
            let area = report.questions[0]
            #expect(area.rule == nil && area.profile == "concordat" && area.minimumPeople == 10)
            #expect(area.tables[0].cellsWithheld > 0)
            #expect(area.tables[0].rows.count + area.tables[0].cellsWithheld == area.tables[0].cells)
            #expect(area.optOuts.map(\.scheme) == ["national-data-opt-out"])
            #expect(area.optOuts.map(\.peopleLeftOut) == ["about 40"])
            let honoured = area.conditions.first { $0.words.contains("national-data-opt-out") }
            #expect(honoured?.from.contains("gateway s251Reg5") == true)
            #expect(report.questions[1].rule != nil && report.questions[2].rule == "statement")
            let text = try await first.run(
                .agreement(.rehearse(source, queries: [Self.byArea], recent: 0, json: false)))
            #expect(text.contains("what would leave:") && text.contains("withheld: "))
        }

        /// Questions of that kind that were asked under other agreements, kept sealed.
        @Test func recentQuestionsOfThatKind() async throws {
            let nodes = try AgreementFederation()
            let first = try nodes.first
            try await nodes.federation.agree(.init(id: "older", controllers: [AgreementSuite.first]))
            for sql in [
                DoorSuite.count, "SELECT sex, count(*) AS n FROM patient GROUP BY sex", DoorSuite.count,
            ] {
                #expect(try await nodes.ask(sql, under: "older", at: first).outcome == .answered)
            }
            // What is outside the law is not kept.
            _ = try await nodes.ask("SELECT person FROM patient", under: "older", at: first)
            let source = try draft(nodes, profile: "none")
            let report = try await report(source, at: first, recent: 2)
            #expect(report.questions.map(\.origin) == ["asked under older", "asked under older"])
            #expect(report.questions[0].sql == [DoorSuite.count])
            let sealed = try await first.store.read { db in
                try Data.fetchAll(db, sql: "SELECT sealed FROM recent_question WHERE agreement = 'older'")
            }
            #expect(sealed.count == 2)
            #expect(sealed.allSatisfy { !String(decoding: $0, as: UTF8.self).contains("SELECT") })
            await #expect(throws: TestFailure.self) {
                try await first.run(
                    .agreement(.rehearse(source, queries: [], recent: 0, json: false)))
            }
        }

        /// Half signed: it permits nothing, and can be rehearsed by its name.
        @Test func anAgreementInNobodysForceIsRehearsedByItsName() async throws {
            let nodes = try AgreementFederation()
            let (first, requester) = (try nodes.first, try nodes.requester)
            let both = [AgreementSuite.first, AgreementSuite.second]
            let draft = try await requester.run(
                .draftAgreement(
                    yaml: try nodes.federation.yaml(
                        .init(id: "half", controllers: both, linker: NodeFederation.linker))))
            let signed = try await requester.run(.signAgreement(document: draft))
            for node in [first, requester] { try await node.run(.importAgreement(document: signed)) }
            #expect(try await nodes.listed("half", at: first)["state"] == "partly signed")
            let refusal = try await nodes.ask(under: "half", at: first).refusal
            #expect(
                refusal?.words
                    == "for RJ1 the agreement is partly signed, and only one in force permits anything")
            let rehearsed = try await report(
                .known(id: "half", version: nil), at: first,
                [DoorSuite.count, "SELECT count(DISTINCT person) FROM patient"])
            #expect(rehearsed.questions.map(\.rule) == [nil, nil])
            #expect(rehearsed.questions.map(\.toLinker) == [nil, "X26"])
            #expect(rehearsed.questions[1].tables[0].rows.count == 1)
        }

        @Test func onlyAControllerOfItRehearses() async throws {
            let nodes = try AgreementFederation()
            let source = try draft(nodes)
            for node in [try nodes.second, try nodes.requester] {
                await #expect(throws: TestFailure.self) {
                    try await node.run(
                        .agreement(
                            .rehearse(source, queries: [DoorSuite.count], recent: 0, json: true)))
                }
            }
        }
    }
}
