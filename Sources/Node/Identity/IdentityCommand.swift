/// What staff of a controller ask about who its patients are.
package enum IdentityCommand: Codable, Sendable {
    /// Counts: NHS numbers by their verification, links, conflicts.
    case report
    /// Each conflict under an opaque id, with how many patients it is about.
    case list
    /// One conflict with the source's ids of its patients.
    /// - Parameter id: of the conflict, or its beginning.
    case show(id: String)
}
