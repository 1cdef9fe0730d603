extension LegalContext.Article6 {
    /// UK GDPR Article 6(1), in a few words of the Article's own.
    package var words: String {
        switch self {
        case .a: "the person's consent"
        case .b: "a contract with the person"
        case .c: "a legal obligation"
        case .d: "vital interests"
        case .e: "a task in the public interest, or official authority"
        case .f: "legitimate interests"
        case .ea: "a recognised legitimate interest"
        }
    }
}

extension LegalContext.Article9 {
    /// UK GDPR Article 9(2), in a few words of the Article's own.
    package var words: String {
        switch self {
        case .a: "the person's explicit consent"
        case .b: "employment, social security and social protection law"
        case .c: "vital interests"
        case .d: "a not-for-profit body and its members"
        case .e: "data that the person has made public"
        case .f: "legal claims, or courts"
        case .g: "a substantial public interest"
        case .h: "health or social care, or the management of its systems and services"
        case .i: "public health"
        case .j: "archiving in the public interest, research, or statistics"
        }
    }
}

extension LegalContext.Gateway {
    /// How the common law duty of confidentiality is met.
    package var words: String {
        switch self {
        case .impliedConsentDirectCare: "consent implied by the person's own care"
        case .explicitConsent: "the person's explicit consent to this use"
        case .s251Reg2:
            "section 251 of the NHS Act 2006: regulation 2 of the Health Service (Control of Patient Information) "
                + "Regulations 2002 (cancer registries)"
        case .s251Reg5:
            "section 251 of the NHS Act 2006: regulation 5 of the Health Service (Control of Patient Information) "
                + "Regulations 2002 (medical purposes, on advice of the Confidentiality Advisory Group)"
        case .copiReg3:
            "regulation 3 of the Health Service (Control of Patient Information) Regulations 2002 (communicable "
                + "disease and other risks to public health)"
        case .legalObligation: "a legal obligation to disclose"
        case .courtOrder: "a court's order"
        case .overridingPublicInterest: "an overriding public interest"
        case .notConfidential: "none is needed: nothing confidential to a patient is disclosed"
        }
    }
}

extension AccessAction {
    /// What is done, for somebody who signs.
    package var words: String {
        switch self {
        case .aggregate: "Counts, sums and averages over groups of people"
        case .link: "Counting people once who are known to several controllers, by a linker that sees no names"
        case .extract: "Extracts of rows for a research environment"
        case .readRecord: "One person's record, for that person's care"
        case .ingest: "Taking data in"
        case .administer: "Running the node"
        }
    }
}

extension Agreement.Approver.Role {
    package var words: String {
        switch self {
        case .author: "Author"
        case .caldicottGuardian: "Caldicott Guardian"
        case .siro: "Senior Information Risk Owner"
        case .dataProtectionOfficer: "Data Protection Officer"
        }
    }
}
