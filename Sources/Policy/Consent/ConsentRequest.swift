package import Core

/// What a person's consent is asked about: one action of one requester on some kinds of records for a purpose.
package struct ConsentRequest: Sendable {
    /// HL7 v3 Confidentiality, lowest first.
    package enum Confidentiality: String, Sendable, CaseIterable, Comparable {
        case unrestricted = "U"
        case low = "L"
        case moderate = "M"
        case normal = "N"
        case restricted = "R"
        case veryRestricted = "V"

        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    package let purpose: Purpose
    package let action: AccessAction
    package let requester: OrganisationCode
    package let controller: OrganisationCode
    /// FHIR resource types of the records that are read; of each one consent must hold.
    package let classes: Set<String>
    /// Study that asks, where one does.
    package let study: String?
    /// Milliseconds since 1970, UTC.
    package let now: Int64
    /// The highest label of what is read: a high-water mark. Records without a label are normal.
    package let confidentiality: Confidentiality
    /// Our terms for purposes, and the explicit mapping of others'.
    let hierarchy: PurposeHierarchy

    package init(
        purpose: Purpose, action: AccessAction, requester: OrganisationCode, controller: OrganisationCode,
        classes: Set<String>, study: String? = nil, now: Int64, confidentiality: Confidentiality = .normal,
        hierarchy: PurposeHierarchy
    ) {
        self.purpose = purpose
        self.action = action
        self.requester = requester
        self.controller = controller
        self.classes = classes
        self.study = study
        self.now = now
        self.confidentiality = confidentiality
        self.hierarchy = hierarchy
    }
}

/// What a consent says to a request.
package struct ConsentAnswer: Hashable, Sendable {
    package enum Effect: String, Sendable, CaseIterable {
        case permit
        case deny
        /// It is about something else, or not active.
        case silent
    }

    package let effect: Effect
    /// Whether a permit is one for the purpose or the study, not one for everything: only that is consent to a
    /// specific use.
    package let isSpecific: Bool

    package init(_ effect: Effect, isSpecific: Bool = false) {
        self.effect = effect
        self.isSpecific = isSpecific && effect == .permit
    }

    package static let silent = Self(.silent)

    /// Of two that both hold (several kinds of records, several actions) the stricter.
    package func stricter(_ other: Self) -> Self {
        if effect == .deny || other.effect == .deny { return Self(.deny) }
        if effect == .silent || other.effect == .silent { return .silent }
        return Self(.permit, isSpecific: isSpecific && other.isSpecific)
    }
}
