import Audit
import Core
import Exchange
import Foundation
import GRDB
import Query
import Store
import Testing

@testable import Node

extension AgreementSuite {
    /// Approved once at a controller, released once a period.
    @Suite struct MeasureTests {
        private static let sql =
            "SELECT clinical_status, count(*) AS n FROM condition WHERE onset_date <= :as_at GROUP BY clinical_status"

        private let nodes: AgreementFederation
        private let site: NodeContext
        private let today = CivilDate(days: Int(Clock.days(Clock.now)))

        init() throws {
            nodes = try AgreementFederation()
            site = try nodes.first
        }

        /// The last month that has ended, and those before it.
        private func month(_ back: Int = 0) -> CivilDate {
            (0..<back).reduce(MeasureCadence.month.lastEnd(before: today)) { end, _ in
                MeasureCadence.month.lastEnd(before: end)
            }
        }

        private func agree(_ id: String, more: String = "", version: Int = 1) async throws {
            try await nodes.federation.agree(
                .init(id: id, controllers: [AgreementSuite.first], version: version, more: more))
        }

        private func measure(
            _ name: String, _ sql: String = Self.sql, asAt: CivilDate? = nil, from: CivilDate? = nil,
            every: MeasureCadence = .month
        ) -> RequestMeasure {
            RequestMeasure(name: name, sql: sql, every: every, from: from ?? month(6), asAt: asAt ?? month())
        }

        /// As the requester's node asks for it, unless a test makes something of it false.
        private func ask(
            _ measure: RequestMeasure, under id: String, at site: NodeContext? = nil,
            change: (inout QuestionByHand) -> Void = { _ in }
        ) async throws -> QueryResult {
            let requester = try nodes.requester
            var question = try await QuestionByHand(under: id, at: requester)
            let plan = try? MeasureText.plan(measure, catalog: requester.catalog)
            question.fragments = plan?.fragments.map { RequestFragment(sql: $0.sql, linked: false) } ?? []
            question.measure = measure
            change(&question)
            return try await question.ask(site ?? self.site, from: requester).body
        }

        private func entry(_ name: String) async throws -> [String: String] {
            try TestFailure.unwrap(
                try await nodes.rows(.measure(.list(.theirs)), at: site).last { $0["name"] == name },
                "not listed")
        }

        private func numbers(_ result: QueryResult) -> [Int64?] {
            result.releases.first?.map { $0.block.aggregates[0].rows } ?? []
        }

        @Test func itWaitsIsApprovedOnceAndReleasedOnceAPeriod() async throws {
            try await agree("m-once", more: "releaseCap: 1\npendingReview: 5\n")
            let measure = measure("register")
            for _ in 0..<2 {
                let result = try await ask(measure, under: "m-once")
                #expect(result.outcome == .refused && result.refusal?.rule == "pending-review")
                #expect(result.releases == [])
            }
            #expect(try await entry("register")["state"] == "waiting")
            let log = try LogWatch(site)
            let shown = try await site.run(.measure(.show(.theirs("register"), json: false)))
            #expect(shown.contains(Self.sql) && shown.contains("one release each month"))
            try await site.run(.measure(.approve(name: "QWE:register")))
            #expect(
                try log.records.compactMap { $0.details["act"] } == ["measure-shown", "measure-approved"])

            // No review of each, and no charge: the cap is one, and there are three periods.
            let first = try await ask(measure, under: "m-once")
            #expect(first.outcome == .answered && numbers(first).count > 1)
            for back in 1...2 {
                let other = try await ask(self.measure("register", asAt: month(back)), under: "m-once")
                #expect(other.outcome == .answered, "\(other.refusal?.words ?? "")")
            }
            let number = try #require(try await entry("register")["id"])
            #expect(try log.records.last?.details["measure"] == "approval \(number) as at \(month(2))")

