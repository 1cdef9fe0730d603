import Core
import Exchange
import Store
import TestSupport
import Testing

@testable import Node

/// Sub-totals of one question, as a site answers it, under rules that withhold and show the rest as it is.
struct MarginTests {
    private func counts(
        _ sql: [String], under agreement: String, at site: OrganisationCode, _ federation: NodeFederation
    ) async throws -> [[[Value]: Int64]] {
        let requester = try federation.node(NodeFederation.requester)
        var question = try await QuestionByHand(sql[0], under: agreement, at: requester)
        question.fragments = sql.map { RequestFragment(sql: $0, linked: false) }
        let result = try await question.ask(try federation.node(site), from: requester).body
        try #require(result.outcome == .answered, "\(result.refusal?.words ?? "")")
        return result.releases.map { release in
            guard let block = release?.block else { return [:] }
            return Dictionary(
                uniqueKeysWithValues: block.keys.rows.enumerated().compactMap { row, key in
                    block.aggregates[0].rows[row].map { (key, $0) }
                })
        }
    }

    @Test("a small cell is not the difference of its total and its neighbours")
    func subTotals() async throws {
        try await withTemporaryDirectory { root in
            let site = DoorSuite.first
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(organisation: site, role: .controller),
                ]
            ) { federation in
                for profile in ["none", "acro", "ons-10-5"] {
                    try await federation.agree(
                        .init(
                            id: "as-\(profile)", controllers: [site], profile: profile,
                            gateway: "legalObligation"))
                }
                try await federation.fill([site], patients: 400, seed: 5)
                let sql = [
                    "SELECT ethnic_category, count(*) AS n FROM patient GROUP BY ethnic_category",
                    "SELECT count(*) AS n FROM patient",
                ]
                let truth = try await counts(sql, under: "as-none", at: site, federation)
                let shown = try await counts(sql, under: "as-acro", at: site, federation)
                let total = try #require(truth[1][[]])
                #expect(shown[1][[]] == total)
                #expect(truth[0].values.contains { $0 < 10 }, "no small cell to protect")
                let hidden = truth[0].filter { shown[0][$0.key] == nil }
                #expect(shown[0].allSatisfy { truth[0][$0.key] == $0.value && $0.value >= 10 })
                #expect(hidden.count >= 2 && hidden.values.reduce(0, +) >= 10)
                let rounded = try await counts(sql, under: "as-ons-10-5", at: site, federation)
                #expect(rounded[0] == shown[0].mapValues { ($0 + 2) / 5 * 5 })
            }
        }
    }
}
