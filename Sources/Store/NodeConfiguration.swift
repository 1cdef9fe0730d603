package import Core

/// The settings of a node, in `concordat.yaml` of its home.
///
/// Who the node is (`organisation`, `name`, `roles`, `synthetic`) is written by `concordat init` and read
/// from the file only. What an operator tunes may be overridden by the environment:
/// `CONCORDAT_LISTEN_PORT=8443` for `listenPort`, and so on for every key of ``Key/operational``.
package struct NodeConfiguration: Hashable, Codable, Sendable {
    package var organisation: OrganisationCode
    package var name: String
    package var roles: [NodeRole]
    /// `duckdb`, or a `postgresql://` address. May hold a password: never log it.
    package var warehouse: String
    /// Whether a PostgreSQL warehouse's publications are copied into DuckDB files of the home, for questions.
    package var warehouseSnapshot = false
    package var listenHost: String
    package var listenPort: Int
    /// Whether the node holds synthetic patients only. Stamped at `init`, never changed.
    package var isSynthetic: Bool
    /// The disclosure profile that this node holds to whatever agreements and policies say: the strictest of all
    /// counts. Empty: as they say. `none` needs ``isSynthetic``.
    package var profile = ""
    /// The age from which an opt-out list may not be answered on.
    package var optOutMaximumAgeDays = 7
    /// For how many days after an encounter those who care for people here may read the person's record.
    package var careWindowDays = 365
    /// How many questions this node answers one requester in any 365 days, over all agreements; 0: as they say alone.
    package var requesterBudget = 10_000
    /// How often the node publishes by itself while it serves (``PublicationCadence``); empty: by command only.
    package var publishEvery = ""
    /// How long it is kept who was counted in a release, in days.
    package var countedRetentionDays = 2192
    /// Other controllers whose rows this node keeps, each apart: no question is answered from them.
    package var hostedControllers: [OrganisationCode] = []
    /// What becomes of measurements in units that the catalog does not know.
    package var unknownUnits = UnknownUnits.quarantine
    /// Whom a person may write to about their data, for letters; empty: nobody is named.
    package var contact = ""
    /// How long records are kept, in the controller's words, for letters; empty: not said.
    package var retentionNotice = ""
    /// What the embedded engine may use.
    package var memoryLimitMegabytes = 2048
    /// Threads of the embedded engine; 0 lets it choose.
    package var engineThreads = 0
    /// How many fragments are answered at once; further ones wait.
    package var maximumConcurrentQueries = 4
    /// When a running fragment is interrupted.
    package var queryTimeoutSeconds = 120
    /// Where `libduckdb.so` is; empty for the loader's search.
    package var duckdbLibrary = ""
    /// trace, debug, info, notice, warning, error or critical.
    package var logLevel = "info"
    /// Where PostgreSQL's clients are served; nil: nowhere.
    package var sql: SQLSettings?
    /// Where people and scripts are served over HTTP; nil: nowhere.
    package var web: WebSettings?
    /// Who else says who somebody is, at `web`; nil: the node alone.
    package var openID: OpenIDSettings?

    package init(
        organisation: OrganisationCode, name: String, roles: [NodeRole], warehouse: String = "duckdb",
        listenHost: String = "127.0.0.1", listenPort: Int = 8443, isSynthetic: Bool = false
    ) {
        self.organisation = organisation
        self.name = name
        self.roles = roles
        self.warehouse = warehouse
        self.listenHost = listenHost
        self.listenPort = listenPort
        self.isSynthetic = isSynthetic
    }
}

