import Configuration
import Core
import Yams

extension NodeConfiguration {
    /// Reads the file's bytes, with the environment's overrides above them.
    ///
    /// - Throws: ``StoreError/Code/configuration`` naming the key and the remedy: for a file that is no YAML,
    ///   a key that is unknown, missing or of the wrong type, and for a variable that would change who the
    ///   node is.
    package init(yaml: [UInt8], named path: String, environment: [String: String]) throws {
        try Self.refuseUnknownKeys(yaml, path: path)
        let reader = try SettingsReader(yaml: yaml, path: path, environment: environment)
        let organisation = try OrganisationCode(reader.required(.organisation)).orFault(
            .organisation, "write an ODS code: 3 to 10 upper-case letters and digits.")
        self.init(
            organisation: organisation, name: try reader.required(.name), roles: try reader.roles(),
            warehouse: reader.text(.warehouse) ?? "duckdb", listenHost: try reader.required(.listenHost),
            listenPort: try reader.integer(.listenPort).orFault(.listenPort, "write the port to listen on."),
            isSynthetic: try reader.boolean(.synthetic) ?? false)
        warehouseSnapshot = try reader.boolean(.warehouseSnapshot) ?? warehouseSnapshot
        profile = reader.text(.profile) ?? profile
        optOutMaximumAgeDays = try reader.integer(.optOutMaximumAgeDays) ?? optOutMaximumAgeDays
        careWindowDays = try reader.integer(.careWindowDays) ?? careWindowDays
        requesterBudget = try reader.integer(.requesterBudget) ?? requesterBudget
        publishEvery = reader.text(.publishEvery) ?? publishEvery
        countedRetentionDays = try reader.integer(.countedRetentionDays) ?? countedRetentionDays
        hostedControllers = try (reader.text(.hostedControllers) ?? "").split { $0 == "," || $0 == " " }
            .map { code in
                try OrganisationCode(String(code)).orFault(
                    .hostedControllers, "write ODS codes with commas between them, such as RAX, RYJ.")
            }
        unknownUnits = try reader.unknownUnits() ?? unknownUnits
        contact = reader.text(.contact) ?? contact
        retentionNotice = reader.text(.retentionNotice) ?? retentionNotice
        memoryLimitMegabytes = try reader.integer(.memoryLimitMegabytes) ?? memoryLimitMegabytes
        engineThreads = try reader.integer(.engineThreads) ?? engineThreads
        maximumConcurrentQueries = try reader.integer(.maximumConcurrentQueries) ?? maximumConcurrentQueries
        queryTimeoutSeconds = try reader.integer(.queryTimeoutSeconds) ?? queryTimeoutSeconds
        duckdbLibrary = reader.text(.duckdbLibrary) ?? duckdbLibrary
        logLevel = reader.text(.logLevel) ?? logLevel
        sql = try SQLSettings.read(yaml: yaml, environment: environment)
        web = try WebSettings.read(yaml: yaml, environment: environment)
        openID = try OpenIDSettings.read(yaml: yaml, environment: environment)
        try validate()
    }

