import Core
import Foundation
import Testing

@testable import Policy

/// Whether a scheme applies, for every gateway and action: written from the guidance, not from `opt-outs.yaml`.
///
/// National data opt-out: operational policy guidance (NHS England), sections 5 to 7; UK GDPR Article 21; consent to
/// the specific use as the gateway. `a`pplies, `e`xempt, `p`olicies say; in the order of the actions
/// aggregate, link, extract, readRecord.
@Suite struct OptOutRulesTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let gateway: LegalContext.Gateway
        let national, type1, objection, study: String
        var testDescription: String { gateway.rawValue }

        init(
            _ gateway: LegalContext.Gateway, _ national: String, _ type1: String, _ objection: String,
            _ study: String
        ) {
            (self.gateway, self.national, self.type1) = (gateway, national, type1)
            (self.objection, self.study) = (objection, study)
        }
    }

    static let table = [
        // National, type-1, objection, study.
        Row(.impliedConsentDirectCare, "ppp e", "ppp e", "aaa p", "eee e"),
        Row(.explicitConsent, "eee e", "eee e", "aaa a", "aaa e"),
        Row(.s251Reg2, "aaa e", "ppp e", "aaa a", "eee e"),
        Row(.s251Reg5, "aaa e", "ppp e", "aaa a", "eee e"),
        Row(.copiReg3, "eee e", "eee e", "aaa a", "eee e"),
        Row(.legalObligation, "eee e", "eee e", "eee e", "eee e"),
        Row(.courtOrder, "eee e", "eee e", "eee e", "eee e"),
        Row(.overridingPublicInterest, "eee e", "eee e", "aaa a", "eee e"),
        Row(.notConfidential, "ppp e", "ppp e", "aaa a", "eee e"),
    ]

    private static let letters: [Character: OptOutRules.Rule] = ["a": .applies, "e": .exempt, "p": .byPolicy]
    private static let actions: [AccessAction] = [.aggregate, .link, .extract, .readRecord]

    @Test func theTableHasEveryGatewayAndAction() {
        #expect(Self.table.map(\.gateway) == LegalContext.Gateway.allCases)
        #expect(Set(OptOutScheme.allCases) == [.nationalDataOptOut, .type1, .objection, .studyConsent])
    }

    @Test(arguments: table)
    func shippedRules(row: Row) throws {
        let rules = try PolicyEngine(directory: PolicyCasesTests.directory).optOuts
        let columns: [(OptOutScheme, String)] = [
            (.nationalDataOptOut, row.national), (.type1, row.type1), (.objection, row.objection),
            (.studyConsent, row.study),
        ]
        for (scheme, letters) in columns {
            for (action, letter) in zip(Self.actions, letters.filter { $0 != " " }) {
                let rule = rules.rule(scheme, gateway: row.gateway, action: action)
                #expect(rule == Self.letters[letter], "\(scheme.rawValue) \(action.rawValue)")
            }
        }
    }

    @Test func onlySchemesFromOutsideAreLists() {
        #expect(OptOutScheme.listed == [.nationalDataOptOut, .type1])
    }

    /// Whoever asks, in whatever capacity, saying whatever of the purpose: the same schemes, as the table has them.
    @Test(arguments: table)
    func whoAsksChangesNothing(row: Row) throws {
        let files = PolicyFiles(
            name: "tests",
            texts: [
                "own.cedar": "@id(\"all\") permit (principal, action, resource);",
                "purposes.yaml": try shipped("purposes.yaml"), "opt-outs.yaml": try shipped("opt-outs.yaml"),
            ])
        let engine = try PolicyEngine(files: files)
        let agreement = try agreement(row.gateway)
        for (place, action) in Self.actions.enumerated() {
            let expected = Set(
                zip(OptOutScheme.allCases, [row.national, row.type1, row.objection, row.study]).filter {
                    Array($0.1.filter { $0 != " " })[place] == "a"
                }.map(\.0))
            for (requester, user, roles) in [
                ("QWE", "u-1", Set<UserRole>([.analyst])), ("RJ1", "caldicott-guardian", []),
                ("X26", "exempt", Set(UserRole.allCases)),
            ] {
                let request = AccessRequest(
                    requester: try #require(OrganisationCode(requester)),
                    controller: try #require(OrganisationCode("RJ1")), user: user, roles: roles,
                    action: action,
                    agreement: AgreementRecord(agreement: agreement, signers: agreement.parties),
                    statedPurpose: Purpose("commissioning"), columns: ["patient.sex"], codelists: [],
                    isSynthetic: false, now: Date(timeIntervalSince1970: 1_780_000_000))
                let decision = engine.decide(request)
                #expect(decision.isPermit, "\(decision.reason)")
                #expect(decision.obligations.honour == expected, "\(action.rawValue) \(requester)")
            }
        }
    }

    private func shipped(_ name: String) throws -> String {
        try String(contentsOf: PolicyCasesTests.directory.appending(path: name), encoding: .utf8)
    }

    /// Not validated: the rules hold whatever agreement reached the node.
    private func agreement(_ gateway: LegalContext.Gateway) throws -> Agreement {
        let json = try JSONSerialization.jsonObject(
            with: try Agreement(yaml: AgreementTests.text).canonicalJSON())
        var fields = try #require(json as? [String: Any])
        var legal = try #require(fields["legalContext"] as? [String: Any])
        legal["gateway"] = gateway.rawValue
        fields["legalContext"] = legal
        return try JSONDecoder().decode(
            Agreement.self, from: try JSONSerialization.data(withJSONObject: fields))
    }
}
