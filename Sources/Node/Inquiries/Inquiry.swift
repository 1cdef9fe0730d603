/// What people at a node ask of what it knows and has written down; answered as JSON.
package enum Inquiry: Codable, Sendable {
    /// Tables that questions may be about, with what they and their columns mean.
    case catalog
    /// The signed head of the log.
    case logHead
    /// Entries of the log, newest first.
    /// - Parameters:
    ///   - kinds: raw values of `AuditRecord.Kind`; empty: all.
    ///   - before: only those before this index.
    case logEntries(kinds: [String], before: Int?, limit: Int)
    /// One entry with the proof that it is in the log.
    case logEntry(Int)
    /// Agreements under which this node may ask today (`AskableAgreement`).
    case askable
    /// Saved questions as they were kept, with when they ran.
    case savedQueries
}
