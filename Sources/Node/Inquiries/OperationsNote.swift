/// How a node runs, for whoever runs it. Times are RFC 3339, UTC.
package struct OperationsNote: Codable, Hashable, Sendable {
    /// Data that were taken in, or were to be.
    package struct Load: Codable, Hashable, Sendable {
        /// `fhir`, `bulk …` or `table NAME-OF-THE-MAPPING`.
        package let source: String
        /// Of an organisation whose data the node keeps apart from its own.
        package let controller: String?
        package let startedAt: String
        /// nil while it runs.
        package let endedAt: String?
        /// `whole`, `failed` or `broken-off`; nil while it runs.
        package let outcome: String?
        package let records: Int?
        package let setAside: Int?
    }

    /// Something that stops being good on a day.
    package struct Dated: Codable, Hashable, Sendable {
        package let what: String
        package let from: String?
        package let until: String
        package let daysLeft: Int
        /// What to do before then.
        package let remedy: String
    }

    package struct Log: Codable, Hashable, Sendable {
        package let origin: String
        package let entries: Int
        /// How many of them the signed head covers, and when it was signed.
        package let signedEntries: Int
        package let signedAt: String?
        /// Who has signed the head beside this node.
        package let cosigners: [String]
        /// Members of the directory that are witnesses.
        package let witnesses: [String]
    }

    package struct Peer: Codable, Hashable, Sendable {
        package let note: PeerNote
        /// When it last asked this controller something.
        package let lastAsked: String?
        /// Notices about agreements that it has not taken yet.
        package let noticesWaiting: Int
    }

    package struct Activity: Codable, Hashable, Sendable {
        /// Questions in the warehouse now, how many may be, and how many wait.
        package let running: Int
        package let mostAtOnce: Int
        package let queued: Int
        /// Of the last 24 hours, by what became of them: `answered`, `refused`, `waiting`, `unanswered`.
        package let askedToday: [Count]
        package let memoryMegabytes: Int?
        /// Of the machine, over a minute.
        package let loadAverage: Double?
        package let cores: Int
        package let freeDiskMegabytes: Int?
        package let homeMegabytes: Int?
        package let startedAt: String?
    }

    package struct Count: Codable, Hashable, Sendable {
        package let name: String
        package let count: Int
    }

    package let loads: [Load]
    package let dated: [Dated]
    package let log: Log
    package let peers: [Peer]
    /// Whether peers are being looked for now: what is known of them is from before.
    package let isLooking: Bool
    package let activity: Activity
}
