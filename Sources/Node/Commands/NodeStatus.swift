/// What `concordat status` shows.
package struct NodeStatus: Codable, Sendable {
    package var organisation: String
    package var name: String
    package var roles: [String]
    package var synthetic: Bool
    package var serving: Bool
    package var listen: String
    package var warehouse: String
    package var directory: String
    package var agreements: Int
    package var snapshot: SnapshotNote?
    package var optOutLists: [OptOutNote]
    /// dataset -> rows in the snapshot.
    package var rows: [String: Int]
    package var logEntries: Int
    package var warnings: [String]
    /// When the node publishes by itself, RFC 3339 in UTC; nil where only a command does.
    package var nextPublication: String?
    /// Which policies decide.
    package var policy: PolicyNote?

    package init(
        organisation: String, name: String, roles: [String], synthetic: Bool, serving: Bool, listen: String,
        warehouse: String, directory: String, agreements: Int, snapshot: SnapshotNote?,
        optOutLists: [OptOutNote],
        rows: [String: Int], logEntries: Int, warnings: [String]
    ) {
        self.organisation = organisation
        self.name = name
        self.roles = roles
        self.synthetic = synthetic
        self.serving = serving
        self.listen = listen
        self.warehouse = warehouse
        self.directory = directory
        self.agreements = agreements
        self.snapshot = snapshot
        self.optOutLists = optOutLists
        self.rows = rows
        self.logEntries = logEntries
        self.warnings = warnings
    }
}
