package import Core

/// What one party has done to stop an agreement.
package struct AgreementHalt: Hashable, Sendable {
    package enum Act: String, Sendable, CaseIterable {
        case revoked
        case suspended
        /// Takes a suspension back: never kept as a halt.
        case resumed
    }

    package let organisation: OrganisationCode
    package let act: Act
    package let reason: String
    /// Seconds since the epoch.
    package let at: Int64

    package init(organisation: OrganisationCode, act: Act, reason: String, at: Int64) {
        self.organisation = organisation
        self.act = act
        self.reason = reason
        self.at = at
    }

    package var day: CivilDate { CivilDate(days: Int(at / 86_400)) }
}
