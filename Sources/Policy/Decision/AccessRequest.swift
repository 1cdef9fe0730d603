package import Core
package import Foundation

/// What a controller is asked to allow, in facts: taken from the re-bound fragments and the verified
/// envelope, never from what the requester says of itself.
package struct AccessRequest: Sendable {
    package let requester: OrganisationCode
    package let controller: OrganisationCode
    /// The requester's pseudonym of the person who asks.
    package let user: String
    /// In what capacity, as the door established it.
    package let roles: Set<UserRole>
    package let action: AccessAction
    /// The agreement the request names, as this controller knows it; nil if it knows none.
    package let agreement: AgreementRecord?
    /// More specific than the agreement's, or nil for the agreement's own.
    package let statedPurpose: Purpose?
    /// Every column the fragments use, as `dataset.column`.
    package let columns: Set<String>
    /// Every dataset the fragments read, also those of which no column is used (`count(*)`).
    package let datasets: Set<String>
    /// Codelists the fragments use, as `codelist.name`.
    package let codelists: Set<String>
    /// Only where one person's record is asked for (`readRecord`).
    package let care: CareFacts?
    /// Whether the warehouse bears the stamp of synthetic data.
    package let isSynthetic: Bool
    package let now: Date

    /// - Parameter datasets: beside those of the columns.
    package init(
        requester: OrganisationCode, controller: OrganisationCode, user: String, roles: Set<UserRole>,
        action: AccessAction, agreement: AgreementRecord?, statedPurpose: Purpose?, columns: Set<String>,
        datasets: Set<String> = [], codelists: Set<String>, care: CareFacts? = nil, isSynthetic: Bool,
        now: Date
    ) {
        self.requester = requester
        self.controller = controller
        self.user = user
        self.roles = roles
        self.action = action
        self.agreement = agreement
        self.statedPurpose = statedPurpose
        self.columns = columns
        self.datasets = datasets.union(columns.map { String($0.prefix { $0 != "." }) })
        self.codelists = codelists
        self.care = care
        self.isSynthetic = isSynthetic
        self.now = now
    }

    package var today: CivilDate { CivilDate(days: Int((now.timeIntervalSince1970 / 86_400).rounded(.down))) }

    var purpose: Purpose? { statedPurpose ?? agreement?.agreement.purpose }

    /// Columns that the agreement does not name; `dataset.*` for a dataset of which it names none.
    var columnsOutside: [String] {
        let named = agreement.map { Set($0.agreement.datasets.keys) } ?? []
        let columns = columns.filter { agreement?.agreement.covers(column: $0) != true }
        let bare = datasets.filter { dataset in
            !named.contains(dataset) && !columns.contains { $0.hasPrefix("\(dataset).") }
        }
        return (columns + bare.map { "\($0).*" }).sorted()
    }
}
