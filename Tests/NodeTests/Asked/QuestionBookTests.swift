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
    /// What a controller keeps of the questions that it was asked.
    @Suite struct QuestionBookTests {
        private static let bySex = "SELECT sex, count(*) AS n FROM patient GROUP BY sex"

        private func agreed(_ id: String, _ more: String = "") async throws -> AgreementFederation {
            let nodes = try AgreementFederation()
            let site = try nodes.second
            if try await nodes.rows(.consent(.listOptOuts), at: site).isEmpty {
                let people = try await site.rows(
                    "SELECT person FROM \(try #require(try site.publications.current()).schema).person")
                let path = nodes.federation.root + "/everybody.dat"
                try people.map { "\($0[0].text),\n" }.joined().write(
                    toFile: path, atomically: true, encoding: .utf8)
                try await site.run(
                    .importOptOut(path: path, scheme: "national-data-opt-out", listedAt: nil))
                _ = try await site.run(.publish)
            }
            try await nodes.federation.agree(
                .init(id: id, controllers: [AgreementSuite.second], profile: "concordat", more: more))
            return nodes
        }

        private func page(_ search: AskedSearch, at node: NodeContext) async throws -> AskedPage {
            try ScriptJSON.decode(AskedPage.self, from: try await node.run(.inquire(.asked(search))))
        }

        @Test func aQuestionIsKeptWithItsTextItsEnglishAndWhatLeft() async throws {
            let nodes = try await agreed("b-kept")
            let site = try nodes.second
            let result = try await nodes.ask(Self.bySex, under: "b-kept", at: site)
            #expect(result.outcome == .answered)
            let page = try await page(AskedSearch(agreement: "b-kept"), at: site)
            let question = try #require(page.items.first)
            #expect(page.items.count == 1 && page.next == nil && page.keptSince != nil)
            #expect(question.outcome == .answered && question.requester == "QWE")
            #expect(question.agreementTitle == "For the tests")
            #expect(question.purposeTitle == "Planning and management of health and care services")
            let part = question.parts[0]
            #expect(part.sql.contains("GROUP BY"))
            #expect(part.words?.hasPrefix("How many records, for each sex of patient.") == true)
            let left = try #require(part.left)
            #expect(left.columns == ["sex", "n"] && left.groupColumns == 1)
            // What the requester got is what is shown, and no number more.
            let released = try #require(result.releases.first??.block)
            #expect(left.rows.count == released.keys.rowCount)
            #expect(
                left.rows.map { $0[1] }
                    == released.aggregates[0].rows.map { $0.map(String.init) ?? "withheld" })
            let exact = try await site.rows(
                "SELECT sex FROM \(try #require(try site.publications.current()).schema).patient GROUP BY sex"
            )
            #expect(left.groups == exact.count)
            #expect(question.numbersWithheld == exact.count - question.numbersShown)
            // The entry that it names is the log's, of this very question.
            let entry = try JSONTree.parse(
                try await site.run(.inquire(.logEntry(question.entry))).utf8)
            let details = entry["details"]?.elements.map { [$0["name"]?.text, $0["value"]?.text] }
            #expect(details?.contains(["agreement", "b-kept"]) == true)
            #expect(details?.contains(["decision", question.decision]) == true)
        }

        @Test func theSameQuestionAgainHasTheSameNumbersAndRefusalsHaveTheirReason() async throws {
            let nodes = try await agreed("b-again", "pendingReview: 1")
            let site = try nodes.second
            _ = try await nodes.ask(Self.bySex, under: "b-again", at: site)
            let page = try await page(AskedSearch(agreement: "b-again", outcome: .waiting), at: site)
            let waiting = try #require(page.items.first)
            #expect(page.items.count == 1 && waiting.parts[0].left == nil && waiting.rule == "pending-review")
            let listed = try await nodes.rows(.review(.list), at: site)
            let number = try #require(
                listed.last { $0["agreement"] == "b-again" }?["id"].flatMap { Int64($0) })
            try await site.run(.review(.approve(id: number)))
            for _ in 0..<2 { _ = try await nodes.ask(Self.bySex, under: "b-again", at: site) }
            let answered = try await self.page(
                AskedSearch(agreement: "b-again", outcome: .answered), at: site
            ).items
            let last = try #require(answered.last)
            #expect(answered.count == 2 && answered[0].parts == last.parts && last.numbersWithheld != nil)
            _ = try await nodes.ask("SELECT nonsense FROM patient", under: "b-again", at: site)
            let refused = try await self.page(AskedSearch(agreement: "b-again", outcome: .refused), at: site)
                .items
            let nonsense = try #require(refused.first)
            #expect(refused.count == 1 && nonsense.parts[0].words == nil && nonsense.reason != nil)
            #expect(nonsense.parts[0].sql == "SELECT nonsense FROM patient")
        }

        @Test func questionsAreFoundByAnyWordAndReadPageByPage() async throws {
            let nodes = try await agreed("b-found")
            let site = try nodes.second
            for name in ["condition", "procedure", "encounter"] {
                _ = try await nodes.ask("SELECT count(*) AS n FROM \(name)", under: "b-found", at: site)
            }
            func found(_ words: String) async throws -> [String] {
                try await page(AskedSearch(words: words, agreement: "b-found"), at: site).items.map {
                    $0.parts[0].sql
                }
            }
            #expect(try await found("PROCEDURE").count == 1)
            #expect(try await found("how many records for the tests").count == 3)
            #expect(try await found("condition procedure").isEmpty)
            #expect(try await found("planning").count == 3)
            var (seen, before): ([Int], Int?) = ([], nil)
            repeat {
                let page = try await page(
                    AskedSearch(agreement: "b-found", before: before, limit: 2), at: site)
                seen += page.items.map(\.entry)
                before = page.next
            } while before != nil
            #expect(seen.count == 3 && seen == seen.sorted(by: >))
            let today = Int(Clock.days(Clock.now))
            let tomorrow = AskedSearch(agreement: "b-found", from: today + 1)
            #expect(try await page(tomorrow, at: site).items.isEmpty)
            #expect(
                try await page(AskedSearch(agreement: "b-found", from: today, until: today), at: site).items
                    .count
                    == 3)
        }

        @Test func anExportIsWrittenDownAndHarmlessInASpreadsheet() async throws {
            let nodes = try await agreed("b-export")
            let site = try nodes.second
            _ = try await nodes.ask(Self.bySex, under: "b-export", at: site)
            // As a requester of another make might send it: no site can read it.
            _ = try await nodes.ask("=cmd()\n, \"x\"", under: "b-export", at: site)
            let log = try LogWatch(site)
            let search = AskedSearch(agreement: "b-export")
            let csv = try await site.run(.inquire(.askedExport(search, .csv)))
            let lines = csv.components(separatedBy: "\r\n")
            #expect(lines[0].hasPrefix("log_entry,asked_at,requester,"))
            #expect(lines.count == 4 && lines.last == "")
            #expect(csv.contains("\"'=cmd()\n, \"\"x\"\"\""))
            let json = try JSONTree.parse(try await site.run(.inquire(.askedExport(search, .json))).utf8)
            #expect(json.elements.count == 2)
            let acts = try log.records
            #expect(acts.map { $0.details["act"] } == ["questions-exported", "questions-exported"])
            #expect(acts.map { $0.details["questions"] } == ["2", "2"])
        }

        /// Neither the question nor its answer can be read from the store's file.
        @Test func whatIsKeptIsSealedAndTheLogHasNoText() async throws {
            let nodes = try await agreed("b-sealed")
            let site = try nodes.second
            let log = try LogWatch(site)
            _ = try await nodes.ask(
                "SELECT count(*) AS n FROM condition WHERE code = 'a-rare-code'", under: "b-sealed", at: site)
            let sealed = try await site.store.read { db in
                try Data.fetchAll(db, sql: "SELECT sealed FROM asked_question WHERE agreement = 'b-sealed'")
            }
            #expect(sealed.count == 1)
            #expect(sealed.allSatisfy { !String(decoding: $0, as: UTF8.self).contains("rare") })
            #expect(try log.records.allSatisfy { !$0.canonicalJSON.contains("rare") })
        }

        @Test func questionsAreForGovernanceAlone() async throws {
            let site = try AgreementFederation().second
            let search = Inquiry.asked(AskedSearch())
            for (role, may) in [
                (UserRole.governanceLead, true), (.operator, true), (.analyst, false), (.auditor, false),
            ] {
                let user = NodeUser(
                    name: "somebody", roles: [role], isHeld: false, lockedUntil: nil, failures: 0)
                let reply = await CommandRunner(context: site, isServing: false, user: user).run(
                    .inquire(search)
                ) { _, _, _, _ in }
                if case .document = reply {
                    #expect(may, "\(role)")
                } else {
                    #expect(!may, "\(role): \(reply)")
                }
            }
        }
    }
}
