/// What the direct-care desk can be asked: one person's record, relationships of care, alerts and reviews.
package enum CareCommand: Codable, Sendable {
    case showRecord(RecordRequest)
    case recordRelationship(number: String, user: String, basis: String, until: String)
    case listRelationships
    case endRelationship(id: Int)
    case listAlerts(all: Bool)
    case acknowledgeAlert(id: Int, by: String)
    case listReviews(all: Bool)
    case closeReview(id: Int, by: String, outcome: String, note: String)
}

/// A clinician's request for one person's record.
///
/// What it says of itself (the role, that it is an emergency) is a fact for the policy; that there is a
/// relationship of care it cannot say: the node looks.
package struct RecordRequest: Codable, Sendable {
    /// The NHS number as written.
    package let number: String
    package let user: String
    package let role: String
    package let isBreakGlass: Bool
    package let reason: String?
    /// The agreement; nil where there is only one for direct care with this organisation itself.
    package let agreement: String?
    /// Restricted codelists whose episodes are asked for as well.
    package let including: [String]

    package init(
        number: String, user: String, role: String, isBreakGlass: Bool, reason: String?, agreement: String?,
        including: [String]
    ) {
        self.number = number
        self.user = user
        self.role = role
        self.isBreakGlass = isBreakGlass
        self.reason = reason
        self.agreement = agreement
        self.including = including
    }
}

/// One person's record at this controller, as it is shown.
package struct CareRecord: Codable, Sendable {
    package struct Section: Codable, Sendable {
        package let dataset: String
        package let columns: [String]
        package let rows: [[String]]
    }

    /// Entry of the log that bears this access.
    package let logEntry: Int
    package let agreement: String
    package let policies: [String]
    package let sections: [Section]
    /// What the reader must know; the same words whether anything was left out or not.
    package let notes: [String]
}
