internal import Core
internal import Exchange
internal import Policy

/// What the decision log keeps of one decision: enough to make it again, nothing of a person, no query text.
struct DecisionNote: Sendable {
    let policyVersion: String
    let policyDigest: Digest
    /// Of the moment that the policies saw: milliseconds since 1970, UTC.
    let at: Int64
    private var inputs: [String] = []
    private(set) var determining: Set<String> = []
    /// What the permits attached; empty on refusal.
    private(set) var obligations: Obligations?

    init(_ policy: PolicyInForce, at: Int64) {
        policyVersion = policy.version
        policyDigest = policy.digest
        self.at = at
    }

    /// Adds one decision of the question: one an action.
    mutating func take(_ decision: Decision, input: String) {
        inputs.append(input)
        determining.formUnion(decision.determining)
        guard decision.isPermit else {
            obligations = nil
            return
        }
        obligations = obligations?.joined(with: decision.obligations) ?? decision.obligations
    }

    /// SHA-256 of the canonical inputs (`PolicyEngine.canonicalInput`), each with a line feed, in the order of the
    /// decisions: `aggregate`, then `link`.
    var inputDigest: Digest { Digest(of: Array(inputs.map { $0 + "\n" }.joined().utf8)) }

    /// For the leaf.
    var details: [String: String] {
        var details = [
            "input": inputDigest.description, "decidedAt": String(at), "policyVersion": policyVersion,
            "policyDigest": policyDigest.description,
        ]
        if let obligations { details["obligations"] = obligations.canonicalText }
        return details
    }

    /// What names a decision in the log, the answer and the receipt.
    static func id(_ query: String, of sender: OrganisationCode, at controller: OrganisationCode) -> String {
        Digest(of: Array("\(query) \(sender) \(controller)".utf8)).description
    }
}
