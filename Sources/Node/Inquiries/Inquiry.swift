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
    /// What this controller was asked and what left, as `AskedPage`.
    case asked(AskedSearch)
    /// One question by its place in the log, as `AskedQuestion`.
    case askedQuestion(entry: Int)
    /// Every question of a time, oldest first; the log bears that it was made.
    case askedExport(AskedSearch, AskedExportForm)
    /// The purposes that the node's policies know, as a list of `PurposeLine`.
    case purposes
    /// Members of the directory with what was last seen of each, as a list of `PeerNote`.
    case peers
    /// How the node runs, as `OperationsNote`.
    case operations
}

extension Inquiry {
    /// Whether it is for those alone who answer for what leaves: questions bear what analysts wrote.
    var isGovernance: Bool {
        switch self {
        case .asked, .askedQuestion, .askedExport: true
        case .catalog, .logHead, .logEntries, .logEntry, .savedQueries, .askable, .purposes, .peers,
            .operations:
            false
        }
    }
}
