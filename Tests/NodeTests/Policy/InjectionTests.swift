import Core
import Exchange
import Foundation
import Policy
import Query
import Store
import Testing

@testable import Node

extension DoorSuite {
    /// Random legal questions, and the same with one column more at a random place: the site's decision names it.
    @Suite struct InjectionTests {
        /// Not named by the agreement here.
        private static let kept = "ethnic_category"

        /// The same agreement without that column.
        private func narrow(_ live: LiveAgreement) throws -> AgreementRecord {
            let json = try JSONSerialization.jsonObject(with: try live.body.canonicalJSON())
            var fields = try #require(json as? [String: Any])
            var datasets = try #require(fields["datasets"] as? [String: Any])
            datasets["patient"] = [
                "person", "birth_date", "sex", "lsoa", "practice", "deceased", "deceased_date",
            ]
            fields["datasets"] = datasets
            let changed = try JSONDecoder().decode(
                Agreement.self, from: try JSONSerialization.data(withJSONObject: fields))
            return AgreementRecord(agreement: changed, signers: changed.parties)
        }

        /// Puts a use of the column somewhere into the statement.
        private func inject(_ sql: String, using random: inout SeededGenerator) -> String? {
            let person = sql.contains("FROM condition c") ? "c.person" : "p.person"
            let places = sql.ranges(
                of: ["WHERE ", " FROM patient p", "count(*)", " GROUP BY "].randomElement(using: &random)!)
            guard let place = places.randomElement(using: &random) else { return nil }
            let isInner =
                sql[..<place.lowerBound].count { $0 == "(" } > sql[..<place.lowerBound].count { $0 == ")" }
            // Within a sub-query only the outer people's alias `p`, or none, is sure to be there.
            let test =
                "EXISTS (SELECT 1 FROM patient z WHERE z.person = \(isInner ? "x.person" : person) AND z.\(Self.kept) = 'Y')"
            switch sql[place] {
            case "WHERE ": return sql.replacingCharacters(in: place, with: "WHERE \(test) AND ")
            case " FROM patient p":
                let source = [
                    "(SELECT * FROM patient WHERE \(Self.kept) = 'Y') p",
                    "(SELECT q.* FROM patient q WHERE NOT lower(q.\"\(Self.kept)\") = 'y') AS p",
                    "(SELECT q.* FROM patient q JOIN patient r USING (person) WHERE r.\(Self.kept) IS NULL) p",
                ].randomElement(using: &random)!
                return sql.replacingCharacters(in: place, with: " FROM \(source)")
            case "count(*)":
                guard !sql[place.upperBound...].hasPrefix(" FILTER") else { return nil }
                return sql.replacingCharacters(in: place, with: "count(*) FILTER (WHERE \(test))")
            default:
                guard sql.contains("patient p"), !isInner else { return nil }
                return sql.replacingCharacters(in: place, with: " GROUP BY p.\(Self.kept), ")
            }
        }

        @Test(arguments: [5, 2_026, 31_337] as [UInt64])
        func anInjectedColumnIsNamedByTheDecision(_ seed: UInt64) async throws {
            let door = try Door()
            var random = SeededGenerator(seed: seed)
            let now = WireInstant(milliseconds: Clock.now)
            let live = try #require(try await door.first.agreement("linked", at: now))
            let agreement = LiveAgreement(record: try narrow(live), digest: live.digest)
            var (injected, beyondLaw) = (0, 0)
            for _ in 0..<200 {
                let sql = RandomFragment.sql(using: &random)
                guard !sql.contains(Self.kept) else { continue }
                #expect(try await decision(sql, agreement, door, now) == nil, "seed \(seed): \(sql)")
                guard let changed = inject(sql, using: &random) else { continue }
                let refusal = try await decision(changed, agreement, door, now)
                #expect(refusal != nil, "seed \(seed): \(changed)")
                guard let refusal, refusal.rule != "law" else {
                    beyondLaw += 1
                    continue
                }
                #expect(
                    refusal.words.contains("patient.\(Self.kept)"),
                    "seed \(seed): \(refusal.words) in \(changed)")
                injected += 1
            }
            #expect(
                injected > 30 && beyondLaw < injected,
                "seed \(seed): \(injected) tried, \(beyondLaw) beyond the law")
        }

        /// - Returns: nil if it is permitted.
        private func decision(
            _ sql: String, _ agreement: LiveAgreement, _ door: Door, _ now: WireInstant
        ) async throws -> SiteRefusal? {
            let question = try await door.question(sql)
            let enforcement = Enforcement(
                context: door.first, request: try question.request, sender: NodeFederation.requester, now: now
            )
            do {
                _ = try enforcement.decide(try enforcement.replan(), under: agreement)
                return nil
            } catch let refusal as SiteRefusal {
                return refusal
            }
        }
    }
}