            // Published anew over other people: what was released for the period stands, and says from what.
            let published = try #require(try site.publications.current())
            try await withTemporaryDirectory { folder in
                try FHIRText.write(
                    [FHIRText.patient("m-once", number: FHIRText.number(700))]
                        + (0..<3).map { FHIRText.condition("m-once-\($0)", of: "m-once") },
                    to: folder + "/more.ndjson")
                _ = try await site.ingest([folder])
            }
            try await site.run(.publish)
            let again = try await ask(measure, under: "m-once")
            #expect(again.releases == first.releases)
            #expect(again.evidence.snapshot?.id == String(published.id))
            #expect(again.evidence.obligations.last?.contains("one release a period") == true)
            // A period that was not asked for is of what is there now; an ordinary question is as well.
            let fresh = try await ask(self.measure("register", asAt: month(3)), under: "m-once")
            #expect(fresh.outcome == .answered && fresh.releases != first.releases)
            #expect(fresh.evidence.snapshot?.id != String(published.id))
        }

        struct Wrong: CustomTestStringConvertible {
            let testDescription: String
            let words: String
            let measure: @Sendable (MeasureTests) -> RequestMeasure
            var change: @Sendable (inout QuestionByHand) -> Void = { _ in }
        }

        @Test(arguments: [
            Wrong(
                testDescription: "other fragments than the statement's", words: "not the measure's statement",
                measure: { $0.measure("other") },
                change: {
                    $0.fragments = [
                        RequestFragment(sql: "SELECT count(*) AS n FROM condition", linked: false)
                    ]
                }),
            Wrong(
                testDescription: "another period's fragments", words: "not the measure's statement",
                measure: { $0.measure("shifted") },
                change: { question in
                    question.measure = question.measure.map {
                        RequestMeasure(
                            name: $0.name, sql: $0.sql, every: $0.every, from: $0.from,
                            asAt: $0.every.lastEnd(before: $0.asAt))
                    }
                }),
            Wrong(
                testDescription: "a period that has not ended", words: "has not ended",
                measure: { $0.measure("early", asAt: MeasureCadence.month.end(of: $0.today)) }),
            Wrong(
                testDescription: "a day within a period", words: "no such period",
                measure: { $0.measure("within", asAt: CivilDate(days: $0.month().days - 1)) }),
            Wrong(
                testDescription: "before the first period", words: "no such period",
                measure: { $0.measure("before", asAt: $0.month(3), from: $0.month(1)) }),
            Wrong(
                testDescription: "from before all measures", words: "no measure begins before",
                measure: { $0.measure("ancient", from: CivilDate(days: -40_000)) }),
            Wrong(
                testDescription: "a statement that is none", words: "cannot be planned",
                measure: { $0.measure("broken", "SELECT count(*) FROM nowhere WHERE x <= :as_at") },
                change: {
                    $0.fragments = [RequestFragment(sql: "SELECT count(*) AS n FROM patient", linked: false)]
                }),
            Wrong(
                testDescription: "a name that no table has", words: "no name of a measure",
                measure: { $0.measure("Robert'); --") }),
        ])
        func whatIsNoPeriodOfTheStatementIsRefusedAndNotPutBeforeAnybody(_ c: Wrong) async throws {
            try await agree("m-wrong")
            let measure = c.measure(self)
            let result = try await ask(measure, under: "m-wrong", change: c.change)
            #expect(result.outcome == .refused && result.refusal?.rule == "measure")
            #expect(result.refusal?.words.contains(c.words) == true, "\(result.refusal?.words ?? "")")
            #expect(
                try await nodes.rows(.measure(.list(.theirs)), at: site).allSatisfy {
                    $0["name"] != measure.name
                })
        }

        @Test func theApprovalIsOfThisTextUnderThisVersion() async throws {
            try await agree("m-text")
            let measure = measure("pinned")
            _ = try await ask(measure, under: "m-text")
            try await site.run(.measure(.approve(name: "pinned")))
            #expect(try await ask(measure, under: "m-text").outcome == .answered)
            // Under the one name there are several from here on: what is decided is what was looked at, by its number.
            // Another text, cadence or purpose under the same name waits for a person again.
            let other = self.measure("pinned", Self.sql.replacing("<=", with: "<"))
            #expect(try await ask(other, under: "m-text").refusal?.rule == "pending-review")
            await #expect(throws: TestFailure.self) {
                try await site.run(.measure(.approve(name: "pinned")))
            }
            let weekly = self.measure(
                "pinned", asAt: MeasureCadence.week.lastEnd(before: today), every: .week)
            #expect(try await ask(weekly, under: "m-text").refusal?.rule == "pending-review")
            // So does the same text under the next version of the agreement.
            try await agree("m-text", version: 2)
            #expect(try await ask(measure, under: "m-text").refusal?.rule == "pending-review")
        }

        @Test func whatIsDeclinedOrTakenBackIsNotReleased() async throws {
            try await agree("m-declined")
            let measure = measure("unwanted")
            _ = try await ask(measure, under: "m-declined")
            try await site.run(.measure(.decline(name: "unwanted", reason: "too fine a grain")))
            let declined = try await ask(measure, under: "m-declined")
            #expect(declined.refusal?.rule == "review-declined" && declined.releases == [])
            #expect(declined.refusal?.words.contains("grain") == false)
            try await site.run(.measure(.approve(name: "unwanted")))
            #expect(try await ask(measure, under: "m-declined").outcome == .answered)
            try await site.run(.measure(.decline(name: "unwanted", reason: "no longer")))
            #expect(try await ask(measure, under: "m-declined").refusal?.rule == "review-declined")
            await #expect(throws: TestFailure.self) {
                try await site.run(.measure(.decline(name: "unwanted", reason: "again")))
            }
            await #expect(throws: TestFailure.self) {
                try await site.run(.measure(.approve(name: "nobody's")))
            }
        }

        /// As `create` does it: before the first period has ended, too, and nothing is run.
        @Test func aDryRunPutsItBeforeThem() async throws {
            try await agree("m-dry")
            let first = measure("to_come", asAt: MeasureCadence.month.end(of: today), from: today)
            let result = try await ask(first, under: "m-dry") { $0.isDryRun = true }
            #expect(result.refusal?.rule == "pending-review")
            try await site.run(.measure(.approve(name: "to_come")))
            #expect(try await ask(first, under: "m-dry") { $0.isDryRun = true }.outcome == .planned)
            #expect(try await ask(first, under: "m-dry").refusal?.rule == "measure")
        }

        /// Two spellings that Unicode calls equal are two codes: the approved text is what runs, byte by byte.
        @Test func anEqualLookingFragmentIsAnother() async throws {
            try await agree("m-bytes")
            let measure = self.measure(
                "bytes", "SELECT count(*) AS n FROM condition WHERE code <> 'K50' AND onset_date <= :as_at")
            let result = try await ask(measure, under: "m-bytes") { question in
                question.fragments = question.fragments.map {
                    RequestFragment(sql: $0.sql.replacing("K50", with: "\u{212A}50"), linked: false)
                }
                #expect(question.fragments.allSatisfy { $0.sql.contains("\u{212A}") })
            }
            #expect(result.refusal?.rule == "measure")
        }

        /// One release of the same text for the same day, whatever it is called and whoever's version it stands under.
        @Test func theSamePeriodIsNotReleasedTwiceUnderOtherNames() async throws {
            try await agree("m-same")
            func approved(_ measure: RequestMeasure) async throws -> QueryResult {
                _ = try await ask(measure, under: "m-same")
                try await site.run(.measure(.approve(name: try await entry(measure.name)["id"] ?? "")))
                return try await ask(measure, under: "m-same")
            }
            let first = try await approved(measure("same_one"))
            try await withTemporaryDirectory { folder in
                try FHIRText.write(
                    [FHIRText.patient("m-same", number: FHIRText.number(701))]
                        + (0..<3).map { FHIRText.condition("m-same-\($0)", of: "m-same") },
                    to: folder + "/more.ndjson")
                _ = try await site.ingest([folder])
            }
            try await site.run(.publish)
            let second = try await approved(measure("same_two", from: month(2)))
            #expect(first.outcome == .answered && second.releases == first.releases)
            #expect(second.evidence.snapshot == first.evidence.snapshot)
            try await agree("m-same", version: 2)
            let third = try await approved(measure("same_one"))
            #expect(third.releases == first.releases)
        }

        /// What is released for a period is of data that were published after its end.
        @Test func aPeriodWaitsForAPublicationAfterItsEnd() async throws {
            try await agree("m-late")
            let yesterday = CivilDate(days: today.days - 1)
            let daily = measure("daily", asAt: yesterday, from: yesterday, every: .day)
            _ = try await ask(daily, under: "m-late")
            try await site.run(.measure(.approve(name: "daily")))
            var publication = try #require(try site.publications.current())
            let old = Publication(
                id: publication.id + 1_000, publishedAt: Int64(today.days) * 86_400_000 - 1,
                rows: publication.rows, people: publication.people, lists: publication.lists)
            try site.publications.record(old)
            let early = try await ask(daily, under: "m-late")
            #expect(early.refusal?.rule == "publication", "\(early.refusal?.words ?? "")")
            try await site.run(.publish)
            publication = try #require(try site.publications.current())
            #expect(publication.id > old.id)
            #expect(try await ask(daily, under: "m-late").outcome == .answered)
        }

        /// Approved was a question about this list; with another list of the name a person looks again.
        @Test func anotherVersionOfACodelistWaitsAgain() async throws {
            try await agree("m-list")
            let listed = measure(
                "listed",
                "SELECT count(*) AS n FROM condition WHERE in_codelist(code, 'diabetes') AND onset_date <= :as_at"
            )
            func answer() async throws -> QueryResult {
                let requester = try nodes.requester
                return try await ask(listed, under: "m-list") { $0.nameReferences(of: requester) }
            }
            _ = try await answer()
            try await site.run(.measure(.approve(name: "listed")))
            #expect(try await answer().outcome == .answered)
            let place = MeasureApprovals.Place(
                requester: NodeFederation.requester.text, agreement: "m-list", version: 1)
            let planning = try #require(Purpose("planning"))
            var then = try #require(
                try site.measureApprovals.find(.init(measure: listed, purpose: planning), place))
            #expect(then.proposal.tables.keys.contains { $0.contains("diabetes") })
            // As if it had been approved when the list was another.
            try await site.measureApprovals.reopen(
                then.id,
                as: .init(
                    measure: listed, purpose: then.proposal.purpose, tables: ["codelist.diabetes": "00"]))
            try await site.run(.measure(.approve(name: "listed")))
            let log = try LogWatch(site)
            #expect(try await answer().refusal?.rule == "pending-review")
            #expect(try log.records.compactMap { $0.details["act"] } == ["measure-reopened"])
            then = try #require(try site.measureApprovals.find(then.proposal, place))
            #expect(then.state == .waiting && then.proposal.tables.values.allSatisfy { $0 != "00" })
        }

        @Test func tooManyPeriodsAreNotPutBeforeAnybody() async throws {
            try await agree("m-many")
            let many = measure(
                "many", asAt: CivilDate(days: today.days - 1),
                from: CivilDate(days: today.days - Measure.mostEnded - 1), every: .day)
            let result = try await ask(many, under: "m-many")
            #expect(
                result.refusal?.rule == "measure"
                    && result.refusal?.words.contains("periods have ended") == true)
            #expect(
                try await nodes.rows(.measure(.list(.theirs)), at: site).allSatisfy { $0["name"] != "many" })
        }

        @Test func policyStillDecides() async throws {
            try await agree("m-policy")
            let measure = measure("halted")
            _ = try await ask(measure, under: "m-policy")
            try await site.run(.measure(.approve(name: "halted")))
            let other = try await ask(measure, under: "m-policy") { $0.purpose = "research" }
            #expect(other.outcome == .refused && other.refusal?.rule != "pending-review")
            try await site.run(.agreement(.suspend(id: "m-policy", reason: "for the test")))
            #expect(try await ask(measure, under: "m-policy").outcome == .refused)
        }

        @Test func oneRequesterCannotFillTheList() async throws {
            try await agree("m-full")
            let place = MeasureApprovals.Place(requester: "QRL", agreement: "m-full", version: 1)
            func propose(_ name: String) async throws -> Int64? {
                try await site.measureApprovals.propose(
                    .init(measure: measure(name), purpose: try #require(Purpose("planning"))), place, at: 0)
            }
            for number in 0..<MeasureApprovals.mostWaiting { #expect(try await propose("m\(number)") != nil) }
            #expect(try await propose("one_more") == nil)
            // Another requester's are not in the way.
            #expect(try await ask(measure("ours"), under: "m-full").refusal?.words.contains("once") == true)
        }

        @Test func theStatementIsSealedInTheStore() async throws {
            try await agree("m-sealed")
            _ = try await ask(measure("sealed"), under: "m-sealed")
            let sealed = try await site.store.read { db in
                try Data.fetchAll(db, sql: "SELECT sealed FROM measure_approval")
            }
            #expect(!sealed.isEmpty)
            #expect(sealed.allSatisfy { !String(decoding: $0, as: UTF8.self).contains("onset_date") })
        }
    }
}
