/// What a controller decided about a request: a value, never an error.
package struct Decision: Hashable, Codable, Sendable {
    package enum Outcome: String, Codable, Sendable {
        case permit
        case refuse
    }

    package let outcome: Outcome
    /// The policies that determined it, by identifier; on refusal the forbids, or empty if nothing permits.
    package let determining: [String]
    /// The rule in words for the requester; says nothing about data.
    package let reason: String
    /// Empty on refusal.
    package let obligations: Obligations

    package init(outcome: Outcome, determining: [String], reason: String, obligations: Obligations = .init())
    {
        self.outcome = outcome
        self.determining = determining
        self.reason = reason
        self.obligations = obligations
    }

    package var isPermit: Bool { outcome == .permit }
}
