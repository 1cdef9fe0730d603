import GRDB
package import Store

/// Checks a log offline, from its files and records alone, believing nothing but the public key.
package enum AuditVerifier {
    /// Hashes every record that is still there, rebuilds all tiles and the root, and compares them with the
    /// files and the signed checkpoint.
    ///
    /// What it cannot see: that records after the last checkpoint were cut, or that all of home was replaced
    /// by an older copy. Witnesses' checkpoints are for that.
    ///
    /// - Throws: only when something cannot be read; what is wrong is in the report.
    package static func verify(
        directory: String, store: ControlStore, origin: String, publicKey: [UInt8]
    ) throws -> VerificationReport {
        var run = VerificationRun(tiles: TileStore(directory: directory))
        run.readCheckpoint(
            try AuditLog.readCheckpoint(directory), origin: origin, publicKey: publicKey)
        try store.read { db in
            try RecordTable.forEach(in: db) { row in try run.take(row) }
        }
        try run.finish()
        return run.report
    }
}

/// One pass over the records, in order.
private struct VerificationRun {
    let tiles: TileStore
    var report = VerificationReport()
    private var tree = TreeBuilder()
    private var signed: Checkpoint?

    init(tiles: TileStore) { self.tiles = tiles }

    mutating func readCheckpoint(_ note: String?, origin: String, publicKey: [UInt8]) {
        guard let note else {
            report.add(.checkpointMissing, "the log has no checkpoint.")
            return
        }
        do {
            let checkpoint = try Checkpoint.verify(note, name: origin, publicKey: publicKey)
            guard checkpoint.origin == origin else {
                report.add(.checkpointInvalid, "the checkpoint is of another log.")
                return
            }
            signed = checkpoint
            report.checkpointSize = checkpoint.size
        } catch {
            report.add(.checkpointInvalid, error.message)
        }
    }

    mutating func take(_ row: RecordTable.Row) throws {
        while tree.size < row.index, report.problems.count < VerificationReport.limit {
            // A placeholder keeps what follows in its place; the tile then shows the difference too.
            report.add(.recordMissing, at: tree.size, "record \(tree.size) is missing.")
            try grow(.empty)
        }
        guard row.index == tree.size else { return }
        report.size += 1
        if let opening = row.opening {
            let commitment = RecordTable.commitment(nonce: opening.nonce, json: opening.json)
            if commitment == row.commitment {
                report.recordsChecked += 1
            } else {
                report.add(.recordChanged, at: row.index, "record \(row.index) was changed.")
            }
        } else {
            report.recordsErased += 1
        }
        try grow(TreeHash.leaf(row.commitment))
    }

    private mutating func grow(_ leaf: TreeHash) throws {
        var filled: [(Tile, [TreeHash])] = []
        tree.append(leaf) { filled.append(($0, $1)) }
        for (tile, hashes) in filled {
            try compare(tile, hashes, isNeeded: tree.size <= signed?.size ?? 0)
        }
        guard let signed, tree.size == signed.size else { return }
        for tile in Tile.partials(size: signed.size) {
            try compare(tile, tree.edges[tile.level], isNeeded: true)
        }
        compareRoot(signed)
    }

    private mutating func compareRoot(_ signed: Checkpoint) {
        if tree.root != signed.root {
            report.add(.rootChanged, "the records' root is not the one that was signed.")
        }
    }

    private mutating func compare(_ tile: Tile, _ hashes: [TreeHash], isNeeded: Bool) throws {
        guard let found = try tiles.read(tile) else {
            if isNeeded { report.add(.tileMissing, "the file \(tile.path) is missing.") }
            return
        }
        report.tilesChecked += 1
        if found == hashes { return }
        let place = zip(found, hashes).enumerated().first { $1.0 != $1.1 }?.offset
        let offset = place ?? min(found.count, hashes.count)
        let leaf = (tile.index * Tile.fullWidth + offset) << (Tile.height * tile.level)
        report.add(
            .tileChanged, at: leaf,
            "the file \(tile.path) is not what the records say, from record \(leaf) on.")
    }

    mutating func finish() throws {
        guard let signed else { return }
        if signed.size == 0 { compareEmpty(signed) }
        if tree.size < signed.size {
            report.add(
                .truncated, at: tree.size,
                "the log holds \(tree.size) records, but \(signed.size) were signed for.")
        }
    }

    private mutating func compareEmpty(_ signed: Checkpoint) {
        if signed.root != .empty { report.add(.rootChanged, "the signed root of no records is wrong.") }
    }
}