    /// The file as `concordat init` writes it.
    package var yaml: String {
        """
        # Settings of this node. An environment variable such as \(Key.listenPort.variable) overrides a line
        # of the second part; the first part says who the node is and is not to be changed.
        \(Key.organisation.rawValue): \(Self.quoted(organisation.text))
        \(Key.name.rawValue): \(Self.quoted(name))
        \(Key.roles.rawValue): [\(roles.map(\.rawValue).joined(separator: ", "))]
        \(Key.synthetic.rawValue): \(isSynthetic)

        \(Key.warehouse.rawValue): \(Self.quoted(warehouse))
        # For PostgreSQL: keep a columnar copy of each publication in the home, and run questions on it.
        \(Key.warehouseSnapshot.rawValue): \(warehouseSnapshot)
        \(Key.listenHost.rawValue): \(Self.quoted(listenHost))
        \(Key.listenPort.rawValue): \(listenPort)
        # A disclosure profile to hold to whatever agreements say, such as concordat; empty: as they say.
        \(Key.profile.rawValue): \(Self.quoted(profile))
        # From this age on, an opt-out list is not answered on.
        \(Key.optOutMaximumAgeDays.rawValue): \(optOutMaximumAgeDays)

        # Days after an encounter in which those who care for people here may read the person's record.
        \(Key.careWindowDays.rawValue): \(careWindowDays)
        # How often to publish while serving: 6h, 2d, or a time of day in UTC such as 02:30; empty: by command.
        \(Key.requesterBudget.rawValue): \(requesterBudget)
        \(Key.publishEvery.rawValue): \(Self.quoted(publishEvery))
        # How long it is kept who was counted in a release; six years unless changed.
        \(Key.countedRetentionDays.rawValue): \(countedRetentionDays)
        # Other controllers whose data are kept here, each apart, by ODS code; commas between them.
        \(Key.hostedControllers.rawValue): \(Self.quoted(hostedControllers.map(\.text).joined(separator: ", ")))
        # Measurements in a unit that the catalog does not know for their code: quarantine, or mark to take them in marked.
        \(Key.unknownUnits.rawValue): \(unknownUnits.rawValue)
        # For letters to people who ask about their data: whom to write to, and how long records are kept.
        \(Key.contact.rawValue): \(Self.quoted(contact))
        \(Key.retentionNotice.rawValue): \(Self.quoted(retentionNotice))
        \(Key.memoryLimitMegabytes.rawValue): \(memoryLimitMegabytes)
        # 0: as many as the engine likes.
        \(Key.engineThreads.rawValue): \(engineThreads)
        \(Key.maximumConcurrentQueries.rawValue): \(maximumConcurrentQueries)
        \(Key.queryTimeoutSeconds.rawValue): \(queryTimeoutSeconds)
        # Path of libduckdb.so; empty: where the loader finds it.
        \(Key.duckdbLibrary.rawValue): \(Self.quoted(duckdbLibrary))
        \(Key.logLevel.rawValue): \(logLevel)
        \(SQLSettings.yaml(sql))
        \(WebSettings.yaml(web))
        \(OpenIDSettings.yaml(openID))

        """
    }

    /// A YAML double-quoted scalar (YAML 1.2, 7.3.1).
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let hex = String(scalar.value, radix: 16)
                quoted += "\\x" + (hex.count < 2 ? "0" : "") + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private static func refuseUnknownKeys(_ yaml: [UInt8], path: String) throws {
        let root: Yams.Node?
        do {
            root = try Yams.compose(yaml: String(decoding: yaml, as: UTF8.self))
        } catch {
            throw StoreError(.configuration, "\(path) is not YAML: \(Self.place(of: error)).")
        }
        guard let mapping = root?.mapping else {
            throw StoreError(.configuration, "\(path) must hold lines of the form 'key: value'.")
        }
        for (key, _) in mapping {
            guard let text = key.string, Key(rawValue: text) == nil,
                ![SQLSettings.key, WebSettings.key, OpenIDSettings.key].contains(text)
            else { continue }
            let known = Key.allCases.map(\.rawValue).joined(separator: ", ")
            throw StoreError(
                .configuration, "\(path) has the unknown key '\(text)': remove it, or write one of \(known).")
        }
    }

    /// Where the parser stopped, without the line's text, which may hold a password.
    private static func place(of error: any Error) -> String {
        guard let error = error as? YamlError else { return "unreadable" }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return "line \(mark.line), column \(mark.column): \(problem)"
        default: return "unreadable"
        }
    }
}

extension Optional {
    fileprivate func orFault(_ key: NodeConfiguration.Key, _ remedy: String) throws(StoreError) -> Wrapped {
        guard let self else { throw NodeConfiguration.fault(key, remedy) }
        return self
    }
}

