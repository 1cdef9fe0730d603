package import Audit
package import Catalog
package import Core
internal import Disclosure
package import Exchange
package import Foundation
package import Logging
internal import Policy
package import Store
package import Warehouse

/// Everything of one node that is open: made once by whoever holds the home's lock.
///
/// INVARIANT: one process owns a home. A context exists only together with the lock it was made under.
package final class NodeContext: Sendable {
    package let home: Home
    package let keys: NodeKeys
    package let directory: PeerDirectory
    package let audit: AuditLog
    package let replay: ReplayGuard
    let store: ControlStore
    let vault: KeyVault
    let policy: PolicyKeeper
    let agreements: AgreementStore
    let optOuts: OptOutRegister
    let optOutExports: OptOutExports
    let objections: ObjectionRegister
    let ledger: ReleaseLedger
    let nonces: LinkNonceLedger
    let publications: PublicationStore
    let loads: LoadJournal
    let linkage: LinkageStore
    let notices: NoticeQueue
    let reviews: ReviewStore
    let recent: RecentQuestions
    let asked: QuestionBook
    let saved: SavedQueryStore
    let measures: MeasureBook
    let measureApprovals: MeasureApprovals
    let released: ReleasedTables
    let users: UserStore
    let receipts: ReceiptStore
    /// Only where the node is a controller.
    package let warehouse: SiteWarehouse?
    let merge: MergeEngine
    let peers: PeerClient
    let watch: PeerWatch
    let gate: Gate
    /// Through which publications go one by one.
    let publishing = Gate(width: 1)
    /// One load at a time, whoever's: people are numbered, and tables staged, for all of them in one place.
    let loading = Gate(width: 1)
    package let running = RunningQuestions()
    let strangers = StrangerRecords()
    package let log: Logger
    /// The folder `Schemas/` that the node was opened with.
    let schemas: String
    /// The folder `Pages/` that lies beside it: templates of the web console.
    package let pages: String
    private let lock: HomeLock

    let catalogs: CatalogKeeper

    /// What the node holds now; a question takes it once for each of its steps, and names versions.
    package var catalog: Catalog { catalogs.current }
    package var configuration: NodeConfiguration { home.configuration }
    package var organisation: OrganisationCode { configuration.organisation }

    /// Opens a home for this process alone.
    ///
    /// - Parameters:
    ///   - command: what this process does, for others who want the home.
    ///   - patience: how long whoever has the home is given to end.
    ///   - engine: makes the warehouse's engine from the configuration; the command line gives the concrete ones.
    /// - Throws: `StoreError` when another process owns the home, and whatever the parts throw.
    package init(
        home: Home, shared: SharedFiles, log: Logger, command: String = "",
        patience: HomeLock.Patience = .init(), engine: (Home) async throws -> any Engine
    ) async throws {
        self.home = home
        self.log = log
        schemas = shared.schemas
        pages = shared.pages
        lock = try await HomeLock.acquire(home.layout, command: command, patience: patience)
        let configuration = home.configuration
        // The vault's key is slow to derive on purpose: what needs no key is read meanwhile.
        async let catalogs = CatalogKeeper(
            schemas: shared.schemas, references: home.layout.root, restricted: shared.restricted(home))
        let vault = try KeyVault.open(home.layout)
        self.vault = vault
        keys = try NodeKeys.load(from: vault)
        store = try ControlStore(path: home.layout.controlDatabasePath, migrations: Self.migrations)
        directory = try PeerDirectory(store: store, root: try TrustPin(store: store).root())
        audit = try AuditLog(
            directory: home.layout.logDirectory, store: store,
            origin: Self.origin(configuration.organisation),
            signer: Self.signer(keys))
        self.catalogs = try await catalogs
        let catalog = self.catalogs.current
        replay = ReplayGuard(store: store)
        policy = try PolicyKeeper(
            records: PolicyRecords(store: store),
            signature: BundleSignature(
                organisation: configuration.organisation, keys: keys, directory: directory),
            folder: shared.policies(home), folderOrigin: shared.hasOwnPolicies(home) ? .folder : .shipped,
            restricted: shared.restricted(home))
        agreements = AgreementStore(store: store)
        optOuts = OptOutRegister(store: store)
        optOutExports = OptOutExports(store: store)
        nonces = LinkNonceLedger(store: store)
        publications = PublicationStore(store: store)
        loads = LoadJournal(store: store)
        try loads.endForgotten()
        linkage = LinkageStore(vault: vault)
        objections = ObjectionRegister(
            store: store, seal: { Data(vault.seal(Array($0), context: "objection")) },
            open: { Data(try vault.open(Array($0), context: "objection")) })
        notices = NoticeQueue(store: store)
        reviews = ReviewStore(store: store, vault: vault)
        recent = RecentQuestions(store: store, vault: vault)
        asked = QuestionBook(store: store, vault: vault, days: configuration.countedRetentionDays)
        saved = SavedQueryStore(store: store, vault: vault)
        measures = MeasureBook(store: store, vault: vault)
        measureApprovals = MeasureApprovals(store: store, vault: vault)
        released = try ReleasedTables(of: saved, measures)
        users = try UserStore(store: store, vault: vault)
        receipts = ReceiptStore(store: store, vault: vault)
        ledger = Self.ledger(store, vault)
        merge = MergeEngine(
            catalog: released.added(to: catalog), settings: Self.mergeSettings(configuration))
        gate = Gate(width: configuration.maximumConcurrentQueries)
        warehouse =
            configuration.roles.contains(.controller)
            ? try await SiteWarehouse(
                engine: try await engine(home), catalog: catalog, controller: configuration.organisation,
                isSynthetic: configuration.isSynthetic,
                recordKey: SiteSecrets.recordKey(vault),
                localKey: RecordLocalKey(secret: vault.derive(label: "local person key")),
                snapshots: Self.snapshots(home), unknownUnits: configuration.unknownUnits) : nil
        // Last: a client that is not shut down must not be left behind by a failure above.
        peers = try PeerClient(keys: keys, directory: directory)
        watch = PeerWatch(store: store, peers: peers)
        for warning in policy.note.warnings { log.error("policies", metadata: ["warning": "\(warning)"]) }
    }

    /// Opens what else the first question would open: a node that serves fails at its start, not then.
    package func prepareToAnswer() async throws { try await merge.open() }

    /// Lets go of engines and connections; the lock goes with the last reference.
    package func close() async {
        await watch.close()
        try? await peers.shutdown()
        await merge.close()
        await warehouse?.snapshots?.closeAll()
        await warehouse?.engine.close()
        _ = try? await audit.checkpoint()
    }

    static var migrations: [ControlMigration] {
        AuditLog.migrations + ExchangeStore.migrations + AgreementStore.migrations + OptOutRegister.migrations
            + ReleaseLedger.migrations + PublicationStore.migrations + LoadJournal.migrations
            + TrustPin.migrations
            + FederationDraft.migrations + PolicyRecords.migrations + CareStore.migrations
            + ObjectionRegister.migrations + OptOutExports.migrations + NoticeQueue.migrations
            + ReviewStore.migrations + RecentQuestions.migrations + QuestionBook.migrations
            + BulkStore.migrations
            + SavedQueryStore.migrations + MeasureBook.migrations + MeasureApprovals.migrations
            + UserStore.migrations + ReceiptStore.migrations + WebSessionStore.migrations
            + TokenStore.migrations + PeerWatch.migrations
    }

    static func origin(_ organisation: OrganisationCode) -> String { "concordat/\(organisation.text)" }

    static func signer(_ keys: NodeKeys) -> AuditSigner {
        AuditSigner(name: origin(keys.organisation), publicKey: keys.publicKeys.checkpoint.bytes) {
            try keys.signCheckpoint($0)
        }
    }

    private static func ledger(_ store: ControlStore, _ vault: KeyVault) -> ReleaseLedger {
        ReleaseLedger(
            store: store, seal: { Data(vault.seal(Array($0), context: "ledger")) },
            open: { Data(try vault.open(Array($0), context: "ledger")) })
    }

    private static func mergeSettings(_ configuration: NodeConfiguration) -> DuckDBSettings {
        var settings = DuckDBSettings()
        settings.memoryLimitMegabytes = min(512, configuration.memoryLimitMegabytes)
        settings.threads = 1
        if !configuration.duckdbLibrary.isEmpty { settings.library = configuration.duckdbLibrary }
        return settings
    }

    /// As the directory has it; its code where it is no member.
    func name(of organisation: OrganisationCode) -> String {
        (try? directory.member(organisation))?.name ?? organisation.text
    }

    func expectation(
        from sender: OrganisationCode? = nil, answering digest: Digest? = nil
    ) -> Envelope.Expectation {
        Envelope.Expectation(
            recipient: organisation, keys: [keys.sealing], sender: sender, answering: digest)
    }

    /// Whether the directory says of every one of them that it holds synthetic people only.
    func isWhollySynthetic(_ organisations: [OrganisationCode]) -> Bool {
        configuration.isSynthetic
            && organisations.allSatisfy { (try? directory.member($0))?.synthetic == true }
    }
}

