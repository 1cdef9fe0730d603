internal import Core
internal import Foundation
internal import Store
internal import Synchronization
internal import Warehouse

/// Columnar copies of the publications of a PostgreSQL warehouse, one DuckDB file each, which questions are run on.
///
/// PostgreSQL stays the record: a copy is made from it when a publication is made, and everything else that is done to
/// data is done there. Only what belongs to questions themselves, such as the table of those who objected, is made in
/// the copy. A file has its name only when it is whole and on the disk: a node that is killed at any moment finds the
/// copies of before, or the new one as well; and questions go to the copy of the publication that is in force.
///
/// INVARIANT: a publication that has a copy keeps it for as long as it is there itself, for what was asked of it is
/// remembered in the copy's dialect.
final class ColumnarSnapshots: Sendable {
    private struct State {
        var present: Set<Int> = []
        /// With the reference tables that the copy has then.
        var opened: [Int: (references: String, task: Task<DuckDBEngine, any Error>)] = [:]
    }

    /// Whether publications that are made from now on get a copy.
    let isKept: Bool
    private let directory: String
    private let settings: DuckDBSettings
    private let state: Mutex<State>

    /// Not that of the publication's schema: DuckDB calls a database after its file, and the two would be ambiguous.
    private static let prefix = "publication_"
    private static let suffix = ".duckdb"
    private static let unfinished = ".new"

    /// - Parameter directory: made when the first copy is.
    init(directory: String, isKept: Bool, settings: DuckDBSettings) {
        (self.directory, self.isKept, self.settings) = (directory, isKept, settings)
        var state = State()
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            if name.contains(Self.unfinished) {
                try? FileManager.default.removeItem(atPath: directory + "/" + name)
            } else if name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix),
                let id = Int(name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
            {
                state.present.insert(id)
            }
        }
        self.state = Mutex(state)
    }

    private func path(_ id: Int) -> String { "\(directory)/\(Self.prefix)\(id)\(Self.suffix)" }

    /// Whether questions about a publication are run on a copy.
    func has(_ id: Int) -> Bool { state.withLock { $0.present.contains(id) } }

    /// The copy of a publication, opened when the first question needs it; nil where it has none.
    /// - Parameter record: the warehouse itself.
    func engine(_ id: Int, record: any Engine) async throws -> (any Engine)? {
        guard has(id) else { return nil }
        // What was loaded since is taken over before the question is run.
        let references = try await record.withSession { try await PublicationCopy.references(in: $0) }
        let task = state.withLock { state -> Task<DuckDBEngine, any Error>? in
            guard state.present.contains(id) else { return nil }
            let opened = state.opened[id]
            if let opened, opened.references == references { return opened.task }
            let task = Task {
                let engine: DuckDBEngine
                if let opened {
                    engine = try await opened.task.value
                } else {
                    engine = try await self.opening(id)
                }
                try await PublicationCopy(record: record, target: engine).refreshReferences(references)
                return engine
            }
            state.opened[id] = (references, task)
            return task
        }
        guard let task else { return nil }
        do {
            return try await task.value
        } catch {
            // The next question opens it anew.
            state.withLock { if $0.opened[id]?.task == task { $0.opened[id] = nil } }
            throw error
        }
    }

    private func opening(_ id: Int) async throws -> DuckDBEngine {
        let engine = try await DuckDBEngine(path: path(id), settings: settings)
        try await engine.lockDown()
        return engine
    }

    /// Makes the copy of a publication, in the place of one that an attempt before may have left.
    func write(_ id: Int, from record: any Engine) async throws {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let new = path(id) + Self.unfinished
        for suffix in ["", ".wal"] { try? FileManager.default.removeItem(atPath: new + suffix) }
        let engine = try await DuckDBEngine(path: new, settings: settings)
        do {
            try await PublicationCopy(record: record, target: engine).make(SiteSchema.snapshot(id))
            await engine.close()
        } catch {
            await engine.close()
            throw error
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: new)
        await forget([id])
        try Self.settle(new, at: path(id), in: directory)
        _ = state.withLock { $0.present.insert(id) }
    }

    /// Puts a file under its name for good: its bytes first, then the name.
    private static func settle(_ new: String, at path: String, in directory: String) throws {
        for (name, flags) in [(new, O_RDWR), (directory, O_RDONLY | O_DIRECTORY)] {
            if name == directory, rename(new, path) != 0 { throw failure("rename") }
            let descriptor = open(name, flags | O_CLOEXEC)
            guard descriptor >= 0 else { throw failure("open") }
            defer { _ = close(descriptor) }
            guard fsync(descriptor) == 0 else { throw failure("fsync") }
        }
    }

    private static func failure(_ call: String) -> NodeError {
        NodeError(
            .input,
            "the columnar copy of the publication could not be kept (\(call), errno \(errno)): "
                + "is there room on the disk of the home?")
    }

    /// Removes the copies of publications that are there no more: a crash came between the two.
    func sweep(keeping there: Set<Int>) async {
        await remove(state.withLock { $0.present }.subtracting(there))
    }

    /// Publications that are gone.
    func remove(_ ids: Set<Int>) async {
        state.withLock { $0.present.subtract(ids) }
        await forget(ids)
        for id in ids {
            for suffix in ["", ".wal"] { try? FileManager.default.removeItem(atPath: path(id) + suffix) }
        }
    }

    /// Closes copies; questions under way end on them.
    private func forget(_ ids: Set<Int>) async {
        let opened = state.withLock { state in
            let opened = ids.compactMap { state.opened[$0]?.task }
            for id in ids { state.opened[id] = nil }
            return opened
        }
        for task in opened { await (try? task.value)?.close() }
    }

    func closeAll() async { await forget(state.withLock { Set($0.opened.keys) }) }
}

extension NodeContext {
    /// The columnar copies of a home; only a PostgreSQL warehouse uses them.
    static func snapshots(_ home: Home) -> ColumnarSnapshots {
        let configuration = home.configuration
        var settings = DuckDBSettings()
        settings.memoryLimitMegabytes = configuration.memoryLimitMegabytes
        if configuration.engineThreads > 0 { settings.threads = configuration.engineThreads }
        if !configuration.duckdbLibrary.isEmpty { settings.library = configuration.duckdbLibrary }
        return ColumnarSnapshots(
            directory: home.layout.root + "/snapshots", isKept: configuration.warehouseSnapshot,
            settings: settings)
    }
}
