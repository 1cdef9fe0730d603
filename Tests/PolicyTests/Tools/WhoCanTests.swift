import Core
import Testing

@testable import Policy

@Suite struct WhoCanTests {
    private func engine() throws -> PolicyEngine {
        try PolicyEngine(files: try PolicyFolderFixture.shipped())
    }

    private func subject(_ action: AccessAction, _ columns: [String]) -> WhoCan.Subject {
        .init(action: action, dataset: "patient", columns: columns)
    }

    private func record(signed: Bool) throws -> AgreementRecord {
        let agreement = try Agreement(yaml: AgreementTests.text)
        return AgreementRecord(agreement: agreement, signers: signed ? agreement.parties : [])
    }

    @Test func anAgreementSaysWhoForWhatUntilWhen() throws {
        let day = try #require(CivilDate("2026-06-01"))
        let controller = try #require(OrganisationCode("RJ1"))
        let record = try record(signed: true)
        let who = WhoCan(
            subject(.aggregate, ["patient.sex", "patient.family_name"]), try engine(), agreements: [record],
            controller: controller, isSynthetic: false, on: day)
        #expect(who.refused.isEmpty)
        let row = try #require(who.rows.first)
        #expect(row.requester == record.agreement.requester.text)
        #expect(row.until == record.agreement.validUntil.description)
        #expect(row.columns == ["patient.sex"])
        #expect(row.purposes.contains("planning"))
        #expect(row.policies == ["planning-aggregate"])
        #expect(row.conditions.hasPrefix("every number stands for at least"))
        // Each row is what the engine decides.
        #expect(!row.purposes.contains("research"))
    }

    @Test func anAgreementThatIsNotInForceOpensNothing() throws {
        let day = try #require(CivilDate("2026-06-01"))
        let controller = try #require(OrganisationCode("RJ1"))
        let who = WhoCan(
            subject(.aggregate, ["patient.sex"]), try engine(), agreements: [try record(signed: false)],
            controller: controller, isSynthetic: false, on: day)
        #expect(who.rows.isEmpty)
        #expect(who.refused.first?.reason.contains("draft") == true)
    }

    @Test func withoutAgreementsRolesPurposesAndGatewaysAreSaid() throws {
        let day = try #require(CivilDate("2026-06-01"))
        let who = try WhoCan(subject(.readRecord, ["patient.sex"]), try engine(), on: day)
        #expect(!who.rows.isEmpty)
        #expect(who.rows.allSatisfy { $0.roles == ["clinician"] })
        #expect(
            Set(who.rows.flatMap(\.gateways)).isSubset(of: ["explicitConsent", "impliedConsentDirectCare"]))
        #expect(Set(who.rows.map(\.care)) == ["legitimate relationship", "glass broken with a reason"])
    }
}