extension NodeConfiguration {
    /// The keys of the file.
    package enum Key: String, CaseIterable, Sendable {
        case organisation, name, roles, synthetic
        case warehouse, warehouseSnapshot, listenHost, listenPort, profile, optOutMaximumAgeDays
        case careWindowDays, requesterBudget, publishEvery, countedRetentionDays, hostedControllers,
            unknownUnits
        case contact, retentionNotice
        case memoryLimitMegabytes, engineThreads, maximumConcurrentQueries, queryTimeoutSeconds
        case duckdbLibrary, logLevel

        /// Those that say who the node is.
        package static let identity: Set<Key> = [.organisation, .name, .roles, .synthetic]
        /// Those that the environment may override.
        package static let operational = Set(allCases).subtracting(identity)

        /// The variable that overrides this key, such as `CONCORDAT_LISTEN_PORT`.
        package var variable: String {
            "CONCORDAT_"
                + rawValue.reduce(into: "") { name, letter in
                    if letter.isUppercase { name += "_" }
                    name += letter.uppercased()
                }
        }
    }

    /// Checks what the types do not.
    ///
    /// - Throws: ``StoreError/Code/configuration`` naming the key and what to write.
    package func validate() throws(StoreError) {
        func require(_ isFine: Bool, _ key: Key, _ remedy: String) throws(StoreError) {
            if !isFine { throw Self.fault(key, remedy) }
        }
        try require(!name.isEmpty, .name, "give the organisation's name.")
        try require(!roles.isEmpty, .roles, "name at least one of \(Self.roleNames).")
        try require(Set(roles).count == roles.count, .roles, "name each role once.")
        let isWarehouse =
            warehouse == "duckdb" || warehouse.hasPrefix("postgresql://")
            || warehouse.hasPrefix("postgres://")
        try require(isWarehouse, .warehouse, "write duckdb or a postgresql:// address.")
        try require(!listenHost.isEmpty, .listenHost, "write an address such as 127.0.0.1.")
        try require((0...65535).contains(listenPort), .listenPort, "write a port from 0 to 65535 (0: any).")
        try require(
            profile != "none" || isSynthetic, .profile,
            "'none' is only for homes made with --synthetic; write concordat, or leave it empty.")
        try require((1...90).contains(optOutMaximumAgeDays), .optOutMaximumAgeDays, "write 1 to 90 days.")
        try require(
            !hostedControllers.contains(organisation)
                && Set(hostedControllers).count == hostedControllers.count,
            .hostedControllers, "name each other controller once, and not the node's own organisation.")
        try require((0...3660).contains(careWindowDays), .careWindowDays, "write 0 to 3660 days.")
        try require(
            (0...10_000_000).contains(requesterBudget), .requesterBudget,
            "write how many questions one requester is answered in a year, or 0 for no limit of the node's own."
        )
        try require(
            publishEvery.isEmpty || PublicationCadence(publishEvery) != nil, .publishEvery,
            "write 6h, 90m or 2d (5 minutes to 31 days), a time of day in UTC such as 02:30, or leave it empty."
        )
        try require(
            (1...36_525).contains(countedRetentionDays), .countedRetentionDays, "write 1 to 36525 days.")
        try require(
            (64...4_194_304).contains(memoryLimitMegabytes), .memoryLimitMegabytes, "write at least 64.")
        try require((0...1024).contains(engineThreads), .engineThreads, "write 0 (automatic) to 1024.")
        try require(
            (1...1024).contains(maximumConcurrentQueries), .maximumConcurrentQueries, "write 1 to 1024.")
        try require((1...86_400).contains(queryTimeoutSeconds), .queryTimeoutSeconds, "write 1 to 86400.")
        try sql?.validate()
        try web?.validate()
        try openID?.validate(web)
        try require(
            Self.logLevels.contains(logLevel), .logLevel,
            "write one of \(Self.logLevels.joined(separator: ", ")).")
    }

    static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
    static var roleNames: String { NodeRole.allCases.map(\.rawValue).joined(separator: ", ") }

    static func fault(_ key: Key, _ remedy: String) -> StoreError {
        let override = Key.identity.contains(key) ? "" : " (or \(key.variable))"
        return StoreError(.configuration, "'\(key.rawValue)' in concordat.yaml\(override): \(remedy)")
    }
}