/// Files that every node of one version shares: `Schemas/` and `Policies/`.
package struct SharedFiles: Sendable {
    package let root: String

    /// Looks in `CONCORDAT_SHARE`, then upwards from the executable and from the current directory.
    /// - Throws: `NodeError` naming where it looked.
    package static func find() throws -> SharedFiles {
        let manager = FileManager.default
        func holds(_ root: String) -> Bool { manager.fileExists(atPath: root + "/Schemas/datasets") }
        if let given = ProcessInfo.processInfo.environment["CONCORDAT_SHARE"] {
            guard holds(given) else {
                throw NodeError(.configuration, "CONCORDAT_SHARE names a folder without Schemas/datasets")
            }
            return SharedFiles(root: given)
        }
        let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        for start in [executable.path(percentEncoded: false), manager.currentDirectoryPath] {
            var folder = URL(filePath: start)
            while folder.pathComponents.count > 1 {
                let path = folder.path(percentEncoded: false)
                if holds(path) { return SharedFiles(root: path) }
                folder.deleteLastPathComponent()
            }
        }
        throw NodeError(
            .configuration,
            "cannot find Schemas/: set CONCORDAT_SHARE to the folder that has Schemas and Policies")
    }

    package var schemas: String { root + "/Schemas" }
    package var pages: String { root + "/Pages" }

    /// Names of the shared datasets.
    package func datasetNames() throws -> [String] {
        try Catalog.load(from: schemas).datasets.keys.sorted()
    }

    /// Folders of restricted codelists: the shipped ones, then a home's own.
    func restricted(_ home: Home) -> [String] {
        [root + "/Policies", home.layout.root + "/policies"].map { $0 + "/restricted" }
    }

    /// A home's own policies in the place of the shipped ones, if it has any.
    package func policies(_ home: Home) -> URL {
        URL(filePath: hasOwnPolicies(home) ? home.layout.root + "/policies" : root + "/Policies")
    }

    /// A home may also add restricted codelists and keep the shipped policies.
    func hasOwnPolicies(_ home: Home) -> Bool {
        let files = try? FileManager.default.contentsOfDirectory(atPath: home.layout.root + "/policies")
        return files.map { $0 != ["restricted"] } ?? false
    }
}
