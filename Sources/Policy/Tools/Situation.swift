import Core

/// A request as it is varied by the tools: an agreement, what is changed in it, and what is asked.
struct Situation: Hashable, Sendable {
    var agreement: Agreement
    var change = RequestDocument.Change()
    var request: RequestDocument.Request

    /// In facts, or nil where it cannot be said (an agreement that cannot be).
    func facts(_ known: inout AgreementVariants) -> AccessRequest? {
        if change.unknown == true { return try? RequestDocument.facts(request, nil) }
        guard let varied = known.agreement(agreement, change) else { return nil }
        let record = AgreementRecord(
            agreement: varied, signers: change.signers ?? varied.parties,
            revokedBy: change.revokedBy ?? [], suspendedBy: change.suspendedBy ?? [])
        return try? RequestDocument.facts(request, record)
    }
}

/// Agreements with changes in them, each made once.
struct AgreementVariants {
    private struct Key: Hashable {
        let agreement: Agreement
        let change: RequestDocument.Change
    }

    private var made: [Key: Agreement?] = [:]

    mutating func agreement(_ agreement: Agreement, _ change: RequestDocument.Change) -> Agreement? {
        var change = change
        (change.signers, change.revokedBy, change.suspendedBy) = (nil, nil, nil)
        let key = Key(agreement: agreement, change: change)
        if let known = made[key] { return known }
        let record = try? RequestDocument.record(change, of: agreement)
        made[key] = .some(record?.agreement)
        return record?.agreement
    }
}

/// What the tools ask of an engine beyond a decision.
extension PolicyEngine {
    /// Whether a policy decides anything on a day.
    func isInForce(_ policy: CedarPolicy, on day: CivilDate) -> Bool {
        lastDay(of: policy).map { day <= $0 } ?? true
    }

    func lastDay(of policy: CedarPolicy) -> CivilDate? {
        policy.annotation("valid_until").flatMap { CivilDate($0.value) }
    }

    /// What became of every policy in force, in their order.
    func traces(_ request: AccessRequest) -> [CedarPolicyTrace] {
        let (asked, entities) = (cedarRequest(of: request), cedarEntities(of: request))
        return policies.policies.filter { isInForce($0, on: request.today) }.map {
            CedarPolicyTrace($0, asked, entities)
        }
    }

    /// Whether one policy applies; nil where it cannot be evaluated.
    func applies(_ policy: CedarPolicy, _ request: CedarRequest, _ entities: CedarEntities) -> Bool? {
        let evaluator = CedarEvaluator(request: request, entities: entities)
        return try? evaluator.isSatisfied(policy)
    }
}
