import Core
import Foundation
import Testing

@testable import Policy

@Suite struct PolicyEngineTests {
    /// A policy directory of its own: the shipped purposes and opt-out rules, other policies.
    private func engine(_ policies: String) throws -> PolicyEngine {
        try PolicyEngine(directory: try directory(policies))
    }

    private func directory(_ policies: String, schema: Bool = false) throws -> URL {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "policies-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for name in ["purposes.yaml", "opt-outs.yaml"] + (schema ? ["concordat.cedarschema"] : []) {
            try FileManager.default.copyItem(
                at: PolicyCasesTests.directory.appending(path: name), to: directory.appending(path: name))
        }
        try policies.write(to: directory.appending(path: "own.cedar"), atomically: true, encoding: .utf8)
        return directory
    }

    private func request(
        columns: Set<String>, action: AccessAction = .aggregate, today: String = "2026-06-01"
    )
        throws -> AccessRequest
    {
        let agreement = try Agreement(yaml: AgreementTests.text)
        let code = { (text: String) in try #require(OrganisationCode(text)) }
        return AccessRequest(
            requester: try code("QWE"), controller: try code("RJ1"), user: "u",
            roles: [.analyst], action: action,
            agreement: AgreementRecord(agreement: agreement, signers: agreement.parties),
            statedPurpose: nil, columns: columns, codelists: [], isSynthetic: false,
            now: Date(timeIntervalSince1970: Double(try #require(CivilDate(today)).days) * 86_400))
    }

    @Test func obligationsOfAllDeterminingPermitsAreJoined() throws {
        let engine = try engine(
            """
            @id("a") @minimum_people("12") @profile("hes-2018") @columns("patient.*, condition.code")
            permit (principal, action, resource);
            @id("b") @minimum_people("20") @honour("type-1") @exclude("codelist.restricted") @release_cap("900")
            @columns("patient.sex, condition.*") permit (principal, action, resource);
            @id("c") @valid_until("2026-05-31") @minimum_people("99") permit (principal, action, resource);
            """)
        let decision = engine.decide(try request(columns: ["patient.sex", "condition.code"]))
        let obligations = Obligations(
            honour: [.nationalDataOptOut, .type1, .objection], minimumPeople: 20,
            profiles: ["hes-2018", "concordat"],
            columns: ["patient.sex", "condition.code"], excludedCodelists: ["codelist.restricted"],
            releaseCap: 500, validUntil: CivilDate("2026-12-31"),
            provenance: [
                "honour": ["b", "gateway s251Reg5"], "minimumPeople": ["b"],
                "profiles": ["a", "agreement demo-planning"], "columns": ["a", "b"],
                "excludedCodelists": ["b"], "releaseCap": ["agreement demo-planning"],
                "validUntil": ["agreement demo-planning"],
            ])
        #expect(decision.determining == ["a", "b"])
        #expect(decision.obligations == obligations)
        let refused = engine.decide(try request(columns: ["patient.sex", "patient.lsoa"]))
        #expect(refused.reason == "a condition of the policy leaves out the column patient.lsoa")
    }

    @Test func aBrokenProhibitionDeniesAndSaysSo() throws {
        let engine = try engine(
            """
            @id("all") permit (principal, action, resource);
            @id("broken") @reason("never") forbid (principal, action, resource) when { context.nothing };
            """)
        let decision = engine.decide(try request(columns: ["patient.sex"]))
        #expect(decision.determining == ["broken"])
        #expect(
            decision.reason
                == "the rule broken could not be evaluated, and a prohibition that cannot be evaluated denies"
        )
    }

    @Test(arguments: [
        (
            "@id(\"a\")\n@minimum_poeple(\"10\") permit (principal, action, resource);",
            "own.cedar: 2:1: @minimum_poeple is not an annotation that is known"
        ),
        (
            "@id(\"a\") @minimum_people(\"ten\") permit (principal, action, resource);",
            "own.cedar: 1:10: @minimum_people has a value that cannot be read"
        ),
        (
            "@id(\"a\") @reason(\"no\") @honour(\"type-1\") forbid (principal, action, resource);",
            "own.cedar: 1:24: @honour belongs on a permit"
        ),
        ("permit (principal, action, resource);", "own.cedar: 1:1: the policy has no @id"),
        (
            "@id(\"a\") forbid (principal, action, resource);",
            "own.cedar: 1:10: a forbid needs a @reason in words"
        ),
        (
            "@id(\"a\") permit (principal == ?principal, action, resource);",
            "own.cedar: 1:10: a template decides nothing: write the entity in place of the slot"
        ),
    ])
    func whatIsWrongIsSaidWithItsPlace(policies: String, expected: String) {
        let fault = #expect(throws: PolicyFault.self) { try engine(policies) }
        #expect(fault?.description == expected)
    }

    @Test(arguments: [
        (
            "context.purpose in Purpose::\"x\"",
            "'purpose' of the record is optional: ask first whether it is there, with 'has'"
        ),
        ("context.isSyntetic", "the record has no attribute 'isSyntetic'"),
        ("principal in Team::\"x\"", "there is no entity type Team"),
    ])
    func policiesAreCheckedAgainstTheSchema(condition: String, expected: String) throws {
        let directory = try directory(
            "@id(\"a\") permit (principal, action == Action::\"aggregate\", resource) when { \(condition) };",
            schema: true)
        let fault = #expect(throws: PolicyFault.self) { try PolicyEngine(directory: directory) }
        #expect(fault?.description.hasPrefix("own.cedar: 1:") == true)
        #expect(fault?.message.hasSuffix(expected) == true)
    }

    @Test func aLinkToAFolderIsFollowed() throws {
        let link = FileManager.default.temporaryDirectory.appending(path: "policies-\(UUID().uuidString)")
        try FileManager.default.createSymbolicLink(
            at: link, withDestinationURL: try directory("@id(\"a\") permit (principal, action, resource);"))
        #expect(try PolicyEngine(directory: link).policies.policies.map(\.id) == ["a"])
    }

    @Test func aFolderWithoutPoliciesIsAnError() throws {
        let directory = try directory("// nothing yet\n")
        let fault = #expect(throws: PolicyFault.self) { try PolicyEngine(directory: directory) }
        #expect(
            fault?.message == "the folder holds no policies: put *.cedar files there, or name another folder")
    }

    /// What the engine asks with is what the schema says.
    @Test func requestsAndEntitiesConformToTheSchema() throws {
        let file = PolicyCasesTests.directory.appending(path: "concordat.cedarschema")
        let schema = try CedarSchema(parsing: String(contentsOf: file, encoding: .utf8))
        let engine = try PolicyEngine(directory: PolicyCasesTests.directory)
        let asked = try request(columns: ["patient.sex"])
        try schema.check(engine.cedarRequest(of: asked))
        try schema.check(engine.cedarEntities(of: asked))
        let local = try request(columns: [], action: .ingest)
        try schema.check(engine.cedarRequest(of: local))
        try schema.check(engine.cedarEntities(of: local))
    }
}
