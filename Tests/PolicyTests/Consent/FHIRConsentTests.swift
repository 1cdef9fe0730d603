import Core
import Foundation
import Testing

@testable import Policy

@Suite struct FHIRConsentTests {
    private func fault(_ text: String) -> ConsentFault? {
        do {
            _ = try FHIRConsent(resource: Array(text.utf8))
            return nil
        } catch { return error }
    }

    private func nested(_ depth: Int) -> String {
        let open = String(repeating: #"{"type":"deny","provision":["#, count: depth - 1)
        return
            #"{"resourceType":"Consent","status":"active","provision":\#(open){}\#(String(repeating: "]}", count: depth - 1))}"#
    }

    @Test func whatIsNoConsentIsRefusedWithAReason() {
        #expect(fault(#"{"resourceType":"Task","status":"active"}"#) == .notAConsent)
        #expect(fault(#"{"resourceType":"Consent"}"#) == .notAConsent)
        #expect(fault(#"{"resourceType":"Consent","status":"active","provision":[]}"#) == .notAConsent)
        #expect(fault(#"{"resourceType":"Consent","status":"perhaps"}"#) == .badStatus)
        #expect(fault("[") == .notAConsent)
    }

    @Test func depthAndSizeHaveLimits() {
        #expect(fault(nested(FHIRConsent.deepest)) == nil)
        #expect(fault(nested(FHIRConsent.deepest + 1)) == .tooDeep)
        #expect(fault(String(repeating: "[", count: 100_000)) == .tooDeep)
        let many = Array(repeating: "{}", count: FHIRConsent.mostProvisions).joined(separator: ",")
        #expect(
            fault(#"{"resourceType":"Consent","status":"active","provision":{"provision":[\#(many)]}}"#)
                == .tooManyProvisions)
        let long = String(repeating: "x", count: FHIRConsent.largest)
        #expect(fault(#"{"resourceType":"Consent","status":"active","id":"\#(long)"}"#) == .tooLarge)
    }

    /// Every reading of a tree that is all doubt, as wide and as deep as it may be: ends, and denies.
    @Test func theWorkIsBounded() throws {
        let doubt = #""data":[{"meaning":"instance"}]"#
        let leaf = #"{"type":"permit",\#(doubt)}"#
        var tree = leaf
        for level in 0..<(FHIRConsent.deepest - 2) {
            let wide = Array(repeating: leaf, count: 80).joined(separator: ",")
            tree =
                #"{"type":"\#(level.isMultiple(of: 2) ? "deny" : "permit")",\#(doubt),"provision":[\#(tree),\#(wide)]}"#
        }
        let consent = try ConsentEvaluatorTests.consent(
            ConsentEvaluatorTests.optIn + #","provision":{"provision":[\#(tree)]}"#)
        #expect(
            ConsentEvaluator.evaluate(consent, try ConsentEvaluatorTests.request()).effect == .deny)
    }

    @Test func termsAreOfTheFormAndNotOfThePerson() throws {
        func text(_ person: String) -> String {
            #"{"resourceType":"Consent","id":"\#(person)","patient":{"reference":"Patient/\#(person)"},"status":"active","#
                + ConsentEvaluatorTests.optIn + ","
                + ConsentEvaluatorTests.root(ConsentEvaluatorTests.purpose("HRESCH"))
                + "}"
        }
        let (one, two) = (
            try FHIRConsent(resource: Array(text("1").utf8)), try FHIRConsent(resource: Array(text("2").utf8))
        )
        #expect(try one.terms == two.terms)
        #expect(try !one.terms.contains("Patient"))
        #expect(try FHIRConsent(terms: one.terms) == one)
    }
}
