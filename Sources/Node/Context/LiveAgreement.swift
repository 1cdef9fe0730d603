internal import Core
internal import Exchange
internal import Foundation
internal import Policy

/// An agreement that is in force now, with the digest of what was signed.
struct LiveAgreement: Sendable {
    let record: AgreementRecord
    let digest: Digest

    var body: Agreement { record.agreement }
}

extension Agreement {
    func permits(_ action: AccessAction) -> Bool { actions.contains(action) }

    /// The digest of the signed payload.
    var digest: Digest { get throws { Digest(of: Array(try canonicalJSON())) } }
}

extension NodeContext {
    /// The agreement as this node knows it, in whatever state.
    func agreement(_ id: String, at now: WireInstant) async throws -> LiveAgreement? {
        let day = CivilDate(days: Int(Clock.days(now.milliseconds)))
        guard let record = try await agreements.current(id, for: organisation, on: day) else { return nil }
        return LiveAgreement(record: record, digest: try record.agreement.digest)
    }

    /// The agreement if it is in force for this node today.
    func agreementInForce(_ id: String, at now: WireInstant) async throws -> LiveAgreement? {
        guard let agreement = try await agreement(id, at: now) else { return nil }
        let day = CivilDate(days: Int(Clock.days(now.milliseconds)))
        return agreement.record.state(for: organisation, on: day) == .inForce ? agreement : nil
    }
}
