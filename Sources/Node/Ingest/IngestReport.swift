/// What became of every record of an ingest: the counts add up.
package struct IngestReport: Codable, Sendable, Hashable {
    /// One file:
    /// `records` = `new` + `replaced` + `unchanged` + `superseded` + `deleted` + `setAside` + `passedOver`.
    package struct File: Codable, Sendable, Hashable {
        package var name: String
        package var dataset: String?
        /// Resources, and entries of Bundles that delete one.
        package var records: Int
        package var new: Int
        package var replaced: Int
        /// As the warehouse has it already, or to be deleted and not there.
        package var unchanged: Int
        /// Older than what the warehouse holds, or repeated within the input.
        package var superseded: Int
        /// Taken out of the warehouse because a Bundle says so.
        package var deleted: Int
        /// Not taken in: in the quarantine with bytes and reasons.
        package var setAside: Int
        /// Rows of a table outside its mapping's filter, or that give no row of any dataset.
        package var passedOver: Int
        /// Of those that are in now, how many could not be held whole: they are marked ('concordat quarantine degraded').
        package var degraded: Int
        /// Reason code -> records, each under its first reason.
        package var reasons: [String: Int]

        package init(name: String, dataset: String?) {
            self.name = name
            self.dataset = dataset
            records = 0
            new = 0
            replaced = 0
            unchanged = 0
            superseded = 0
            deleted = 0
            setAside = 0
            passedOver = 0
            degraded = 0
            reasons = [:]
        }

        mutating func setAside(_ reason: String, _ count: Int = 1) {
            setAside += count
            reasons[reason, default: 0] += count
        }
    }

    package var files: [File]
    /// Resources of types that no dataset takes, by type.
    package var passedOver: [String: Int]
    package var bytes: Int
    package var seconds: Double
    package var people: Int
    /// Files that could not be read to their end: sentences. What stands before the damage, and all other files, are in;
    /// the ingest has failed all the same.
    package var faults: [String]
    /// Files that were passed over, exports that were not complete: sentences.
    package var notes: [String]
    /// Set when this ingest published by itself (the first does).
    package var published: SnapshotNote?

    package init() {
        files = []
        passedOver = [:]
        bytes = 0
        seconds = 0
        people = 0
        faults = []
        notes = []
    }

    package var megabytesPerSecond: Double { seconds > 0 ? Double(bytes) / 1e6 / seconds : 0 }
}
