import Audit
import Core
import Exchange
import Foundation
import Policy
import Store
import TestSupport
import Testing

@testable import Node

/// A study that rests on explicit consent, at two controllers: who consented is counted, and nobody else.
@Suite(.serialized, .postgreSQLCluster)
struct StudyConsentTests {
    static let research = """
        @id("tests-research") permit (principal, action in [Action::"aggregate", Action::"link"], resource)
        when { context has purpose && context.purpose in Purpose::"research" && context.isSynthetic };
        """

    private func with(
        _ kind: WarehouseKind, _ body: (StudySites) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { root in
            let sites = [DoorSuite.first, DoorSuite.second]
            try await NodeFederation.with(
                root: root,
                members: [.init(organisation: NodeFederation.requester, role: .requester)]
                    + sites.map {
                        .init(organisation: $0, role: .controller, warehouse: kind, policies: Self.research)
                    }
            ) { federation in
                func agree(_ id: String, purpose: String, gateway: String, study: String? = nil) async throws
                {
                    try await federation.agree(
                        .init(
                            id: id, controllers: sites, purpose: purpose, gateway: gateway, study: study))
                }
                try await agree(
                    "heart", purpose: "health-research", gateway: "explicitConsent", study: "heart-study")
                try await agree("lung", purpose: "health-research", gateway: "explicitConsent")
                try await agree("planning", purpose: "planning", gateway: "s251Reg5")
                try await agree("duty", purpose: "planning", gateway: "legalObligation")
                try await federation.fill(sites, patients: 160, seed: 21)
                try await body(
                    StudySites(
                        federation: federation, sites: try sites.map { try federation.node($0) }, root: root))
            }
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func onlyWhoConsentedIsCounted(_ kind: WarehouseKind) async throws {
        try await with(kind) { sites in
            for site in sites.sites {
                let result = try await sites.ask("heart", at: site)
                #expect(
                    result.refusal
                        == .init(
                            rule: "consent", words: "no consent to this study is recorded at the controller"))
            }
            // Two thirds consent, to this study and to no other.
            var consenting = try await sites.people { !$0.isMultiple(of: 3) }
            try await sites.list("heart-study", consenting, "2025-01-02,")
            try await sites.expect("heart", consenting)
            #expect(try await sites.ask("lung", at: sites.sites[0]).refusal?.rule == "consent")

            // One withdraws: at the next question.
            let withdrawn = consenting.removeFirst()
            try await sites.list("heart-study", [withdrawn], "2025-01-02,2025-03-04")
            try await sites.expect("heart", consenting)
            // An older consent that comes late does not bring them back; a newer one does.
            try await sites.list("heart-study", [withdrawn], "2025-02-01,")
            try await sites.expect("heart", consenting)
            try await sites.list("heart-study", [withdrawn], "2025-05-06,")
            try await sites.expect("heart", consenting + [withdrawn])
            try await sites.list("heart-study", [withdrawn], "2025-05-06,yes")
            try await sites.expect("heart", consenting)
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func fhirConsentsPermitAndDeny(_ kind: WarehouseKind) async throws {
        try await with(kind) { sites in
            let everybody = try await sites.people { _ in true }
            var consenting = try await sites.people { $0.isMultiple(of: 2) }
            let others = everybody.filter { !consenting.contains($0) }
            try await sites.list("heart-study", consenting, "2025-01-02,")
            // One who is listed denies research; one who is not permits it, one in general only; one opts out of all.
            try await sites.take([
                consenting[0]: (base: "OPTIN", rules: [("deny", "HRESCH")]),
                others[0]: (base: "OPTOUT", rules: [("permit", "HRESCH")]),
                others[1]: (base: "OPTIN", rules: []), others[2]: (base: "OPTOUT", rules: []),
            ])
            // Not before they are published.
            try await sites.expect("heart", consenting)
            for site in sites.sites { try await site.run(.publish) }
            let denying = consenting.removeFirst()
            try await sites.expect("heart", consenting + [others[0]])
            // Under another gateway a dissent from this purpose counts: whoever denies it is out.
            try await sites.expect(
                "planning", everybody.filter { $0 != others[0] && $0 != others[2] }, isRequired: false)
            #expect(everybody.contains(denying))
            // Where the law compels nobody is asked.
            try await sites.expect("duty", everybody, isRequired: nil)
        }
    }

    /// The same question has the same place in the ledger as long as the same people consent.
    @Test func theLedgerKnowsWhoseConsentsApplied() async throws {
        try await with(.duckdb) { sites in
            let site = sites.sites[0]
            let consenting = try await sites.people { $0.isMultiple(of: 2) }
            try await sites.list("heart-study", consenting, "2025-01-02,")
            _ = try await sites.ask("heart", at: site)
            let before = try await sites.tables(site)
            #expect(before.count == 1)
            _ = try await sites.ask("heart", at: site)
            try await sites.list("heart-study", consenting, "2025-01-02,")
            try await sites.list("another", consenting, "2025-01-02,")
            _ = try await sites.ask("heart", at: site)
            #expect(try await sites.tables(site) == before)
            let own = Set(try await site.rows("SELECT person FROM live.person").map { $0[0].text })
            let withdrawn = consenting.filter(own.contains).prefix(1)
            try await sites.list("heart-study", Array(withdrawn), "2025-01-02,yes")
            _ = try await sites.ask("heart", at: site)
            #expect(try await sites.tables(site).count == 2)
        }
    }

    @Test func whatIsWrongWithAListIsSaidWithoutNumbers() async throws {
        try await with(.duckdb) { sites in
            let path = sites.root + "/wrong.csv"
            let person = try await sites.people { _ in true }[0]
            try IngestSite.write("\(person),2025-01-02,\n9434765919,2025-01-02,\n", to: path)
            let command = ConsentCommand.importConsents(path: path, study: "heart-study")
            let failure = await #expect(throws: TestFailure.self) {
                try await sites.sites[0].run(.consent(command))
            }
            #expect(
                failure?.description
                    == "nothing was taken over: line 2 has an NHS number outside the 999 range, and this node takes no "
                    + "other; correct the list and import it again")
            #expect(try await sites.ask("heart", at: sites.sites[0]).refusal?.rule == "consent")
            for record in try sites.sites[0].records() {
                #expect(!record.details.values.contains { $0.contains(person) })
            }
        }
    }
}

/// The controllers of a study, with what an independent count says.
struct StudySites {
    let federation: NodeFederation
    let sites: [NodeContext]
    let root: String

