package import Core

/// A person's objection to the use of their data (UK GDPR, Article 21), with what the controller decided on it.
///
/// Only one that is upheld and not withdrawn takes the person out of anything; the others are kept, because a
/// person may ask what became of theirs.
package struct Objection: Hashable, Codable, Sendable {
    /// What the person objects to.
    package enum Scope: Hashable, Codable, Sendable {
        case agreement(String)
        /// The purpose and what stands below it.
        case purpose(Purpose)
        case all

        /// `agreement`, `purpose` or `all`.
        package var kind: String {
            switch self {
            case .agreement: "agreement"
            case .purpose: "purpose"
            case .all: "all"
            }
        }

        /// In one word or two, e.g. `purpose planning`; says nothing of a person.
        package var words: String {
            switch self {
            case .agreement(let id): "agreement \(id)"
            case .purpose(let purpose): "purpose \(purpose)"
            case .all: "all"
            }
        }
    }

    package enum Outcome: String, Codable, Sendable, CaseIterable {
        case upheld
        case declined
    }

    /// That the person took it back, or the controller its decision.
    package struct Withdrawal: Hashable, Codable, Sendable {
        /// Seconds since the epoch.
        package let at: Int64
        package let reason: String
    }

    package let id: Int64
    /// Ten digits. INVARIANT: never in a log, an error or the audit log.
    package let number: String
    package let scope: Scope
    package let decision: Outcome
    package let reason: String
    /// Seconds since the epoch.
    package let recordedAt: Int64
    package let withdrawal: Withdrawal?

    /// Whether it takes the person out of what it is about.
    package var isEffective: Bool { decision == .upheld && withdrawal == nil }

    /// Whether a question under this agreement for this purpose is what it is about.
    package func covers(agreement: String, purpose: Purpose, in purposes: PurposeHierarchy) -> Bool {
        switch scope {
        case .all: true
        case .agreement(let id): id == agreement
        case .purpose(let term): term == purpose || purposes.isWithin(purpose, term)
        }
    }
}

/// Why an objection could not be recorded or withdrawn; bears no number.
package struct ObjectionFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
