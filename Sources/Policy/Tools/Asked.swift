import Core
import Foundation

/// A request whose facts can be changed one by one, to see what would come of it.
struct Asked {
    let requester: OrganisationCode
    let controller: OrganisationCode
    let user: String
    var roles: Set<UserRole>
    var action: AccessAction
    var agreement: AgreementRecord?
    var statedPurpose: Purpose?
    var columns: Set<String>
    var datasets: Set<String>
    var codelists: Set<String>
    var care: CareFacts?
    let isSynthetic: Bool
    var now: Date

    init(_ request: AccessRequest) {
        requester = request.requester
        controller = request.controller
        user = request.user
        roles = request.roles
        action = request.action
        agreement = request.agreement
        statedPurpose = request.statedPurpose
        columns = request.columns
        datasets = request.datasets
        codelists = request.codelists
        care = request.care
        isSynthetic = request.isSynthetic
        now = request.now
    }

    var facts: AccessRequest {
        AccessRequest(
            requester: requester, controller: controller, user: user, roles: roles, action: action,
            agreement: agreement, statedPurpose: statedPurpose, columns: columns, datasets: datasets,
            codelists: codelists, care: care, isSynthetic: isSynthetic, now: now)
    }

    /// Takes columns out, and the datasets of which nothing else is used.
    mutating func leaveOut(_ out: Set<String>) {
        let gone = Set(out.map(Self.dataset))
        columns.subtract(out)
        datasets.subtract(gone.subtracting(columns.map(Self.dataset)))
    }

    static func dataset(_ column: String) -> String { String(column.prefix { $0 != "." }) }

    /// An amendment, with the signatures that there are: what was not in force is not by being amended.
    mutating func amend(_ edit: (inout [String: Any]) -> Void) {
        guard let record = agreement, let agreement = record.agreement.edited(edit) else { return }
        self.agreement = AgreementRecord(
            agreement: agreement, signers: record.signers, revokedBy: record.revokedBy,
            suspendedBy: record.suspendedBy)
    }
}

extension Agreement {
    /// The agreement with some fields of its canonical form changed; nil where that is no agreement.
    func edited(_ edit: (inout [String: Any]) -> Void) -> Agreement? {
        guard let data = try? canonicalJSON(),
            var fields = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { return nil }
        edit(&fields)
        guard let changed = try? JSONSerialization.data(withJSONObject: fields) else { return nil }
        return try? JSONDecoder().decode(Agreement.self, from: changed)
    }
}