    /// NHS numbers of all sites' people whose place in order passes.
    func people(_ isChosen: (Int) -> Bool) async throws -> [String] {
        var all: Set<String> = []
        for site in sites {
            let rows = try await site.rows(
                "SELECT person FROM live.person WHERE person NOT LIKE 'local:%'")
            all.formUnion(rows.map { $0[0].text })
        }
        return all.sorted().enumerated().filter { isChosen($0.offset) }.map(\.element)
    }

    /// Every site takes over the same list.
    func list(_ study: String, _ people: [String], _ rest: String) async throws {
        let path = root + "/list-\(UUID().uuidString).csv"
        try IngestSite.write(people.map { "\($0),\(rest)\n" }.joined(), to: path)
        for site in sites { try await site.run(.consent(.importConsents(path: path, study: study))) }
    }

    /// Every site that knows the person takes in their Consent.
    func take(_ consents: [String: (base: String, rules: [(type: String, purpose: String?)])]) async throws {
        for (place, site) in sites.enumerated() {
            let subjects = try await site.rows(
                "SELECT p.person, s.subject FROM live.subject s JOIN live.person p ON p.person_id = s.person_id"
            )
            var lines: [String] = []
            for row in subjects {
                guard let consent = consents[row[0].text] else { continue }
                lines.append(
                    FHIRText.consent(
                        "c\(lines.count)", of: row[1].text, base: consent.base, rules: consent.rules))
            }
            let path = root + "/consents-\(place).ndjson"
            try FHIRText.write(lines, to: path)
            let report = try await site.ingest([path])
            #expect(report.files.map(\.new).reduce(0, +) == lines.count)
        }
    }

    func ask(_ agreement: String, at site: NodeContext) async throws -> QueryResult {
        let requester = try federation.node(NodeFederation.requester)
        let isStudy = agreement == "heart" || agreement == "lung"
        var question = try await QuestionByHand(
            "SELECT sex, count(*) AS n FROM patient GROUP BY sex",
            "SELECT code, count(*) AS n, count(DISTINCT person) AS people FROM condition GROUP BY code",
            under: agreement, at: requester)
        question.purpose = isStudy ? "health-research" : "planning"
        return try await question.ask(site, from: requester).body
    }

    /// What the sites release together is what those people's pooled rows come to, counted by hand.
    func expect(
        _ agreement: String, _ people: [String], isRequired: Bool? = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        var (released, pooled): ([String: Int64], [String: Int64]) = ([:], [:])
        // Under a duty those without a number are counted as well.
        let local = isRequired == true ? "" : " OR p.person LIKE 'local:%'"
        let list = people.map { "'\($0)'" }.joined(separator: ",")
        for site in sites {
            let result = try await ask(agreement, at: site)
            #expect(result.outcome == .answered, sourceLocation: sourceLocation)
            #expect(result.evidence.consent?.isRequired == isRequired, sourceLocation: sourceLocation)
            for (place, release) in result.releases.enumerated() {
                guard let block = release?.block else { continue }
                for (row, key) in block.keys.rows.enumerated() {
                    for (index, aggregate) in block.aggregates.enumerated() {
                        released["\(place) \(key[0].text) \(index)", default: 0] += aggregate.rows[row] ?? 0
                    }
                }
            }
            let rows = try await site.rows(
                """
                SELECT '0 ' || d.sex || ' 0' AS k, count(*) AS n FROM snapshot_1.patient d
                JOIN live.person p ON p.person_id = d.person_id WHERE p.person IN (\(list))\(local) GROUP BY d.sex
                UNION ALL SELECT '1 ' || d.code || ' 0', count(*) FROM live.condition d
                JOIN live.person p ON p.person_id = d.person_id WHERE p.person IN (\(list))\(local) GROUP BY d.code
                UNION ALL SELECT '1 ' || d.code || ' 1', count(DISTINCT d.person_id) FROM live.condition d
                JOIN live.person p ON p.person_id = d.person_id WHERE p.person IN (\(list))\(local) GROUP BY d.code
                """)
            for row in rows { pooled[row[0].text, default: 0] += Int64(row[1].number ?? 0) }
        }
        #expect(!pooled.isEmpty, sourceLocation: sourceLocation)
        #expect(released == pooled, sourceLocation: sourceLocation)
    }

    /// Names of the tables of consents in the publication.
    func tables(_ site: NodeContext) async throws -> Set<String> {
        Set(
            try await site.rows(
                """
                SELECT table_name FROM information_schema.tables
                WHERE table_schema = 'snapshot_1' AND table_name LIKE 'consent!_%' ESCAPE '!'
                  AND table_name <> 'consent_form'
                """
            ).map { $0[0].text })
    }
}
