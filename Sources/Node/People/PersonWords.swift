internal import Core
internal import Disclosure
internal import Policy

/// The words of the law and of the data model as a person reads them in a letter.
enum PersonWords {
    static func dataset(_ name: String) -> String {
        [
            "patient": "Your details as a patient", "condition": "Conditions and diagnoses",
            "observation": "Measurements and test results", "encounter": "Visits and admissions",
            "procedure": "Procedures", "medication_request": "Prescriptions",
            "immunization": "Vaccinations", "allergy_intolerance": "Allergies and intolerances",
            "diagnostic_report": "Reports of tests",
        ][name] ?? plain(name).capitalizedFirst
    }

    static func plain(_ name: String) -> String { name.replacing("_", with: " ") }

    static func scheme(_ scheme: OptOutScheme) -> String {
        switch scheme {
        case .nationalDataOptOut: "National data opt-out"
        case .type1: "Type 1 opt-out (records of your GP)"
        case .objection: "Objections"
        case .studyConsent: "Consent to a study"
        }
    }

    /// UK GDPR Article 6(1) and 9(2), and what it rests on in the law of confidence.
    static func lawfulBasis(_ context: LegalContext) -> [String] {
        [
            "UK GDPR Article 6(1)(\(context.article6.rawValue)): \(article6(context.article6))",
            "UK GDPR Article 9(2)(\(context.article9.rawValue)): \(article9(context.article9))",
            "Confidentiality: \(gateway(context.gateway))"
                + (context.references.cag.map { ", reference \($0)" } ?? ""),
        ]
    }

    private static func article6(_ article: LegalContext.Article6) -> String {
        switch article {
        case .a: "you have consented"
        case .b: "a contract with you needs it"
        case .c: "the law obliges us"
        case .d: "somebody's vital interests need it"
        case .e: "a task in the public interest or official authority"
        case .f: "legitimate interests"
        case .ea: "a recognised legitimate interest"
        }
    }

    private static func article9(_ article: LegalContext.Article9) -> String {
        switch article {
        case .a: "you have consented explicitly"
        case .b: "employment, social security and social protection"
        case .c: "somebody's vital interests, where they cannot consent"
        case .d: "the work of a not-for-profit body with its members"
        case .e: "data that you have made public yourself"
        case .f: "legal claims and courts"
        case .g: "substantial public interest"
        case .h: "health or social care and the management of its systems and services"
        case .i: "public health"
        case .j: "archiving, research and statistics"
        }
    }

    private static func gateway(_ gateway: LegalContext.Gateway) -> String {
        switch gateway {
        case .impliedConsentDirectCare: "your implied consent, for your own care"
        case .explicitConsent: "your explicit consent"
        case .s251Reg2: "support under section 251 of the NHS Act 2006 (regulation 2)"
        case .s251Reg5: "support under section 251 of the NHS Act 2006 (regulation 5)"
        case .copiReg3:
            "communicable diseases and other risks to public health "
                + "(Health Service (Control of Patient Information) Regulations 2002, regulation 3)"
        case .legalObligation: "the law obliges us to disclose"
        case .courtOrder: "a court has ordered it"
        case .overridingPublicInterest: "an overriding public interest"
        case .notConfidential: "information that is not confidential"
        }
    }

    /// What was asked, from what the ledger noted of it: kinds of numbers and columns, no value of anybody.
    static func question(_ note: ReleaseCohorts.Note) -> String {
        let kinds = note.kinds.compactMap { kind in
            [
                "count": "how many records there are", "distinctPeople": "how many people there are",
                "sum": "totals", "average": "averages",
            ][kind]
        }
        var read: [String: [String]] = [:]
        for column in note.columns {
            let parts = column.split(separator: ".", maxSplits: 1).map(String.init)
            let hidden = parts.count < 2 || ["person", "site"].contains(parts[1])
            read[parts[0], default: []] += hidden ? [] : [plain(parts[1])]
        }
        let sources = read.keys.sorted().map { name in
            let columns = (read[name] ?? []).sorted()
            return plain(name) + (columns.isEmpty ? "" : " (\(columns.joined(separator: ", ")))")
        }
        let linked = note.isLinked ? "; people were counted once across several organisations" : ""
        return "\(list(kinds).capitalizedFirst), from \(list(sources))\(linked)"
    }

    /// `a`, `a and b`, `a, b and c`.
    static func list(_ items: [String]) -> String {
        guard let last = items.last, items.count > 1 else { return items.first ?? "numbers" }
        return items.dropLast().joined(separator: ", ") + " and " + last
    }
}

extension String {
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
