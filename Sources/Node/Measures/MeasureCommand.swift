package import Core

/// Approved, recurring measures: made and asked for at a requester's node, approved once at each controller's.
package enum MeasureCommand: Codable, Sendable {
    /// Keeps a measure under a name and puts it before every controller of its agreement.
    /// - Parameter from: the first period is the one that this day lies in; nil: the last one that has ended.
    case create(name: String, Question, every: MeasureCadence, from: CivilDate?, comment: String?)
    /// Asks for a period, or gives what was released for it.
    /// - Parameters:
    ///   - asAt: the period's last day; nil: of the last one that has ended.
    ///   - user: who asks; nil: whoever made it.
    case run(name: String, asAt: CivilDate?, user: String? = nil)
    /// Asks for every period that is not whole yet, oldest first.
    case backfill(name: String, user: String? = nil)
    case list(MeasureSide)
    case show(MeasureName, json: Bool)
    case approve(name: String)
    /// Also takes an approval back: what was released stays released.
    case decline(name: String, reason: String)
    /// One of the node's own, with what was released to it here; what controllers approved they keep.
    case remove(name: String)

    /// Whether it only reads the node's state, or asks what each controller decides at its own door.
    var isReading: Bool {
        switch self {
        case .run, .backfill, .list, .show: true
        case .create, .approve, .decline, .remove: false
        }
    }

    /// Whether it is the requester's: an analyst's own affair.
    var isAsking: Bool {
        switch self {
        case .create, .run, .backfill, .remove, .list, .show: true
        case .approve, .decline: false
        }
    }
}

/// Which measure is meant.
package enum MeasureName: Codable, Sendable {
    /// One of the node's own; where it has none of that name, one that was put before it.
    case any(String)
    case ours(String)
    /// One that was put before the node: by number, name or REQUESTER:NAME.
    case theirs(String)
}

/// Whose measures a list has.
package enum MeasureSide: String, Codable, CaseIterable, Sendable {
    /// The node's own, and those that others put before it.
    case all
    case ours, theirs
}
