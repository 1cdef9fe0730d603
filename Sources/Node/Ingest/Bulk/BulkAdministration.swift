internal import Audit
internal import Catalog
internal import Foundation
internal import Logging
internal import Store
internal import Synchronization

/// Carries out what people at a controller ask of Bulk Data servers.
struct BulkAdministration: Sendable {
    let context: NodeContext
    /// How long is waited; another one in tests.
    var pace = BulkPace()

    /// Exports that this process is at, by source: how each is stopped.
    private static let running = Mutex<[String: @Sendable () -> Void]>([:])

    private var store: BulkStore { BulkStore(store: context.store, vault: context.vault) }
    private var keyring: ClientKeyring { .bulk(context.vault) }

    /// The two algorithms that SMART names; a server must take at least one of them.
    static let algorithms: [ClientKey.Algorithm] = [.es384, .rs384]

    func run(_ command: BulkCommand, progress: @escaping ProgressSink) async throws -> NodeReply {
        switch command {
        case .ingest(let command): return .ingested(try await ingest(command, progress: progress))
        case .withdraw(let command): return .done(try await withdraw(command))
        case .newKey(let algorithm):
            guard let algorithm = Self.algorithms.first(where: { $0.rawValue == algorithm }) else {
                throw BulkError(.key, "'--algorithm' takes ES384 or RS384")
            }
            return try await add(
                try ClientKey.generate(algorithm, at: Clock.text(Clock.now)), "bulk-key-made")
        case .importKey(let path):
            guard let bytes = try PrivateFile.read(path) else {
                throw NodeError(.input, "there is no '\(path)': name a private key in PEM")
            }
            return try await add(
                try ClientKey(
                    pem: String(decoding: bytes, as: UTF8.self), as: Self.algorithms,
                    at: Clock.text(Clock.now)),
                "bulk-key-imported")
        case .removeKey(let id):
            let key = try keyring.key(id)
            try keyring.remove(key.id)
            try await note(key, "bulk-key-removed")
            return .done("key \(key.id) is removed: take it out at the servers, too")
        case .listKeys:
            return .listing(
                columns: ["id", "algorithm", "made_at"],
                rows: try keyring.keys().map { [$0.id, $0.algorithm.rawValue, $0.madeAt] })
        case .showKeys: return .document(try keyring.publicKeys())
        case .list: return try await list()
        case .cancel(let id): return .done(try await cancel(id))
        }
    }

    // MARK: - Keys

    private func add(_ key: ClientKey, _ act: String) async throws -> NodeReply {
        try keyring.add(key)
        try await note(key, act)
        return .document(try keyring.publicKeys())
    }

    private func note(_ key: ClientKey, _ act: String) async throws {
        _ = try await context.audit.append(
            AuditRecord(
                kind: .key, at: Clock.now,
                details: ["act": act, "key": key.id, "algorithm": key.algorithm.rawValue]))
    }

    // MARK: - Exports

    func ingest(_ command: BulkIngestCommand, progress: @escaping ProgressSink) async throws -> IngestReport {
        _ = try context.controllersWarehouse()
        if let since = command.since, !BulkInstant.isValid(since) {
            throw BulkError(.address, "'--since' takes an instant such as 2026-11-20T00:00:00Z")
        }
        let source = try source(command)
        var pace = pace
        pace.patience = .seconds(command.patienceHours * 3600)
        let pulse = ProgressPulse(progress)
        defer { pulse.stop() }
        return try await alone(source) { [pace] in
            try await withSession(source, command.client, command.settings, command.allowed, pace) {
                session in
                try await BulkExport(
                    context: context, source: source, command: command, session: session, store: store,
                    progress: pulse.show
                ).run()
            }
        }
    }

    private func source(_ command: BulkIngestCommand) throws -> BulkSource {
        try BulkSource(base: command.base, level: command.level, types: try command.types ?? ownTypes())
    }

    /// The types that the node has datasets for: no others are asked for.
    private func ownTypes() throws -> [String] {
        Set(context.catalog.views.map(\.value.resource) + [try SiteSchema.consentView.resource]).sorted()
    }

    /// Removes what a crash left: files of patients' data.
    func sweep() async throws { try await BulkExport.sweep(context, store) }