/// Settings by key: the environment first, then the file.
///
/// Everything is read as text and converted here, so that a wrong value is an error that names the key and
/// not a silent default.
private struct SettingsReader {
    private let file: ConfigReader
    private let merged: ConfigReader

    init(yaml: [UInt8], path: String, environment: [String: String]) throws {
        for key in NodeConfiguration.Key.identity where environment[key.variable] != nil {
            throw StoreError(
                .configuration,
                "\(key.variable) is set, but '\(key.rawValue)' says who the node is and is read from "
                    + "concordat.yaml only: unset the variable.")
        }
        let snapshot = try YAMLSnapshot(
            data: yaml.span.bytes, providerName: "concordat.yaml", parsingOptions: .default)
        let overrides = NodeConfiguration.Key.operational.compactMap { key in
            environment[key.variable].map { (String(key.variable.dropFirst("CONCORDAT_".count)), $0) }
        }
        let variables = EnvironmentVariablesProvider(
            environmentVariables: Dictionary(uniqueKeysWithValues: overrides))
        let provider = SnapshotProvider(held: snapshot)
        file = ConfigReader(provider: provider)
        merged = ConfigReader(providers: [variables, provider])
    }

    func text(_ key: NodeConfiguration.Key) -> String? {
        (NodeConfiguration.Key.identity.contains(key) ? file : merged).string(
            forKey: ConfigKey(key.rawValue))
    }

    func required(_ key: NodeConfiguration.Key) throws -> String {
        try text(key).orFault(
            key, "the setting is missing: add it, or make the home anew with 'concordat init'.")
    }

    func integer(_ key: NodeConfiguration.Key) throws -> Int? {
        guard let text = text(key) else { return nil }
        return try Int(text).orFault(key, "write a whole number.")
    }

    func boolean(_ key: NodeConfiguration.Key) throws -> Bool? {
        guard let text = text(key) else { return nil }
        return try Bool(text).orFault(key, "write true or false.")
    }

    func unknownUnits() throws -> UnknownUnits? {
        guard let text = text(.unknownUnits) else { return nil }
        return try UnknownUnits(rawValue: text).orFault(.unknownUnits, "write quarantine or mark.")
    }

    func roles() throws -> [NodeRole] {
        let key = NodeConfiguration.Key.roles
        let names = file.stringArray(forKey: ConfigKey(key.rawValue)) ?? text(key).map { [$0] } ?? []
        return try names.map { name in
            try NodeRole(rawValue: name).orFault(
                key, "'\(name)' is no role; write some of \(NodeConfiguration.roleNames).")
        }
    }
}

/// A parsed file as a provider: swift-configuration's own reads files asynchronously and by another path
/// type.
private struct SnapshotProvider: ConfigProvider {
    let held: YAMLSnapshot

    var providerName: String { held.providerName }

    func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        try held.value(forKey: key, type: type)
    }

    nonisolated(nonsending) func fetchValue(forKey key: AbsoluteConfigKey, type: ConfigType) async throws
        -> LookupResult
    {
        try held.value(forKey: key, type: type)
    }

    nonisolated(nonsending) func watchValue<Return: ~Copyable>(
        forKey key: AbsoluteConfigKey, type: ConfigType,
        updatesHandler:
            nonisolated(nonsending) (ConfigUpdatesAsyncSequence<Result<LookupResult, any Error>, Never>)
            async throws -> Return
    ) async throws -> Return {
        try await watchValueFromValue(forKey: key, type: type, updatesHandler: updatesHandler)
    }

    func snapshot() -> any ConfigSnapshot { held }

    nonisolated(nonsending) func watchSnapshot<Return: ~Copyable>(
        updatesHandler:
            nonisolated(nonsending) (ConfigUpdatesAsyncSequence<any ConfigSnapshot, Never>)
            async throws -> Return
    ) async throws -> Return {
        try await watchSnapshotFromSnapshot(updatesHandler: updatesHandler)
    }
}
