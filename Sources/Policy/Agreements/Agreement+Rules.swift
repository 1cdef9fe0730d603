import Core

/// What an agreement must keep beyond the form of its fields.
extension Agreement {
    /// Every rule that does not hold.
    var ruleFaults: [AgreementFault] {
        let rules = identityRules + termRules + dateRules
        return rules.filter { !$0.holds }.map { AgreementFault($0.field, $0.message) }
            + legalContext.faults(actions: actions) + exemptionFaults
    }

    private typealias Rule = (field: String, holds: Bool, message: String)

    private var identityRules: [Rule] {
        [
            ("id", TextForm.name.matches(id), TextForm.name.words),
            ("version", version >= 1, "must be at least 1"),
            ("title", !title.isEmpty, "must not be empty"),
            ("controllers", !controllers.isEmpty, "must name at least one organisation"),
            ("controllers", Set(controllers).count == controllers.count, "names an organisation twice"),
            ("linker", linker != requester, "must not be the requester"),
            ("linker", !controllers.contains { $0 == linker }, "must not be a controller"),
            (
                "linker", linker != nil || (releaseForm == .site && !actions.contains(.link)),
                "is needed for the action link and the release form merged"
            ),
        ]
    }

    private var termRules: [Rule] {
        [
            ("actions", !actions.isEmpty, "must name at least one action"),
            ("actions", Set(actions).count == actions.count, "names an action twice"),
            (
                "actions", !actions.contains(where: \.isLocal),
                "names an action that a node's own operator takes: no agreement allows it"
            ),
            ("datasets", !datasets.isEmpty, "must name at least one dataset"),
            (
                "datasets.\(datasets.first { $0.value.isEmpty }?.key ?? "")",
                datasets.allSatisfy { !$0.value.isEmpty }, "must name columns, or '*'"
            ),
            ("disclosureProfile", !disclosureProfile.isEmpty, "must name a profile"),
            ("releaseCap", releaseCap.map { $0 > 0 } ?? true, "must be at least 1"),
            ("pendingReview", pendingReview.map { $0 > 0 } ?? true, "must be at least 1"),
            ("cadence.questions.most", cadence?.questions.map { $0.most > 0 } ?? true, "must be at least 1"),
            (
                "dpia", dpia.map { $0.text != nil || $0.reference != nil } ?? true,
                "must have a text, or a reference to where it is kept"
            ),
        ]
    }

    private var dateRules: [Rule] {
        [
            ("validUntil", validFrom <= validUntil, "lies before validFrom"),
            ("reviewDate", reviewDate.map { $0 >= validFrom } ?? true, "lies before validFrom"),
            (
                "approvers", approvers.allSatisfy { parties.contains($0.organisation) },
                "names an organisation that is not a party"
            ),
        ]
    }

    /// Only CAG can set the national data opt-out aside, and only for a flow that it advised on.
    private var exemptionFaults: [AgreementFault] {
        guard exemptions?.nationalDataOptOut != nil else { return [] }
        let field = "exemptions.nationalDataOptOut"
        if !legalContext.isSection251 {
            return [AgreementFault(field, "is CAG's to grant: it needs a gateway of section 251")]
        }
        if legalContext.references.cag == nil {
            return [AgreementFault(field, "needs CAG's reference in legalContext.references.cag")]
        }
        return []
    }
}

extension LegalContext {
    /// Why Article 6(1)(f) and (ea) are refused.
    static let notForAuthorities = "is not open to public authorities in the performance of their tasks"

    /// Where the ground is not open to a public authority, or does not carry an action.
    func faults(actions: [AccessAction]) -> [AgreementFault] {
        var faults: [AgreementFault] = []
        if article6 == .f || article6 == .ea {
            faults.append(
                AgreementFault("legalContext.article6", "\(article6.rawValue) \(Self.notForAuthorities)"))
        }
        if gateway == .impliedConsentDirectCare, let action = actions.first(where: { $0 != .readRecord }) {
            faults.append(
                AgreementFault(
                    "legalContext.gateway", "implied consent for direct care never permits \(action.rawValue)"))
        }
        if actions.contains(.link) {
            if gateway == .notConfidential {
                faults.append(
                    AgreementFault(
                        "legalContext.gateway",
                        "link handles confidential patient information: it needs a gateway"))
            }
            if references.dpia == nil {
                faults.append(AgreementFault("legalContext.references.dpia", "link needs a DPIA of its own"))
            }
        }
        return faults + references.faults
    }
}

extension LegalContext.References {
    fileprivate var faults: [AgreementFault] {
        [("cag", cag, TextForm.cag), ("dars", dars, TextForm.dars)].compactMap { name, value, form in
            guard let value, !form.matches(value) else { return nil }
            return AgreementFault("legalContext.references.\(name)", form.words)
        }
    }
}
