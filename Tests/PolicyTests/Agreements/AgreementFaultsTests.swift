import Core
import Testing

@testable import Policy

@Suite struct AgreementFaultsTests {
    /// All of them, in one reading, each where it stands.
    @Test func everyFaultIsFoundWithItsPlace() throws {
        let text = """
            id: Winter
            title: Winter pressure
            requester: QWE
            controllers: [RJ1, RJ1]
            purpse: planning
            legalContext:
              article6: f
              article9: h
              gateway: s251Reg6
            actions: [agregate]
            datasets: { patient: [sex] }
            validFrom: 2026-11-31
            approvers:
              - { organisation: RJ1, role: siro }
            """
        #expect(
            Agreement.faults(inYAML: text).map { $0.description(in: "a.yaml") } == [
                "a.yaml:1:5: id: must be 1 to 64 lower-case letters, digits and hyphens",
                "a.yaml:4:20: controllers.[1]: stands twice",
                "a.yaml:5:1: purpse: is not a field of an agreement: did you mean purpose?",
                "a.yaml:7:13: legalContext.article6: f is not open to public authorities in the performance of "
                    + "their tasks",
                "a.yaml:9:12: legalContext.gateway: cannot be read: not one of the values allowed here "
                    + "(impliedConsentDirectCare, explicitConsent, s251Reg2, s251Reg5, copiReg3, legalObligation, "
                    + "courtOrder, overridingPublicInterest, notConfidential): did you mean s251Reg2?",
                "a.yaml:10:11: actions.[0]: cannot be read: not one of the values allowed here (aggregate, link, "
                    + "extract, readRecord): did you mean aggregate?",
                "a.yaml:12:12: validFrom: cannot be read: not a day that exists, YYYY-MM-DD",
                "a.yaml:14:5: approvers.[0].name: is missing",
                "a.yaml:1:1: purpose: is missing", "a.yaml:1:1: validUntil: is missing",
            ])
    }

    /// What the form of the fields cannot tell is told with a place as well.
    @Test func rulesHavePlaces() throws {
        let text = AgreementSchemaTests.whole
            .replacing("validUntil: 2027-10-31", with: "validUntil: 2026-10-31")
            .replacing("linker: X26", with: "linker: RJ1")
        #expect(
            Agreement.faults(inYAML: text).map { $0.description(in: "a.yaml") } == [
                "a.yaml:6:1: linker: must not be a controller",
                "a.yaml:49:1: validUntil: lies before validFrom",
            ])
    }

    @Test(arguments: [
        ("", "a.yaml:1:1: (document): must be a mapping of fields"),
        ("- a", "a.yaml:1:1: (document): must be a mapping of fields"),
        ("id: [", "a.yaml:2:1: (document): not YAML: did not find expected node content"),
    ])
    func whatIsNoMappingIsSaid(text: String, expected: String) {
        #expect(Agreement.faults(inYAML: text).first?.description(in: "a.yaml") == expected)
    }

    @Test func defaultsAreSane() throws {
        let agreement = try Agreement(
            yaml: """
                id: small
                title: Small
                requester: QWE
                controllers: [RJ1]
                purpose: planning
                legalContext: { article6: e, article9: h, gateway: notConfidential }
                actions: [aggregate]
                datasets: { patient: [sex] }
                validFrom: 2026-11-01
                validUntil: 2027-10-31
                """)
        #expect(agreement.version == 1)
        #expect(agreement.releaseForm == .site)
        #expect(agreement.disclosureProfile == "concordat")
        #expect(agreement.honour == [] && agreement.approvers == [])
        #expect(try Agreement(yaml: agreement.yaml()) == agreement)
        let whole = try Agreement(yaml: AgreementSchemaTests.whole)
        #expect(try Agreement(yaml: whole.yaml()) == whole)
    }
}
