import Core
import Foundation
import Testing

@testable import Policy

/// The tie-breaks of FHIR R4 Consent, each as a truth table written by hand.
@Suite struct ConsentEvaluatorTests {
    /// A consent in few words, and what it says to research by QWE on conditions of RJ1.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let body: String
        let answer: String
        var testDescription: String { name }

        init(_ name: String, _ body: String, _ answer: String) {
            (self.name, self.body, self.answer) = (name, body, answer)
        }
    }

    // MARK: - Pieces of documents

    static let optIn = base("OPTIN")
    static let optOut = base("OPTOUT")

    static func base(_ code: String, _ system: String = "http://terminology.hl7.org/CodeSystem/v3-ActCode")
        -> String
    {
        #""policyRule":{"coding":[{"system":"\#(system)","code":"\#(code)"}]}"#
    }

    static func root(_ filters: String...) -> String {
        #""provision":{\#(filters.joined(separator: ","))}"#
    }

    static func nested(_ rules: String...) -> String { #""provision":[\#(rules.joined(separator: ","))]"# }

    static func rule(_ type: String, _ filters: String...) -> String {
        "{" + ([#""type":"\#(type)""#] + filters).joined(separator: ",") + "}"
    }

    static func purpose(_ codes: String...) -> String {
        coded("purpose", "http://terminology.hl7.org/CodeSystem/v3-ActReason", codes)
    }

    static func classes(_ codes: String...) -> String {
        coded("class", "http://hl7.org/fhir/resource-types", codes)
    }

    static func label(_ codes: String...) -> String {
        coded("securityLabel", "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", codes)
    }

    private static func coded(_ field: String, _ system: String, _ codes: [String]) -> String {
        let codings = codes.map { #"{"system":"\#(system)","code":"\#($0)"}"# }
        return #""\#(field)":[\#(codings.joined(separator: ","))]"#
    }

    static func actions(_ codes: String...) -> String {
        let concepts = codes.map {
            #"{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentaction","code":"\#($0)"}]}"#
        }
        return #""action":[\#(concepts.joined(separator: ","))]"#
    }

    static func actors(_ references: String..., role: String = "PRCP") -> String {
        let all = references.map {
            #"{"role":{"coding":[{"code":"\#(role)"}]},"reference":{"reference":"\#($0)"}}"#
        }
        return #""actor":[\#(all.joined(separator: ","))]"#
    }

    static let ods =
        #""actor":[{"reference":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"qwe"}}}]"#

    static func period(_ start: String?, _ end: String?, field: String = "period") -> String {
        let ends = [start.map { #""start":"\#($0)""# }, end.map { #""end":"\#($0)""# }].compactMap(\.self)
        return #""\#(field)":{\#(ends.joined(separator: ","))}"#
    }

    static func consent(_ body: String, status: String = "active", scope: String? = nil) throws -> FHIRConsent
    {
        let scoped = scope.map {
            #","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"\#($0)"}]}"#
        }
        let text =
            #"{"resourceType":"Consent","status":"\#(status)"\#(scoped ?? "")\#(body.isEmpty ? "" : ","+body)}"#
        return try FHIRConsent(resource: Array(text.utf8))
    }

    static func request(
        purpose: String = "health-research", action: AccessAction = .aggregate,
        classes: Set<String> = ["Condition"], study: String? = nil, now: String = "2026-06-01",
        confidentiality: ConsentRequest.Confidentiality = .normal
    ) throws -> ConsentRequest {
        let yaml = try String(
            contentsOf: PolicyCasesTests.directory.appending(path: "purposes.yaml"), encoding: .utf8)
        return ConsentRequest(
            purpose: try #require(Purpose(purpose)), action: action,
            requester: try #require(OrganisationCode("QWE")),
            controller: try #require(OrganisationCode("RJ1")), classes: classes, study: study,
            now: Int64(try #require(CivilDate(now)).days) * 86_400_000 + 43_200_000,
            confidentiality: confidentiality, hierarchy: try PurposeHierarchy(yaml: yaml))
    }

    static func words(_ answer: ConsentAnswer) -> String {
        answer.effect.rawValue + (answer.isSpecific ? " for this" : "")
    }

    private func check(_ row: Row) throws {
        let answer = ConsentEvaluator.evaluate(try Self.consent(row.body), try Self.request())
        #expect(Self.words(answer) == row.answer)
    }

    // MARK: - Tables

    private static let forms = "http://terminology.hl7.org/CodeSystem/consentpolicycodes"

    @Test(arguments: [
        Row("opt in", optIn, "permit"), Row("opt in with restrictions", base("OPTINR"), "permit"),
        Row("opt out", optOut, "deny"), Row("opt out with exceptions", base("OPTOUTE"), "deny"),
        Row("a form of consent to research", base("cric", forms), "permit"),
        Row("a restriction", base("hipaa-restrictions", forms), "deny"),
        Row("a form for one agency", base("ssa-827", forms), "deny"),
        Row("a form in the system of another", base("OPTIN", forms), "deny"),
        Row("an unknown code", base("OPTMAYBE"), "deny"), Row("no base", "", "deny"),
        Row("a policy by address only", #""policy":[{"uri":"https://example.org/form.pdf"}]"#, "deny"),
        Row(
            "two bases that differ",
            #""policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"},{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTOUT"}]}"#,
            "deny"),
        Row("a root that permits where the base denies", optOut + "," + root(#""type":"permit""#), "deny"),
        Row("a root that denies where the base permits", optIn + "," + root(#""type":"deny""#), "deny"),
    ])
    func bases(row: Row) throws { try check(row) }

    @Test(arguments: [
        Row("inside the root", optIn + "," + root(period("2026-01-01", "2026-12-31")), "permit"),
        Row("outside the root of an opt in", optIn + "," + root(period(nil, "2026-05-31")), "silent"),
        Row("outside the root of an opt out", optOut + "," + root(period("2026-06-02", nil)), "silent"),
        Row("the last day counts", optOut + "," + root(period(nil, "2026-06-01")), "deny"),
        Row("the last month counts", optIn + "," + root(period("2026", "2026-06")), "permit"),
        Row(
            "with a time and an offset",
            optIn + "," + root(period("2026-06-01T13:00:00+02:00", "2026-06-01T12:00:00.000Z")), "permit"),
        Row("a period that cannot be read", optIn + "," + root(period("last year", nil)), "silent"),
        Row("of an opt out it denies", optOut + "," + root(period("last year", nil)), "deny"),
    ])
    func periods(row: Row) throws { try check(row) }

    @Test(arguments: [
        Row(
            "an exception permits", optOut + "," + root(nested(rule("permit", purpose("HRESCH")))),
            "permit for this"),
        Row("an exception denies", optIn + "," + root(nested(rule("deny", purpose("HRESCH")))), "deny"),
        Row(
            "an exception about something else", optIn + "," + root(nested(rule("deny", purpose("PUBHLTH")))),
            "permit"),
        Row(
            "the deepest wins",
            optOut + ","
                + root(
                    nested(
                        rule(
                            "permit", purpose("HRESCH"),
                            nested(rule("deny", classes("Condition"), nested(rule("permit", ods))))))),
            "permit for this"),
        Row(
            "the deepest wins over a shallower one beside it",
            optIn + ","
                + root(nested(rule("deny"), rule("deny", nested(rule("permit"))))), "permit"),
        Row(
            "a conflict at one depth", optIn + "," + root(nested(rule("permit"), rule("deny"))), "deny"),
        Row(
            "a conflict at one depth, in different branches",
            optIn + ","
                + root(nested(rule("permit", nested(rule("deny"))), rule("deny", nested(rule("permit"))))),
            "deny"),
        Row(
            "a child is tested only if its parent matches",
            optIn + ","
                + root(nested(rule("permit", purpose("PUBHLTH"), nested(rule("deny"))))), "permit"),
        Row("a nested rule without a type denies", optIn + "," + root(nested("{}")), "deny"),
    ])
    func nesting(row: Row) throws { try check(row) }

    @Test(arguments: [
        Row(
            "different elements and",
            optIn + "," + root(nested(rule("deny", purpose("HRESCH"), classes("Observation")))), "permit"),
        Row(
            "both elements",
            optIn + "," + root(nested(rule("deny", purpose("HRESCH"), classes("Condition")))), "deny"),
        Row(
            "repeats or",
            optIn + "," + root(nested(rule("deny", classes("Observation", "Condition")))), "deny"),
        Row(
            "repeated purposes or",
            optOut + "," + root(nested(rule("permit", purpose("PUBHLTH", "HRESCH")))), "permit for this"),
        Row("a general permit is not for this", optOut + "," + root(nested(rule("permit"))), "permit"),
    ])
    func elements(row: Row) throws { try check(row) }

    @Test(arguments: [
        Row("the action", optIn + "," + root(nested(rule("deny", actions("use")))), "deny"),
        Row("another action", optIn + "," + root(nested(rule("deny", actions("correct")))), "permit"),
        Row(
            "who may not look may not count", optIn + "," + root(nested(rule("deny", actions("access")))),
            "deny"),
        Row(
            "to look is not to use", optOut + "," + root(nested(rule("permit", actions("access")))), "deny"),
        Row(
            "an action of another system",
            optIn + "," + root(nested(rule("deny", #""action":[{"text":"all"}]"#))), "deny"),
    ])
    func actionCodes(row: Row) throws { try check(row) }

    @Test(arguments: [
        Row("the requester by code", optIn + "," + root(nested(rule("deny", ods))), "deny"),
        Row(
            "the requester by reference",
            optIn + "," + root(nested(rule("deny", actors("Organization/QWE")))), "deny"),
        Row(
            "a nurse is no organisation",
            optIn + "," + root(nested(rule("deny", actors("Practitioner/f204")))), "permit"),
        Row(
            "an organisation by an id that may be anybody's",
            optIn + "," + root(nested(rule("deny", actors("Organization/f001")))), "deny"),
        Row(
            "that may be anybody's permits nobody",
            optOut + "," + root(nested(rule("permit", actors("Organization/f001")))), "deny"),
        Row(
            "a custodian is the controller",
            optIn + "," + root(nested(rule("deny", actors("Organization/RJ1", role: "CST")))), "deny"),
        Row(
            "any of several",
            optIn + "," + root(nested(rule("deny", actors("Practitioner/f204", "Organization/QWE")))), "deny"),
    ])
    func actorsOfRules(row: Row) throws { try check(row) }

    @Test(arguments: [
        Row("restricted covers normal", optIn + "," + root(nested(rule("deny", label("R")))), "deny"),
        Row("low does not cover normal", optIn + "," + root(nested(rule("deny", label("L")))), "permit"),
        Row("normal covers normal", optOut + "," + root(nested(rule("permit", label("N")))), "permit"),
        Row("the highest of several", optIn + "," + root(nested(rule("deny", label("U", "V")))), "deny"),
        Row(
            "an unknown label", optIn + "," + root(nested(rule("deny", label("secret")))), "deny"),
    ])
    func highWaterMark(row: Row) throws { try check(row) }

    @Test func aRestrictedQuestionNeedsARestrictedPermit() throws {
        let consent = try Self.consent(
            Self.optOut + "," + Self.root(Self.nested(Self.rule("permit", Self.label("N")))))
        let request = try Self.request(confidentiality: .restricted)
        #expect(ConsentEvaluator.evaluate(consent, request) == ConsentAnswer(.deny))
    }

    @Test(arguments: [
        Row(
            "some records, denied",
            optIn + "," + root(nested(rule("deny", #""data":[{"meaning":"instance"}]"#))),
            "deny"),
        Row(
            "some records, permitted",
            optOut + "," + root(nested(rule("permit", #""data":[{"meaning":"instance"}]"#))), "deny"),
        Row(
            "some times, denied",
            optIn + "," + root(nested(rule("deny", period("2020", "2021", field: "dataPeriod")))), "deny"),
        Row(
            "some times, permitted",
            optOut + "," + root(nested(rule("permit", period("2020", "2021", field: "dataPeriod")))), "deny"),
        Row(
            "some codes, denied",
            optIn + "," + root(nested(rule("deny", #""code":[{"coding":[{"code":"1"}]}]"#))), "deny"),
        Row("some records, at the root", optIn + "," + root(#""data":[{"meaning":"instance"}]"#), "silent"),
        Row(
            "a doubtful deny below a doubtful permit",
            optIn + ","
                + root(
                    nested(
                        rule(
                            "permit", #""data":[{"meaning":"instance"}]"#,
                            nested(rule("deny", #""data":[{"meaning":"instance"}]"#))))), "deny"),
        Row(
            "a doubtful permit below a certain permit",
            optOut + ","
                + root(nested(rule("permit", nested(rule("permit", #""data":[{"meaning":"instance"}]"#))))),
            "permit"),
        Row(
            "an unknown purpose", optIn + "," + root(nested(rule("deny", purpose("NOSUCH")))), "deny"),
        Row(
            "a narrower purpose than asked", optIn + "," + root(nested(rule("deny", purpose("CLINTRL")))),
            "deny"),
        Row(
            "treatment is not research, though HL7 has trials below it",
            optOut + "," + root(nested(rule("permit", purpose("TREAT")))), "deny"),
    ])
    func whatCannotBeToldIsReadStrictly(row: Row) throws { try check(row) }

    @Test(arguments: [
        ("draft", "silent"), ("proposed", "silent"), ("active", "deny"), ("rejected", "silent"),
        ("inactive", "silent"), ("entered-in-error", "silent"),
    ])
    func onlyActiveCounts(status: String, answer: String) throws {
        let consent = try Self.consent(Self.optOut, status: status)
        #expect(Self.words(ConsentEvaluator.evaluate(consent, try Self.request())) == answer)
    }

    @Test(arguments: [
        ("patient-privacy", "permit"), ("research", "permit for this"), ("treatment", "silent"),
        ("adr", "silent"),
    ])
    func scopes(scope: String, answer: String) throws {
        let consent = try Self.consent(Self.optIn, scope: scope)
        #expect(Self.words(ConsentEvaluator.evaluate(consent, try Self.request())) == answer)
    }

    @Test(arguments: [
        #""implicitRules":"https://example.org/rules""#,
        #""modifierExtension":[{"url":"https://example.org/not"}]"#,
        #""provision":{"provision":[{"type":"permit","modifierExtension":[{"url":"https://example.org/not"}]}]}"#,
    ])
    func whatIsNotUnderstoodAndModifiesDenies(field: String) throws {
        let consent = try Self.consent(Self.optIn + "," + field)
        #expect(ConsentEvaluator.evaluate(consent, try Self.request()).effect == .deny)
    }

    @Test func ofSeveralKindsOfRecordsTheStrictestHolds() throws {
        let permits = try Self.consent(
            Self.optOut + ","
                + Self.root(
                    Self.nested(
                        Self.rule("permit", Self.classes("Condition")),
                        Self.rule("permit", Self.classes("Patient")))))
        func effect(_ classes: Set<String>) throws -> ConsentAnswer.Effect {
            ConsentEvaluator.evaluate(permits, try Self.request(classes: classes)).effect
        }
        #expect(try effect(["Condition"]) == .permit)
        #expect(try effect(["Condition", "Patient"]) == .permit)
        #expect(try effect(["Condition", "Observation"]) == .deny)
        #expect(try effect([]) == .deny)
    }

    @Test func aStudyIsItsOwn() throws {
        let named =
            #""extension":[{"url":"http://hl7.org/fhir/StructureDefinition/workflow-researchStudy","valueReference":{"reference":"ResearchStudy/heart"}}]"#
        for (base, effect) in [(Self.optIn, "permit for this"), (Self.optOut, "deny")] {
            let consent = try Self.consent(base + "," + named)
            #expect(
                Self.words(ConsentEvaluator.evaluate(consent, try Self.request(study: "heart"))) == effect)
            #expect(
                Self.words(ConsentEvaluator.evaluate(consent, try Self.request(study: "lung"))) == "silent")
            #expect(Self.words(ConsentEvaluator.evaluate(consent, try Self.request())) == "silent")
        }
    }

    @Test func ofSeveralConsentsADenyWins() {
        let (permit, deny) = (ConsentAnswer(.permit), ConsentAnswer(.deny))
        let named = ConsentAnswer(.permit, isSpecific: true)
        #expect(ConsentEvaluator.join([]) == .silent)
        #expect(ConsentEvaluator.join([.silent, permit]) == permit)
        #expect(ConsentEvaluator.join([named, permit]) == named)
        #expect(ConsentEvaluator.join([permit, deny, named]) == deny)
    }

    @Test func whatIsToldLaterIsKnown() throws {
        let consent = try Self.consent(
            Self.optIn + ","
                + Self.root(
                    Self.period("2026-01-01", "2026-12-31"),
                    Self.nested(Self.rule("deny", Self.period("2026-07-01", nil)))))
        let days = ConsentEvaluator.instants(consent).map { Civil.formatDate(Int($0 / 86_400_000)) }
        #expect(days.sorted() == ["2026-01-01", "2026-07-01", "2027-01-01"])
    }
}
