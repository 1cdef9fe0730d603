/// The capacity in which a person asks, as the door they came through established it: never by their own word.
package enum UserRole: String, Codable, Sendable, CaseIterable {
    /// Asks for aggregates and extracts; the requesting organisation answers for its people.
    case analyst
    /// Has signed in as somebody who cares for patients.
    case clinician
    /// Runs the node: takes data in, administers it.
    case `operator`
    case governanceLead
    case privacyOfficer
    case auditor
    /// A programme with credentials of its own.
    case system
}

/// What the direct-care door knows of a request for one person's record.
package struct CareFacts: Hashable, Codable, Sendable {
    /// Whether this controller's own data shows that the asker's organisation or team cares for the person.
    package let hasLegitimateRelationship: Bool
    /// Whether the asker said that they need the record although no relationship is shown.
    package let isBreakGlass: Bool
    /// Whether a reason in words was given.
    package let hasReason: Bool
    /// How often this asker broke the glass in the last 24 hours, this request not counted.
    package let recentBreakGlassUses: Int

    package init(
        hasLegitimateRelationship: Bool, isBreakGlass: Bool, hasReason: Bool, recentBreakGlassUses: Int
    ) {
        self.hasLegitimateRelationship = hasLegitimateRelationship
        self.isBreakGlass = isBreakGlass
        self.hasReason = hasReason
        self.recentBreakGlassUses = recentBreakGlassUses
    }
}
