/// What a consent says where no provision of it says otherwise: by `policyRule`, or by `policy`.
///
/// Source: HL7 v3 ActCode, ActConsentDirective; FHIR R4 code system consentpolicycodes. A base that is not
/// listed, a policy that is only named by its address, and a consent without either deny.
enum ConsentBase {
    private static let directive = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    private static let form = "http://terminology.hl7.org/CodeSystem/consentpolicycodes"

    private static let permitting: [String: Set<String>] = [
        // With restrictions, which are provisions.
        directive: ["OPTIN", "OPTINR"],
        // Forms by which a person agrees to research. Those that release records to one payer, agency or exchange of
        // another country, or restrict them, permit nothing here.
        form: ["cric", "hipaa-research", "nih-hipaa", "nci", "nih-grdr", "nih-527", "ga4gh"],
    ]

    static func permits(_ consent: FHIRConsent) -> Bool {
        let rules = consent.policyRule?.coding ?? []
        return !rules.isEmpty
            && rules.allSatisfy { coding in
                guard let system = coding.system, let code = coding.code else { return false }
                return permitting[system]?.contains(code) == true
            }
    }
}