    private func list() async throws -> NodeReply {
        try await sweep()
        return .listing(
            columns: ["id", "server", "level", "types", "since", "state", "started_at", "as_of"],
            rows: try await store.list().map { export in
                [
                    String(export.id), export.base, export.level, export.types.isEmpty ? "all" : export.types,
                    export.since ?? "-", export.state.rawValue, Clock.text(export.startedAt),
                    export.asOf ?? "-",
                ]
            })
    }

    private func cancel(_ id: Int64) async throws -> String {
        try await sweep()
        guard let export = try await store.export(id), export.state.isOpen else {
            throw BulkError(.busy, "no export \(id) is under way: 'concordat bulk list' has them")
        }
        let secrets = try store.secrets(export)
        let level: BulkSource.Level =
            export.level.hasPrefix("group ")
            ? .group(String(export.level.dropFirst(6)))
            : export.level == "patients" ? .patients : .system
        let source = try BulkSource(
            base: export.base, level: level, types: export.types.split(separator: ",").map(String.init))
        try await stop(source)
        let isHeard = try await alone(source) {
            try await withSession(source, secrets.client, secrets.settings, secrets.allowed, pace) {
                session in
                try await BulkExport(
                    context: context, source: source, command: BulkIngestCommand(base: export.base),
                    session: session,
                    store: store, progress: { _, _, _, _ in }
                ).cancel(export)
            }
        }
        return "export \(id) is withdrawn"
            + (isHeard ? "" : "; the server could not be told and ends it by itself")
    }

    /// Whatever is at it here is stopped first.
    private func withdraw(_ command: BulkIngestCommand) async throws -> String {
        let source = try source(command)
        try await stop(source)
        guard let export = try await store.open(source) else { return "no export is under way" }
        return try await cancel(export.id)
    }

    private func name(of source: BulkSource) -> String { context.home.layout.root + "\n" + source.key }

    private func stop(_ source: BulkSource) async throws {
        let name = name(of: source)
        let end = Self.running.withLock { $0[name] }
        end?()
        try await waitUntilFree(name, .seconds(60))
    }

    private func waitUntilFree(_ name: String, _ patience: Duration) async throws {
        let end = ContinuousClock.now + patience
        while Self.running.withLock({ $0[name] != nil }), .now < end {
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// One export of a source at a time. A command whose terminal is gone is given the time to notice that.
    private func alone<T: Sendable>(
        _ source: BulkSource, _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        let name = name(of: source)
        try await waitUntilFree(name, .seconds(15))
        let work: Task<T, any Error>? = Self.running.withLock { running in
            guard running[name] == nil else { return nil }
            let work = Task { try await body() }
            running[name] = { work.cancel() }
            return work
        }
        guard let work else {
            throw BulkError(.busy, "this node is at an export of this source already: 'concordat bulk list'")
        }
        defer { Self.running.withLock { $0[name] = nil } }
        return try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            work.cancel()
        }
    }

    private func withSession<T>(
        _ source: BulkSource, _ client: BulkClient?, _ settings: BulkConnection.Settings, _ allowed: [String],
        _ pace: BulkPace, _ body: (BulkSession) async throws -> T
    ) async throws -> T {
        let connection = try BulkConnection(
            reach: try BulkReach(base: source.base, allowed: allowed), settings: settings)
        let tokens = BulkTokens(client: client, source: source, connection: connection, keyring: keyring)
        let session = BulkSession(
            connection: connection, tokens: tokens, waiting: BulkWaiting(pace), attempts: pace.attempts)
        do {
            let result = try await body(session)
            await connection.shutdown()
            return result
        } catch {
            await connection.shutdown()
            throw error
        }
    }
}

extension NodeContext {
    /// Removes what a crash left in the home, once the node begins to serve; nothing is ended by a failure.
    package func sweepExports() async {
        do { try await BulkAdministration(context: self).sweep() } catch {
            log.error("files of ended exports are left in the home", metadata: ["error": "\(error)"])
        }
    }
}

extension BulkCommand {
    /// Whether it takes records in; nil if it only reads the node's state.
    var isIngest: Bool? {
        switch self {
        case .ingest, .withdraw: true
        case .list, .listKeys, .showKeys: nil
        default: false
        }
    }
}
