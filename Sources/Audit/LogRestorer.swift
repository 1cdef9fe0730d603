import GRDB

/// Brings the tree back from the records when a log is opened, and mends what a crash left undone.
enum LogRestorer {
    struct Restored {
        var tree = TreeBuilder()
        var mended = 0
        /// Full tiles that no checkpoint covers yet, and so may not be durable.
        var beyondCheckpoint: [Tile] = []
    }

    static func restore(from db: Database, signed: Checkpoint?, tiles: TileStore) throws -> Restored {
        var restored = Restored()
        let signedSize = signed?.size ?? 0
        if let signed, signed.size == 0 { try check(restored.tree, against: signed) }
        try RecordTable.forEachLeaf(in: db) { index, leaf in
            guard index == restored.tree.size else {
                throw AuditError(
                    .mismatch, "record \(restored.tree.size) of the log is missing.",
                    index: restored.tree.size)
            }
            var filled: [(Tile, [TreeHash])] = []
            restored.tree.append(leaf) { filled.append(($0, $1)) }
            for (tile, hashes) in filled {
                try mend(tile, hashes, tiles, &restored)
                if restored.tree.size > signedSize { restored.beyondCheckpoint.append(tile) }
            }
            guard let signed, restored.tree.size == signed.size else { return }
            try check(restored.tree, against: signed)
            for tile in Tile.partials(size: signed.size) {
                try mend(tile, restored.tree.edges[tile.level], tiles, &restored)
            }
        }
        guard restored.tree.size >= signedSize else {
            throw AuditError(
                .truncated,
                "the log holds \(restored.tree.size) records but its checkpoint says \(signedSize): the "
                    + "control store was restored from an older copy, or cut.",
                index: restored.tree.size)
        }
        return restored
    }

    private static func check(_ tree: TreeBuilder, against signed: Checkpoint) throws {
        guard tree.root == signed.root else {
            throw AuditError(
                .mismatch,
                "the log's records are not those its checkpoint was signed for: run 'concordat audit verify'."
            )
        }
    }

    /// A tile that is missing or was cut short is written again; one that differs is not touched.
    private static func mend(
        _ tile: Tile, _ hashes: [TreeHash], _ tiles: TileStore, _ restored: inout Restored
    ) throws {
        let found = try tiles.read(tile) ?? []
        if found == hashes { return }
        guard found.count < hashes.count, hashes.starts(with: found) else {
            throw AuditError(
                .mismatch,
                "the file \(tile.path) of the log was changed: run 'concordat audit verify'.")
        }
        try tiles.write(tile, hashes, isDurable: true)
        restored.mended += 1
    }
}
