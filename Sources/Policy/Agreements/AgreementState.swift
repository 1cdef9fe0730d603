package import Core

/// Whether an agreement permits anything, for one controller on one day.
package enum AgreementState: String, Codable, Sendable, CaseIterable {
    /// Nobody has signed.
    case draft
    case partlySigned = "partly signed"
    case notYetInForce = "not yet in force"
    case inForce = "in force"
    case expired
    /// CAG's annual review is overdue, or a party has suspended it.
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

    package init(
        agreement: Agreement, signers: Set<OrganisationCode>, revokedBy: Set<OrganisationCode> = [],
        suspendedBy: Set<OrganisationCode> = []
    ) {
        self.agreement = agreement
        self.signers = signers
        self.revokedBy = revokedBy
        self.suspendedBy = suspendedBy
    }

    /// The state in which one controller sees it. Another controller's revocation ends only that one's part.
    package func state(for controller: OrganisationCode, on day: CivilDate) -> AgreementState {
        let heard: Set = [controller, agreement.requester]
        if !revokedBy.isDisjoint(with: heard) { return .revoked }
        if signers.isDisjoint(with: agreement.parties) { return .draft }
        if !signers.isSuperset(of: agreement.parties) { return .partlySigned }
        if day < agreement.validFrom { return .notYetInForce }
        if day > agreement.validUntil { return .expired }
        if !suspendedBy.isDisjoint(with: heard) || isReviewOverdue(on: day) { return .suspended }
        return .inForce
    }

    private func isReviewOverdue(on day: CivilDate) -> Bool {
        guard agreement.legalContext.isSection251, let due = agreement.legalContext.references.cagReviewDue
        else { return false }
        return day > due
    }
}
