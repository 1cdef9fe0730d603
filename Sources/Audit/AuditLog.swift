package import Store

/// The node's transparency log: appends records, keeps the tree, signs its head.
///
/// A leaf is a commitment to a record; record and nonce stay in ``ControlStore`` and may be erased, tiles and
/// checkpoint below the log's directory carry hashes only and may be shown to anyone.
///
///     let entry = try await log.append(AuditRecord(kind: .release, at: now, details: ["query": id]))
///     // durable: now the release may leave
///
/// Appends that arrive together share one transaction, so one sync of the disk.
///
/// INVARIANT: the order of writing is records, tiles, checkpoint, each durable before the next. So the
/// records are never fewer than the checkpoint says, unless somebody cut them: opening such a log is refused.
package actor AuditLog {
    /// The table of records; to be given to ``ControlStore``.
    package static var migrations: [ControlMigration] { RecordTable.migrations }

    private let tiles: TileStore
    private let directory: String
    let store: ControlStore
    let origin: String
    private let signer: AuditSigner
    private var tree: TreeBuilder
    private var signedSize: Int
    /// Full tiles written since the last checkpoint, not synced yet.
    private var unsynced: [Tile] = []
    private var waiting: [Waiting] = []
    private var isFlushing = false
    private var isBroken = false
    /// Tiles that were missing or short when the log was opened, and were made again from the records.
    package let mendedTiles: Int

    private struct Waiting {
        let prepared: RecordTable.Prepared
        let continuation: CheckedContinuation<LogEntry, any Error>
    }

    /// Opens the log, or begins one (with a signed checkpoint of size 0) when there are no records.
    ///
    /// Rebuilds the tree from the records' commitments, and so costs a hash a record: about a second a
    /// million in a release build. The node holds ``HomeLock`` while a log is open.
    ///
    /// - Throws: ``AuditError`` when records were cut below the checkpoint, or say another tree than was
    ///   signed, or a tile disagrees with them.
    package init(directory: String, store: ControlStore, origin: String, signer: AuditSigner) throws {
        let tiles = TileStore(directory: directory)
        try PrivateFile.makeDirectories(directory)
        let note = try Self.readCheckpoint(directory)
        let signed = try note.map {
            try Checkpoint.verify($0, name: signer.name, publicKey: signer.publicKey)
        }
        let restored = try store.read { db in
            try LogRestorer.restore(from: db, signed: signed, tiles: tiles)
        }
        if signed == nil {
            guard restored.tree.size == 0 else {
                throw AuditError(
                    .checkpointMissing,
                    "the log has records but no checkpoint at \(directory)/checkpoint: restore the file.")
            }
            let first = Checkpoint(origin: origin, size: 0, root: .empty)
            try PrivateFile.write(first.signed(by: signer).utf8, to: Self.checkpointPath(directory))
        } else if signed?.origin != origin {
            throw AuditError(.mismatch, "the checkpoint is of another log than this node's.")
        }
        self.tiles = tiles
        self.directory = directory
        self.store = store
        self.origin = origin
        self.signer = signer
        tree = restored.tree
        unsynced = restored.beyondCheckpoint
        mendedTiles = restored.mended
        signedSize = signed?.size ?? 0
    }

    /// Records in the log.
    package var size: Int { tree.size }

    /// The root over all of them.
    package var rootHash: TreeHash { tree.root }

    /// Writes a record down; durable when it returns.
    package func append(_ record: AuditRecord) async throws -> LogEntry {
        let prepared = RecordTable.Prepared(record)
        return try await withCheckedThrowingContinuation { continuation in
            waiting.append(Waiting(prepared: prepared, continuation: continuation))
            guard !isFlushing else { return }
            isFlushing = true
            Task { await flush() }
        }
    }

    /// Writes everything that waits, batch after batch, in order.
    private func flush() async {
        while !waiting.isEmpty {
            let batch = waiting
            waiting = []
            do {
                let entries = try await write(batch.map(\.prepared))
                for (entry, waiter) in zip(entries, batch) { waiter.continuation.resume(returning: entry) }
            } catch {
                for waiter in batch { waiter.continuation.resume(throwing: error) }
            }
        }
        isFlushing = false
    }

    private func write(_ batch: [RecordTable.Prepared]) async throws -> [LogEntry] {
        guard !isBroken else {
            throw AuditError(.broken, "an earlier write to the log failed: restart the node.")
        }
        let start = tree.size
        // Whether a failed commit reached the disk cannot be known: only opening the log again tells.
        do {
            try await store.write { db in try RecordTable.insert(batch, at: start, into: db) }
            return try batch.enumerated().map { offset, prepared in
                try tree.append(prepared.leafHash) { tile, hashes in
                    try tiles.write(tile, hashes, isDurable: false)
                    unsynced.append(tile)
                }
                return LogEntry(
                    index: start + offset, commitment: prepared.commitment, leafHash: prepared.leafHash)
            }
        } catch {
            isBroken = true
            throw error
        }
    }

    /// Signs the tree as it stands, after its tiles are durable; returns the note, which also is the file
    /// `checkpoint` in the log's directory. Nothing new: the note that is there.
    package func checkpoint() throws -> String {
        guard !isBroken else {
            throw AuditError(.broken, "an earlier write to the log failed: restart the node.")
        }
        if tree.size == signedSize, let note = try Self.readCheckpoint(directory) { return note }
        let partials = Tile.partials(size: tree.size)
        for tile in partials { try tiles.write(tile, tree.edges[tile.level], isDurable: false) }
        try tiles.sync(unsynced + partials)
        let note = try Checkpoint(origin: origin, size: tree.size, root: tree.root).signed(by: signer)
        try PrivateFile.write(note.utf8, to: Self.checkpointPath(directory))
        unsynced = []
        signedSize = tree.size
        return note
    }

    /// The proof that the record at an index is in the log as it was at a size.
    package func inclusionProof(index: Int, size: Int) throws -> [TreeHash] {
        guard index >= 0, index < size, size <= tree.size else {
            throw AuditError(.outOfRange, "there is no record \(index) in a log of \(size).", index: index)
        }
        return try TreeProof.inclusion(index: index, size: size, subtree: subtree)
    }

    /// The proof that the log at the newer size begins with the log at the older one.
    package func consistencyProof(from old: Int, to new: Int) throws -> [TreeHash] {
        guard old >= 0, old <= new, new <= tree.size else {
            throw AuditError(.outOfRange, "the log has no sizes \(old) and \(new).")
        }
        return try TreeProof.consistency(from: old, to: new, subtree: subtree)
    }

    /// Forgets records and their nonces; their commitments stay, so the tree does not change. The caller
    /// appends a record of kind `administration` that says so.
    package func erase(_ indices: [Int]) async throws {
        try await store.write { db in try RecordTable.erase(indices, in: db) }
    }

    private func subtree(level: Int, index: Int) throws -> TreeHash {
        let (tileLevel, height) = level.quotientAndRemainder(dividingBy: Tile.height)
        let (tileIndex, place) = (index << height).quotientAndRemainder(dividingBy: Tile.fullWidth)
        let atLevel = tree.size >> (Tile.height * tileLevel)
        let hashes: [TreeHash]
        if tileIndex == atLevel / Tile.fullWidth {
            hashes = tree.edges[tileLevel]
        } else {
            let tile = Tile(level: tileLevel, index: tileIndex, width: Tile.fullWidth)
            hashes = try tiles.read(tile) ?? []
        }
        guard hashes.count >= place + 1 << height else {
            throw AuditError(
                .mismatch, "a tile of the log is missing or short: run 'concordat audit verify'.")
        }
        return TreeHash.root(ofPerfect: hashes[place..<place + 1 << height])
    }

    static func checkpointPath(_ directory: String) -> String { directory + "/checkpoint" }

    static func readCheckpoint(_ directory: String) throws -> String? {
        try PrivateFile.read(checkpointPath(directory)).map { String(decoding: $0, as: UTF8.self) }
    }
}
