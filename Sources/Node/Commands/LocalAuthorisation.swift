internal import Core
internal import Foundation
internal import Policy
internal import Store

/// Whether somebody at this node may have a command carried out: the policies' say on `ingest` and `administer`.
///
/// Who can open the home, or its socket, is the node's operator: the operating system has seen to that. Users who
/// signed in have the roles they have. A node's policies may still forbid, e.g. ingestion where another system is the
/// source.
struct LocalAuthorisation: Sendable {
    let context: NodeContext
    /// nil: the owner of the home.
    let user: NodeUser?

    /// - Throws: `NodeError.refused` in the policies' words.
    func check(_ command: NodeCommand) throws {
        guard let action = command.localAction, !isOwnAffair(command) else { return }
        let decision = try context.policy.current().engine.decide(
            AccessRequest(
                requester: context.organisation, controller: context.organisation,
                user: user?.name ?? "owner of the home",
                roles: user?.roles ?? [.operator], action: action, agreement: nil, statedPurpose: nil,
                columns: [],
                codelists: [], isSynthetic: context.configuration.isSynthetic, now: Date()))
        guard decision.isPermit else {
            throw NodeError(
                .refused, "the node's policies refuse this command (\(action.rawValue)): \(decision.reason)")
        }
    }
}

extension LocalAuthorisation {
    /// What a user does for themselves: keeping questions that each controller decides on when they are asked, and
    /// tokens of their own, which do no more than they may.
    private func isOwnAffair(_ command: NodeCommand) -> Bool {
        guard let user else { return false }
        return switch command {
        case .saved: user.roles.contains(.analyst)
        case .measure(let command): command.isAsking && user.roles.contains(.analyst)
        case .token(.revoke(_, let owner?)), .token(.create(_, let owner, _, _)): owner == user.name
        default: false
        }
    }
}

extension NodeCommand {
    /// What it does to this node; nil for commands that only read its state, and for questions, which each controller
    /// decides at its own door. Whatever is not listed changes something.
    var localAction: AccessAction? {
        switch self {
        case .ingest, .quarantineRetry: .ingest
        case .hosted(_, let command): command.localAction
        case .ask, .explain, .explainAtSites, .status, .verifyAudit, .quarantineList, .quarantineDegraded,
            .membershipCard,
            .showFederation,
            .listAgreements, .showAgreement, .agreement(.print), .agreement(.compare), .review(.list),
            .showDecision, .policyFacts, .care(.showRecord),
            .identity(.report), .identity(.list), .care(.listRelationships), .care(.listAlerts),
            .care(.listReviews):
            nil
        case .bulk(let command): command.isIngest.map { $0 ? .ingest : .administer }
        // No policies can keep the controller from replacing them: a bundle bears the controller's own signature.
        case .policyBundle: nil
        case .saved(let command): command.isReading ? nil : .administer
        case .measure(let command): command.isReading ? nil : .administer
        case .user(let command): command.isReading ? nil : .administer
        case .token(let command): command.isReading ? nil : .administer
        case .openID(let command): command.isReading ? nil : .administer
        case .inquire(let inquiry): inquiry.isGovernance ? .administer : nil
        case .reference(let command): command.isReading ? nil : .administer
        default: .administer
        }
    }
}
