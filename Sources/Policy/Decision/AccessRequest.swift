package import Core
package import Foundation

/// What a controller is asked to allow, in facts: taken from the re-bound fragments and the verified
/// envelope, never from what the requester says of itself.
package struct AccessRequest: Sendable {
    package let requester: OrganisationCode
    package let controller: OrganisationCode
    /// The requester's pseudonym of the person who asks.
    package let user: String
    package let action: AccessAction
    /// The agreement the request names, as this controller knows it; nil if it knows none.
    package let agreement: AgreementRecord?
    /// More specific than the agreement's, or nil for the agreement's own.
    package let statedPurpose: Purpose?
    /// Every column the fragments use, as `dataset.column`.
    package let columns: Set<String>
    /// Codelists the fragments use.
    package let codelists: Set<String>
    /// Whether the warehouse bears the stamp of synthetic data.
    package let isSynthetic: Bool
    package let now: Date

    package init(
        requester: OrganisationCode, controller: OrganisationCode, user: String, action: AccessAction,
        agreement: AgreementRecord?, statedPurpose: Purpose?, columns: Set<String>, codelists: Set<String>,
        isSynthetic: Bool, now: Date
    ) {
        self.requester = requester
        self.controller = controller
        self.user = user
        self.action = action
        self.agreement = agreement
        self.statedPurpose = statedPurpose
        self.columns = columns
        self.codelists = codelists
        self.isSynthetic = isSynthetic
        self.now = now
    }

    var today: CivilDate { CivilDate(days: Int((now.timeIntervalSince1970 / 86_400).rounded(.down))) }

    var purpose: Purpose? { statedPurpose ?? agreement?.agreement.purpose }

    /// Columns that the agreement does not name.
    var columnsOutside: [String] {
        columns.filter { agreement?.agreement.covers(column: $0) != true }.sorted()
    }
}
