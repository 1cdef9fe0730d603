internal import Audit
internal import FHIR
internal import Foundation
internal import Store

/// One export from the request to the warehouse: kick-off, waiting, files, ingest, and the end that is told to the server.
///
/// Every step is written down before the next begins, so that the same command carries on after a crash; taking files
/// in twice changes nothing.
struct BulkExport: Sendable {
    let context: NodeContext
    let source: BulkSource
    let command: BulkIngestCommand
    let session: BulkSession
    let store: BulkStore
    let progress: ProgressSink

    /// The folder of an export in the home.
    static func directory(_ id: Int64, in context: NodeContext) -> String {
        "\(context.home.layout.bulkDirectory)/\(id)"
    }

    func run() async throws -> IngestReport {
        try await Self.sweep(context, store)
        var notes: [String] = []
        if let open = try await store.open(source) {
            try check(open)
            do {
                return try await carryOn(open)
            } catch let error as BulkError where error.code == .gone {
                notes.append(
                    "export \(open.id) of before could not be carried on: \(error); a new one was asked for")
            }
        }
        var report = try await carryOn(try await begin())
        report.notes = notes + report.notes
        return report
    }

    /// Whoever names another beginning does not mean the export that is under way.
    private func check(_ open: BulkStore.Export) throws {
        guard command.since != nil || command.isFull, command.since != open.since else { return }
        throw BulkError(
            .busy,
            "export \(open.id) of this source is under way, \(open.since.map { "since \($0)" } ?? "of everything"): run "
                + "without --since and --full to carry it on, or withdraw it by 'concordat bulk cancel \(open.id)'"
        )
    }

    private func begin() async throws -> BulkStore.Export {
        let remembered = command.isFull ? nil : try await store.since(source)
        let since = command.since ?? remembered
        progress("asking for the export", 0, 1, "")
        let url = try await session.kickOff(source, since: since).absoluteString
        return try await store.begin(
            source, since: since,
            BulkStore.Secrets(
                statusURL: url, nextURL: url, client: command.client, settings: command.settings,
                allowed: command.allowed),
            at: Clock.now)
    }

    /// From wherever it stands to its end.
    private func carryOn(_ export: BulkStore.Export) async throws -> IngestReport {
        do {
            return try await take(export)
        } catch let error as BulkError where error.leavesExport {
            throw error
        } catch let error as BulkError {
            try await giveUp(export, .failed)
            throw error
        } catch  where Task.isCancelled || error is CancellationError {
            // A terminal that was closed is no wish to withdraw it: whoever has one says so by a command.
            throw BulkError(.interrupted, "interrupted: the same command carries on with export \(export.id)")
        }
    }

    private func take(_ export: BulkStore.Export) async throws -> IngestReport {
        let polling = BulkPolling(session: session, store: store, progress: progress)
        var secrets = export.state == .ready ? try store.secrets(export) : try await polling.run(export)
        let directory = Self.directory(export.id, in: context)
        let fetch = BulkFetch(
            export: export.id, directory: directory, session: session, store: store,
            meter: FetchMeter(progress))
        var files = BulkFile.all(secrets.pages)
        let resources: [Int: Int]
        do {
            resources = try await fetch.all(files)
        } catch let error as BulkError where error.code == .gone {
            // Addresses of files may be good for a while only.
            secrets = try await renewed(export, files, polling, error)
            files = BulkFile.all(secrets.pages)
            resources = try await fetch.all(files)
        }
        let issues = try Self.issues(files, in: directory)
        var report = try await ingest(directory)
        report.notes += try await notes(export, secrets, files, resources, issues)
        try await end(export, secrets, issues, files.count, isWhole: report.faults.isEmpty)
        return report
    }

