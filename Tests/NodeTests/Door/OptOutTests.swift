import Core
import Exchange
import Foundation
import Policy
import Store
import Testing

@testable import Node

extension DoorSuite {
    /// On real data the national data opt-out is honoured: with a fresh list, or not at all.
    @Suite(.serialized) struct OptOutTests {
        private func outcome(_ door: Door) async throws -> QueryResult {
            try await door.question("SELECT sex, count(*) AS n FROM patient GROUP BY sex", under: "planning")
                .ask(door.real, from: door.requester).body
        }

        private func day(_ offset: Int) -> String { Civil.formatDate(Int(Clock.days(Clock.now)) + offset) }

        private func expectStale(
            _ result: QueryResult, sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(result.outcome == .refused, sourceLocation: sourceLocation)
            #expect(
                result.refusal
                    == .init(rule: "opt-out", words: "opt-out list stale (national-data-opt-out)"),
                sourceLocation: sourceLocation)
            #expect(result.releases == [], sourceLocation: sourceLocation)
        }

        @Test func anAnswerNeedsAFreshListInThePublication() async throws {
            let door = try Door()
            let list = "\(door.federation.root)/data/\(DoorSuite.real)/opt-out.dat"
            let scheme = "national-data-opt-out"
            // Absent.
            expectStale(try await outcome(door))
            // Listed eight days ago, published.
            try await door.real.run(.importOptOut(path: list, scheme: scheme, listedAt: day(-8)))
            try await door.real.run(.publish)
            expectStale(try await outcome(door))
            // Fresh, published: those on the list are counted, and nobody else.
            try await door.real.run(.importOptOut(path: list, scheme: scheme, listedAt: day(0)))
            try await door.real.run(.publish)
            let result = try await outcome(door)
            #expect(result.outcome == .answered)
            #expect(result.evidence.optOutLists.map(\.ageDays) == [0])
            let listed = try await door.real.rows(
                "SELECT count(*) FROM snapshot_3.patient WHERE allowed_national_data_opt_out")[0][0]
            let released = result.releases.compactMap { $0?.block.aggregates[0].rows.compactMap(\.self) }
            let total = released.joined().reduce(0, +)
            // Two cells, each rounded to 5 after noise of a few.
            #expect(abs(Double(total) - (listed.number ?? 0)) < 40)
            #expect(total < 290)
        }

        /// A list that came after the publication is not what the publication was frozen with.
        @Test func aListThatIsNotPublishedIsNotUsed() async throws {
            let door = try Door()
            try await NodeHome.with(
                DoorSuite.real, at: "\(door.federation.root)/unpublished", synthetic: false
            ) { site in
                let data = "\(door.federation.root)/data/\(DoorSuite.real)"
                _ = try await site.ingest([data])
                try await site.run(
                    .importOptOut(path: data + "/opt-out.dat", scheme: "national-data-opt-out", listedAt: nil)
                )
                let question = try await door.question(DoorSuite.count, under: "planning")
                let enforcement = Enforcement(
                    context: site, request: try question.request, sender: door.requester.organisation,
                    now: question.issuedAt)
                let permit = Enforcement.Permit(
                    decision: Decision(
                        outcome: .permit, determining: [], reason: "",
                        obligations: Obligations(honour: [.nationalDataOptOut])),
                    policy: try site.policy.current())
                await #expect(throws: SiteRefusal.self) { _ = try await enforcement.frame(permit) }
            }
        }
    }
}
