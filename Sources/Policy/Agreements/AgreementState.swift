package import Core

/// Whether an agreement permits anything, for one controller on one day.
package enum AgreementState: String, Codable, Sendable, CaseIterable {
    /// Nobody has signed.
    case draft
    case partlySigned = "partly signed"
    case notYetInForce = "not yet in force"
    case inForce = "in force"
    case expired
    /// A review is overdue, or a party has suspended it.
    case suspended
    case revoked
}

/// A version of an agreement with what has happened to it.
package struct AgreementRecord: Hashable, Sendable {
    package let agreement: Agreement
    /// Parties whose signatures over this version were verified.
    package let signers: Set<OrganisationCode>
    /// Parties that revoked the agreement, whatever the version.
    package let revokedBy: Set<OrganisationCode>
    package let suspendedBy: Set<OrganisationCode>
    /// A controller looks at what would be, before anybody has signed: never what answers a request.
    package let isRehearsed: Bool

    package init(
        agreement: Agreement, signers: Set<OrganisationCode>, revokedBy: Set<OrganisationCode> = [],
        suspendedBy: Set<OrganisationCode> = []
    ) {
        self.agreement = agreement
        self.signers = signers
        self.revokedBy = revokedBy
        self.suspendedBy = suspendedBy
        isRehearsed = false
    }

    /// The agreement as if it were in force.
    package init(rehearsing agreement: Agreement) {
        self.agreement = agreement
        signers = agreement.parties
        revokedBy = []
        suspendedBy = []
        isRehearsed = true
    }

    /// The state in which one controller sees it. Another controller's revocation ends only that one's part.
    package func state(for controller: OrganisationCode, on day: CivilDate) -> AgreementState {
        if isRehearsed { return .inForce }
        let heard: Set = [controller, agreement.requester]
        if !revokedBy.isDisjoint(with: heard) { return .revoked }
        if signers.isDisjoint(with: agreement.parties) { return .draft }
        if !signers.isSuperset(of: agreement.parties) { return .partlySigned }
        if day < agreement.validFrom { return .notYetInForce }
        if day > agreement.validUntil { return .expired }
        if !suspendedBy.isDisjoint(with: heard) || overdueReview(on: day) != nil { return .suspended }
        return .inForce
    }

    /// The state for a refusal: a suspension by the calendar says which day it was.
    package func stateInWords(for controller: OrganisationCode, on day: CivilDate) -> String {
        let state = state(for: controller, on: day)
        guard state == .suspended, suspendedBy.isDisjoint(with: [controller, agreement.requester]),
            let overdue = overdueReview(on: day)
        else { return state.rawValue }
        return "\(state.rawValue) (\(overdue))"
    }

    /// Which review should have been by now; nil where none is overdue.
    package func overdueReview(on day: CivilDate) -> String? {
        if agreement.legalContext.isSection251, let due = agreement.legalContext.references.cagReviewDue,
            day > due
        {
            return "CAG's annual review was due on \(due)"
        }
        if let due = agreement.reviewDate, day > due { return "its review was due on \(due)" }
        return nil
    }
}