    /// The manifest with new addresses of the same files.
    /// - Throws: the error that led here if they are not the same.
    private func renewed(
        _ export: BulkStore.Export, _ files: [BulkFile], _ polling: BulkPolling, _ error: BulkError
    ) async throws -> BulkStore.Secrets {
        let before = try await store.export(export.id).map { try store.secrets($0) }
        let renewed = try await polling.again(export)
        let now = BulkFile.all(renewed.pages)
        guard renewed.pages.first?.transactionTime == before?.pages.first?.transactionTime,
            now.count == files.count, zip(now, files).allSatisfy({ $0.isSame(as: $1) }),
            now.map(\.url) != files.map(\.url)
        else { throw error }
        try await store.update(export.id, .ready, renewed)
        return renewed
    }

    private func ingest(_ directory: String) async throws -> IngestReport {
        // An export since the last one may well hold nothing.
        guard try !ExportFolder(path: directory).files.isEmpty else { return IngestReport() }
        return try await ControllerAdministration(context: context).ingest([directory], progress: progress)
    }

    private static func issues(_ files: [BulkFile], in directory: String) throws -> BulkIssues {
        var issues = BulkIssues()
        for file in files where file.kind == .error { try issues.read(BulkFetch.path(file, in: directory)) }
        return issues
    }

    /// Everything is in the warehouse: that is written down first, then the files go, then the server is told.
    private func end(
        _ export: BulkStore.Export, _ secrets: BulkStore.Secrets, _ issues: BulkIssues, _ files: Int,
        isWhole: Bool
    ) async throws {
        let asOf = secrets.pages.first?.transactionTime ?? ""
        // What was damaged is asked for again.
        let next = try await next(export, isWhole ? asOf : "", issues)
        var details = [
            "act": "bulk-export", "source": source.base, "level": source.level.text, "files": String(files),
            "as-of": BulkInstant.isValid(asOf) ? asOf : "unknown", "issues": String(issues.errors),
        ]
        details["since"] = export.since
        _ = try await context.audit.append(AuditRecord(kind: .ingest, at: Clock.now, details: details))
        try await store.end(export.id, .taken, next: next, at: Clock.now)
        try Self.remove(export.id, context)
        _ = await session.withdraw(secrets.statusURL)
    }

    /// From when the next export is asked: nothing that was never asked for, or that the server could not give, is
    /// passed over.
    func next(_ export: BulkStore.Export, _ asOf: String, _ issues: BulkIssues) async throws -> String? {
        let remembered = try await store.since(source)
        guard BulkInstant.leavesNoGap(from: remembered, to: export.since) else { return remembered }
        // What the server withheld is in none of the files: it is asked for again from the same time on.
        guard await session.tokens.withheld.isEmpty else { return export.since }
        return issues.errors == 0 && BulkInstant.isValid(asOf) ? asOf : export.since
    }

    // MARK: - Ends of other kinds

    /// Withdraws an export at the server and here.
    /// - Returns: whether the server has heard.
    @discardableResult
    func cancel(_ export: BulkStore.Export) async throws -> Bool {
        let isHeard = await session.withdraw(try store.secrets(export).statusURL)
        try await giveUp(export, .cancelled)
        return isHeard
    }

    private func giveUp(_ export: BulkStore.Export, _ state: BulkStore.State) async throws {
        try await store.end(export.id, state, next: nil, at: Clock.now)
        try Self.remove(export.id, context)
    }

    private static func remove(_ id: Int64, _ context: NodeContext) throws {
        let path = directory(id, in: context)
        guard PrivateFile.exists(path) else { return }
        do { try FileManager.default.removeItem(atPath: path) } catch {
            // The export itself may have been at it.
            if PrivateFile.exists(path) { throw error }
        }
    }

    /// Removes what a crash left of exports that have ended: files of patients' data.
    static func sweep(_ context: NodeContext, _ store: BulkStore) async throws {
        let root = context.home.layout.bulkDirectory
        guard PrivateFile.exists(root) else { return }
        for name in try PrivateFile.names(in: root) {
            guard let id = Int64(name) else { continue }
            if try await store.export(id)?.state.isOpen != true { try remove(id, context) }
        }
    }
}
