/// What became of every record of an ingest: the counts add up.
package struct IngestReport: Codable, Sendable, Hashable {
    /// One file.
    package struct File: Codable, Sendable, Hashable {
        package var name: String
        package var dataset: String?
        /// Lines that bear a record.
        package var records: Int
        package var new: Int
        package var replaced: Int
        package var unchanged: Int
        /// Older than what the warehouse holds, or repeated within the file.
        package var superseded: Int
        /// Not taken in: in the quarantine with reasons.
        package var setAside: Int
        /// Reason code -> records.
        package var reasons: [String: Int]

        package init(name: String, dataset: String?) {
            self.name = name
            self.dataset = dataset
            records = 0
            new = 0
            replaced = 0
            unchanged = 0
            superseded = 0
            setAside = 0
            reasons = [:]
        }
    }

    package var files: [File]
    /// Files of resource types that no dataset takes, by type.
    package var passedOver: [String: Int]
    package var bytes: Int
    package var seconds: Double
    package var people: Int
    /// Set when this ingest published by itself (the first does).
    package var published: SnapshotNote?

    package init() {
        files = []
        passedOver = [:]
        bytes = 0
        seconds = 0
        people = 0
    }

    package var megabytesPerSecond: Double { seconds > 0 ? Double(bytes) / 1e6 / seconds : 0 }
}
